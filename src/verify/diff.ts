/** What changed between two policies: for each server what it may do now and could not before, and the other way round. */
import type { PolicyIr, ServerIr } from "../policy/ir.ts";
import { compare, type Excess, type PolicyDimension } from "./compare.ts";

/** What changed of one server. */
export interface ServerDifference {
  readonly server: string;
  /** Whether only one of the policies has it. */
  readonly presence: "both" | "added" | "removed";
  /** What the new policy permits and the old one did not. */
  readonly widened: readonly Excess[];
  /** What the old policy permitted and the new one does not. */
  readonly narrowed: readonly Excess[];
  /** Dimensions that were too large to compare: no answer, which counts as widened. */
  readonly undecided: readonly PolicyDimension[];
}

/** A server that may do nothing: what an absent one is compared with. */
export const nothing: ServerIr = {
  name: "nothing",
  runtime: { name: "none" },
  files: { grants: [], denies: [], credentials: [], sockets: [] },
  network: { loopback: false, any: false, connect: [], listen: [], origins: [] },
  unix: [],
  systemCalls: { exact: true, allow: [], denied: [] },
  environment: [],
  user: { kind: "any" },
  limits: {},
  isolation: { level: "process" },
  accepts: [],
};

/** Compares two policies server by server; order, layout and names of profiles make no difference. */
export function diffPolicies(before: PolicyIr, after: PolicyIr): readonly ServerDifference[] {
  const names = [...new Set([...before.servers, ...after.servers].map(({ name }) => name))].sort();
  return names.map((server) => {
    const old = before.servers.find(({ name }) => name === server);
    const now = after.servers.find(({ name }) => name === server);
    const more = compare(now ?? nothing, old ?? nothing);
    const less = compare(old ?? nothing, now ?? nothing);
    return {
      server,
      presence: !old ? "added" : !now ? "removed" : "both",
      widened: more.excesses,
      narrowed: less.excesses,
      undecided: [...new Set([...more.undecided, ...less.undecided])],
    };
  });
}

/** Whether anything may be done now that could not be before, or could not be told. */
export function isWidened(differences: readonly ServerDifference[]): boolean {
  return differences.some(({ widened, undecided }) => widened.length > 0 || undecided.length > 0);
}
