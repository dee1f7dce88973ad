/** How what one artifact permits lies to what another does: decided slice by slice, in both directions. */
import { isDeepStrictEqual } from "node:util";
import { type Authority, isolationChain } from "../../../src/authority/authority.ts";
import { always, type Bdd, type Root, without } from "../../../src/authority/bdd.ts";
import { fileOutside, type PathMachine } from "../../../src/authority/paths.ts";
import type { Workspace } from "../../../src/verify/decide.ts";

/** `other`: neither lies within the other. */
export type Relation = "equivalent" | "stricter" | "wider" | "other";

/** Whether the first lies within the second, and the second within the first. */
type Order = readonly [boolean, boolean];
const equal: Order = [true, true];

function orderOfRoots(bdd: Bdd, a: Root, b: Root): Order {
  return a === b ? equal : [without(bdd, a, b) === 0, without(bdd, b, a) === 0];
}

function orderOfMachines(a: PathMachine | undefined, b: PathMachine | undefined): Order {
  if (a === b) return equal;
  if (!a || !b) return [a !== undefined, b !== undefined];
  return [fileOutside(a, b) === undefined, fileOutside(b, a) === undefined];
}

/** Of lists: undefined is everything. */
function orderOfLists(a: Iterable<string> | undefined, b: Iterable<string> | undefined): Order {
  const [x, y] = [a && new Set(a), b && new Set(b)];
  const within = (one: typeof x, other: typeof x): boolean =>
    other === undefined || (one !== undefined && [...one].every((item) => other.has(item)));
  return [within(x, y), within(y, x)];
}

function orderOfLimits(a: Authority["limits"] = {}, b: Authority["limits"] = {}): Order {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof typeof a)[];
  const most = (of: typeof a, name: keyof typeof a): number => of[name] ?? Number.POSITIVE_INFINITY;
  return [
    names.every((name) => most(a, name) <= most(b, name)),
    names.every((name) => most(b, name) <= most(a, name)),
  ];
}

const variablesOf = ({ environment }: Authority): readonly string[] | undefined =>
  environment === undefined || environment === "any"
    ? undefined
    : [...environment].map(([name, value]) => JSON.stringify([name, value ?? null]));

function orderOfIdentities(a: Authority["identity"], b: Authority["identity"]): Order {
  if (!a || !b) return [a !== undefined || !b, b !== undefined || !a];
  const list = (of: typeof a): readonly string[] | undefined =>
    of.capabilities === "all" ? undefined : [...of.capabilities];
  const [fewer, more] = orderOfLists(list(a), list(b));
  const same = isDeepStrictEqual(a.user, b.user);
  return [
    fewer && (same || b.user.kind === "any") && (a.noNewPrivileges || !b.noNewPrivileges),
    more && (same || a.user.kind === "any") && (b.noNewPrivileges || !a.noNewPrivileges),
  ];
}

function orderOfLevels(a: Authority["isolation"] = "process", b: Authority["isolation"] = "process"): Order {
  const [x, y] = [isolationChain.indexOf(a), isolationChain.indexOf(b)];
  return [x >= y, y >= x];
}

/** What the first permits, beside what the second does. @throws BudgetExceeded */
export function relationOf(a: Authority, b: Authority, space: Workspace): Relation {
  const root = (bdd: Bdd, make: ((bdd: Bdd) => Root) | undefined): Root => make?.(bdd) ?? always;
  const orders = [
    orderOfRoots(space.calls, root(space.calls, a.calls), root(space.calls, b.calls)),
    orderOfRoots(space.network, root(space.network, a.network), root(space.network, b.network)),
    orderOfMachines(a.files, b.files),
    orderOfMachines(a.sockets, b.sockets),
    orderOfLists(a.processes, b.processes),
    orderOfLists(a.services, b.services),
    orderOfLists(variablesOf(a), variablesOf(b)),
    orderOfLimits(a.limits, b.limits),
    orderOfIdentities(a.identity, b.identity),
    orderOfLevels(a.isolation, b.isolation),
  ];
  const fewer = orders.every(([within]) => within);
  const more = orders.every(([, contains]) => contains);
  if (fewer) return more ? "equivalent" : "stricter";
  return more ? "wider" : "other";
}
