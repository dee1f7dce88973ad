/** What one artifact permits beyond another of its kind, slice by slice, each with an operation that shows it. */
import { type Authority, isolationChain, type LimitBounds } from "../authority/authority.ts";
import { always, BudgetExceeded, intersection, without } from "../authority/bdd.ts";
import { entries, leastCall, possibleCalls } from "../authority/calls.ts";
import { wholeHost } from "../authority/mounts.ts";
import { leastPeer, possiblePeers } from "../authority/network.ts";
import { fileOutside } from "../authority/paths.ts";
import { permittedCalls, type Workspace } from "./decide.ts";
import type { Slice, Witness } from "./witness.ts";

/** What comparing gave: what is permitted beyond, and the slices that were too large to decide. */
export interface ArtifactComparison {
  readonly excesses: readonly Witness[];
  readonly undecided: readonly Slice[];
}

type Comparer = (a: Authority, b: Authority, space: Workspace) => Witness | undefined;

function call(a: Authority, b: Authority, space: Workspace): Witness | undefined {
  const { calls: bdd } = space;
  const mine = permittedCalls(a, space) ?? always;
  const beyond = without(bdd, mine, permittedCalls(b, space) ?? always);
  const found = leastCall(bdd, intersection(bdd, beyond, possibleCalls(bdd, entries)));
  return found && { slice: "syscalls", call: found };
}

function variable({ environment: a }: Authority, { environment: b }: Authority): Witness | undefined {
  if (b === undefined || b === "any") return undefined;
  if (a === undefined || a === "any") return { slice: "env", everything: true };
  const odd = [...a].find(
    ([name, value]) => !b.has(name) || (b.get(name) !== undefined && b.get(name) !== value),
  );
  return odd && { slice: "env", name: odd[0], ...(odd[1] !== undefined && { value: odd[1] }) };
}

function user({ identity: a }: Authority, { identity: b }: Authority): Witness | undefined {
  if (!b) return undefined;
  if (!a) return { slice: "user", everything: true };
  const says = (what: string): Witness => ({ slice: "user", what });
  if (b.user.kind !== "any" && JSON.stringify(a.user) !== JSON.stringify(b.user))
    return says(
      `run as ${"uid" in a.user ? `${a.user.uid}:${a.user.gid}` : "name" in a.user ? a.user.name : a.user.kind}`,
    );
  if (b.noNewPrivileges && !a.noNewPrivileges) return says("gain privileges by executing a setuid program");
  const { capabilities: held } = b;
  if (held === "all") return undefined;
  if (a.capabilities === "all") return says("use any capability");
  const more = [...a.capabilities].find((name) => !held.has(name));
  return more === undefined ? undefined : says(`use ${more}`);
}

function limit({ limits: a = {} }: Authority, { limits: b = {} }: Authority): Witness | undefined {
  const odd = (Object.entries(b) as [keyof LimitBounds, number][]).find(
    ([name, most]) => (a[name] ?? Number.POSITIVE_INFINITY) > most,
  );
  return odd && { slice: "limits", what: `${odd[0]} ${a[odd[0]] ?? "without a limit"}, and not ${odd[1]}` };
}

function among(
  slice: "processes" | "services",
  a: Iterable<string> | undefined,
  b: Iterable<string> | undefined,
): Witness | undefined {
  if (b === undefined) return undefined;
  if (a === undefined) return { slice, everything: true };
  const known = new Set(b);
  const more = [...a].find((name) => !known.has(name));
  return more === undefined ? undefined : { slice, what: more };
}

const comparers: Readonly<Record<Slice, Comparer>> = {
  files: (a, b) => {
    const file = fileOutside(a.files ?? wholeHost, b.files ?? wholeHost);
    return file && { slice: "files", file };
  },
  sockets: (a, b) => {
    const file = fileOutside(a.sockets ?? wholeHost, b.sockets ?? wholeHost);
    return file && { slice: "sockets", file };
  },
  network: (a, b, { network: bdd }) => {
    const beyond = without(bdd, a.network?.(bdd) ?? always, b.network?.(bdd) ?? always);
    const what = leastPeer(bdd, intersection(bdd, beyond, possiblePeers(bdd)));
    return what === undefined ? undefined : { slice: "network", what };
  },
  syscalls: call,
  processes: (a, b) => among("processes", a.processes, b.processes),
  services: (a, b) => among("services", a.services, b.services),
  env: variable,
  user,
  limits: limit,
  isolation: ({ isolation: a = "process" }, { isolation: b = "process" }) =>
    isolationChain.indexOf(a) < isolationChain.indexOf(b)
      ? { slice: "isolation", what: `run as a ${a}, and not in a ${b}` }
      : undefined,
};

/** What `a` permits beyond `b`. */
export function compareArtifacts(
  a: Authority,
  b: Authority,
  scope: readonly Slice[],
  space: Workspace,
): ArtifactComparison {
  const excesses: Witness[] = [];
  const undecided: Slice[] = [];
  for (const slice of scope) {
    try {
      const found = comparers[slice](a, b, space);
      if (found) excesses.push(found);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      undecided.push(slice);
    }
  }
  return { excesses, undecided };
}
