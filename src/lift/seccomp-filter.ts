/** A filter of system calls by the text of its profile, as readers of containers, pods and profiles alike ask it. */
import type { Bdd, Root } from "../authority/bdd.ts";
import { createCallDiagram } from "../authority/calls.ts";
import { recently } from "../authority/recent.ts";
import { liftSeccomp, readSeccomp, type SeccompProfileJson } from "./seccomp.ts";
import { listens, makesSockets, socketNames } from "./sockets.ts";

/** A filter. */
export interface SeccompFilter {
  /** What it lets through; the same function for the same text. @throws BudgetExceeded */
  readonly calls: (bdd: Bdd) => Root;
  /** Whether it lets a socket of one of some families be made. */
  readonly makes: (families: readonly number[]) => boolean;
  /** Whether it lets a socket be given an address, or be listened on. */
  readonly listens: () => boolean;
}

/** A profile of the calls only that have a say in sockets: whatever else it says is not asked. */
function ofSockets(profile: SeccompProfileJson): SeccompProfileJson {
  const entries = profile.syscalls.map((entry) => ({
    ...entry,
    names: entry.names.filter((name) => socketNames.has(name)),
  }));
  return { ...profile, syscalls: entries.filter(({ names }) => names.length > 0) };
}

function filterOf(profile: SeccompProfileJson): SeccompFilter {
  let sockets: { readonly bdd: Bdd; readonly root: Root } | undefined;
  const made = (): { readonly bdd: Bdd; readonly root: Root } => {
    if (!sockets) {
      const bdd = createCallDiagram();
      sockets = { bdd, root: liftSeccomp(bdd, ofSockets(profile)) };
    }
    return sockets;
  };
  return {
    calls: (bdd) => liftSeccomp(bdd, profile),
    makes: (families) => makesSockets(made().bdd, made().root, families),
    listens: () => listens(made().bdd, made().root),
  };
}

const recent = recently<SeccompFilter>();

/** The filter of a profile. @throws SeccompError */
export function seccompFilter(text: string): SeccompFilter {
  return recent(text, () => filterOf(readSeccomp(text)));
}
