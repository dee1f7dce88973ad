/** Containment, slice by slice: whether what an artifact permits lies within what it may, and if not, what shows it. */
import { type Authority, type Identity, isolationChain } from "../authority/authority.ts";
import { always, type Bdd, BudgetExceeded, intersection, type Root, without } from "../authority/bdd.ts";
import { createCallDiagram, entries, leastCall, policyCalls, possibleCalls } from "../authority/calls.ts";
import { createNetworkDiagram, leastPeer, possiblePeers } from "../authority/network.ts";
import { fileOutside, type PathMachine } from "../authority/paths.ts";
import type { ServerIr, User } from "../policy/ir.ts";
import {
  type Allowed,
  allowedCalls,
  allowedFiles,
  allowedLimits,
  allowedNetwork,
  allowedSockets,
  allowedValue,
  type Strictness,
} from "./allowed.ts";
import type { Slice, Witness } from "./witness.ts";

/** What deciding one slice gave; `unknown` is a failure like any other. */
export type Decided =
  | { readonly kind: "within" }
  | { readonly kind: "beyond"; readonly witness: Witness }
  | { readonly kind: "unknown"; readonly reason: string };

const within: Decided = { kind: "within" };
const beyond = (witness: Witness | undefined): Decided =>
  witness === undefined ? within : { kind: "beyond", witness };
const everything = (slice: Slice): Decided => beyond({ slice, everything: true });

/** The diagrams of a decision, and what was made in them: the artifacts of one server share them. */
export interface Workspace {
  readonly calls: Bdd;
  readonly network: Bdd;
  /** By what they are of. */
  readonly roots: Map<string, Root>;
  readonly machines: Map<string, PathMachine>;
  /** What a filter lets through: several artifacts may have the same. */
  readonly permitted: Map<NonNullable<Authority["calls"]>, Root>;
}

/** A workspace for the artifacts of one server. */
export function createWorkspace(): Workspace {
  return {
    calls: createCallDiagram(),
    network: createNetworkDiagram(),
    roots: new Map(),
    machines: new Map(),
    permitted: new Map(),
  };
}

/** What is known by a key, or made once. */
export function remembered<K, T>(known: Map<K, T>, key: K, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}

/** The calls that an artifact lets through; undefined where it has no say in them. */
export function permittedCalls(authority: Authority, { calls: bdd, permitted }: Workspace): Root | undefined {
  const { calls } = authority;
  return calls && remembered(permitted, calls, () => calls(bdd));
}

/** The calls that a policy permits, taken as strictly as that. */
export function grantedCalls(
  server: ServerIr,
  { calls: bdd, roots }: Workspace,
  strictness: Strictness,
): Root {
  return remembered(roots, `policy ${strictness}`, () => policyCalls(bdd, server.systemCalls, strictness));
}

/** The calls that an artifact may let through. */
export function mayCall(allowed: Allowed, space: Workspace, strictness: Strictness): Root {
  const { calls: bdd, roots } = space;
  return remembered(roots, `${allowed.target} ${strictness}`, () =>
    allowedCalls(bdd, allowed, grantedCalls(allowed.server, space, strictness)),
  );
}

type Decider = (authority: Authority, allowed: Allowed, space: Workspace, strictness: Strictness) => Decided;

const files: Decider = ({ files: machine }, allowed, space, strictness) => {
  if (!machine) return everything("files");
  const key = `${allowed.target} ${strictness}`;
  const other = remembered(space.machines, key, () => allowedFiles(allowed, strictness));
  const file = fileOutside(machine, other);
  return beyond(file && { slice: "files", file });
};

const sockets: Decider = ({ sockets: machine }, allowed) => {
  if (!machine) return everything("sockets");
  const file = fileOutside(machine, allowedSockets(allowed));
  return beyond(file && { slice: "sockets", file });
};

const syscalls: Decider = (authority, allowed, space, strictness) => {
  const { calls: bdd, roots } = space;
  const permitted = permittedCalls(authority, space);
  if (permitted === undefined) return everything("syscalls");
  const possible = remembered(roots, "possible", () => possibleCalls(bdd, entries));
  const may = mayCall(allowed, space, strictness);
  const call = leastCall(bdd, without(bdd, intersection(bdd, possible, permitted), may));
  return beyond(call && { slice: "syscalls", call });
};

