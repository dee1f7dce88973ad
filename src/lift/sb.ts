/**
 * What a Seatbelt profile permits. Its language is not documented: the model is Apple's rule compiler as it was published,
 * with the table of operations of macOS 10.15. A filter that is not decided counts as matching in an allow and as not
 * matching in a deny.
 *
 * Not modelled: volumes that fold the case of names, hard links that exist already, extensions that other processes issue,
 * the platform's own policy (which only takes away).
 */
import { everyRight, machineOf, type PathMachine, type rights } from "../authority/paths.ts";
import { type Authority, authoritiesOf } from "./sbpl/authorities.ts";
import { directions, type NetworkSlices, networkSlices } from "./sbpl/network.ts";
import { runProgram } from "./sbpl/program.ts";
import { readExpressions } from "./sbpl/read.ts";
import { type FileSlices, fileSlices, permitsPath, whyPermitted } from "./sbpl/rights.ts";
import { type Reason, type Table, tableOf } from "./sbpl/table.ts";

export type { Authority } from "./sbpl/authorities.ts";
export type { Direction, IpProtocol, NetworkGrant } from "./sbpl/network.ts";
export { SbError } from "./sbpl/read.ts";

/** All that a profile permits. */
export interface LiftedProfile extends FileSlices, NetworkSlices {
  readonly authorities: readonly Authority[];
  /** Where rules stand that let a program run outside of the sandbox: then nothing is denied. */
  readonly unsandboxed: readonly number[];
  /** Whether an operation may be permitted on a path by its own name. */
  readonly permits: (operation: string, path: string) => boolean;
  /** Which operation permits a right at a path by its own name, and the rule or default that does. */
  readonly why: (
    path: string,
    right: keyof typeof rights,
  ) => { readonly operation: string; readonly reason: Reason } | undefined;
}

const everything: PathMachine = machineOf<null>({
  start: null,
  step: () => null,
  rightsAt: () => everyRight,
  names: () => [],
  patterns: () => [],
  id: () => 0,
});

const anyAddress = directions.map((direction) => ({
  direction,
  protocols: ["tcp4", "tcp6", "udp4", "udp6", "other4", "other6"] as const,
  host: "any" as const,
  ports: [{ from: 0, to: 65535 }],
}));

/** A profile that a program can leave permits everything. */
function without(table: Table, unsandboxed: readonly number[]): LiftedProfile {
  return {
    files: everything,
    moved: () => everything,
    stat: everything,
    network: anyAddress,
    sockets: { connect: everything, bind: everything },
    otherFamilies: directions,
    authorities: authoritiesOf(table),
    unsandboxed,
    permits: () => true,
    why: (path, right) => whyPermitted(table, path, right),
  };
}

/**
 * Lifts a profile with its parameters bound.
 * @throws SbError when its meaning can't be told
 * @throws BudgetExceeded when it is too large
 */
export function liftProfile(
  source: string | Uint8Array,
  parameters: ReadonlyMap<string, string> = new Map(),
): LiftedProfile {
  const { rules, unsandboxed } = runProgram(readExpressions(source), parameters);
  const table = tableOf(rules);
  if (unsandboxed.length > 0)
    return without(
      table,
      unsandboxed.map((rule) => rule.at),
    );
  return {
    ...fileSlices(table),
    ...networkSlices(table),
    authorities: authoritiesOf(table),
    unsandboxed: [],
    permits: (operation, path) => permitsPath(table, operation, path) !== undefined,
    why: (path, right) => whyPermitted(table, path, right),
  };
}