const network: Decider = (authority, allowed, { network: bdd }) => {
  const permitted = authority.network?.(bdd) ?? always;
  const root = without(bdd, intersection(bdd, permitted, possiblePeers(bdd)), allowedNetwork(bdd, allowed));
  const what = leastPeer(bdd, root);
  if (what !== undefined && !authority.network) return everything("network");
  return beyond(what === undefined ? undefined : { slice: "network", what });
};

const processes: Decider = ({ processes: reached }, { accepts }) => {
  if (accepts("processes.other")) return within;
  if (!reached) return everything("processes");
  const [first] = reached;
  return beyond(
    first === undefined ? undefined : { slice: "processes", what: `${first} of processes outside` },
  );
};

const services: Decider = ({ services: reached }, { floor }) => {
  if (!reached) return everything("services");
  const what = reached.find((name) => !floor.services.includes(name));
  return beyond(what === undefined ? undefined : { slice: "services", what });
};

const env: Decider = ({ environment }, allowed) => {
  if (!environment || environment === "any") return everything("env");
  const odd = [...environment].find(([name, value]) => !allowedValue(allowed, name, value));
  if (!odd) return within;
  const [name, value] = odd;
  return beyond({ slice: "env", name, ...(value !== undefined && { value }) });
};

/** Whether somebody is who a policy wants; without a clause it is any unprivileged user. */
function isWanted(user: Identity["user"], wanted: User): boolean {
  if (user.kind === "any" || (user.kind === "ids" && user.uid === 0)) return false;
  if (user.kind === "caller") return wanted.kind === "any";
  switch (wanted.kind) {
    case "any":
      return true;
    case "dynamic":
      return user.kind === "fresh";
    case "ids":
      return user.kind === "ids" && user.uid === wanted.uid && user.gid === wanted.gid;
    case "name":
      if (user.kind === "named") return user.name === wanted.name;
      return user.kind === "ids" && user.uid === wanted.uid && user.gid === wanted.gid;
  }
}

const nameOf = (user: Identity["user"]): string =>
  user.kind === "ids" ? `${user.uid}:${user.gid}` : user.kind === "named" ? user.name : user.kind;

const isRoot = ({ kind, ...user }: Identity["user"]): boolean =>
  kind === "any" || ("uid" in user && user.uid === 0);

function identityExcess(
  { user, capabilities, noNewPrivileges }: Identity,
  allowed: Allowed,
): string | undefined {
  const { server, accepts } = allowed;
  // That it is never root can't be accepted away.
  if (isRoot(user) || (!isWanted(user, server.user) && !accepts("user"))) return `run as ${nameOf(user)}`;
  if (!noNewPrivileges) return "gain privileges by executing a setuid program";
  if (capabilities === "all") return "use any capability";
  const [capability] = capabilities;
  return capability === undefined ? undefined : `use ${capability}`;
}

const user: Decider = ({ identity }, allowed) => {
  if (!identity) return everything("user");
  const what = identityExcess(identity, allowed);
  return beyond(what === undefined ? undefined : { slice: "user", what });
};

const limits: Decider = ({ limits: found = {} }, allowed) => {
  const wanted = Object.entries(allowedLimits(allowed)) as [keyof typeof found, number][];
  const odd = wanted.find(([name, most]) => (found[name] ?? Number.POSITIVE_INFINITY) > most);
  if (!odd) return within;
  const [name, most] = odd;
  const own = found[name];
  return beyond({
    slice: "limits",
    what:
      own === undefined ? `${name} without a limit, and not ${most}` : `${name} of ${own}, and not ${most}`,
  });
};

const isolation: Decider = ({ isolation: level = "process" }, { server, accepts }) => {
  const wanted = server.isolation.level;
  if (accepts("isolation") || isolationChain.indexOf(level) >= isolationChain.indexOf(wanted)) return within;
  return beyond({ slice: "isolation", what: `run as a ${level}, and not in a ${wanted}` });
};

const deciders: Readonly<Record<Slice, Decider>> = {
  files,
  sockets,
  network,
  syscalls,
  processes,
  services,
  env,
  user,
  limits,
  isolation,
};

/** Decides one slice. */
export function decideSlice(
  slice: Slice,
  authority: Authority,
  allowed: Allowed,
  space: Workspace,
  strictness: Strictness,
): Decided {
  try {
    return deciders[slice](authority, allowed, space, strictness);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return { kind: "unknown", reason: `too large to decide: ${error.message}` };
  }
}

/** The slices in which a policy is soft. */
export const softSlices: readonly Slice[] = ["files", "syscalls"];
