/**
 * What an artifact may permit: the policy, what the source accepts of the target, and the floor of the runtime. Firm is
 * what no artifact may go beyond; soft takes away as well what the policy denies without naming it.
 */
import type { LimitBounds } from "../authority/authority.ts";
import { type Bdd, type Root, union } from "../authority/bdd.ts";
import { allNamed, exemptCalls } from "../authority/calls.ts";
import { type Peers, peersIn, policyNetwork } from "../authority/network.ts";
import { layeredMachine, type PathRule } from "../authority/path-rules.ts";
import { everyRight, type PathMachine, type Rights, rights } from "../authority/paths.ts";
import { rightsOf } from "../authority/policy.ts";
import type { FileDeny, FileGrant, ServerIr } from "../policy/ir.ts";
import type { AcceptItem } from "../policy/ir-names.ts";
import type { Floor } from "./floor.ts";

/** How strictly a policy is taken. */
export type Strictness = "firm" | "soft";

/** A policy as one target may hold it. */
export interface Allowed {
  readonly target: string;
  readonly server: ServerIr;
  readonly floor: Floor;
  readonly accepts: (item: AcceptItem) => boolean;
}

/** Whether the policy says something of exec, so that what it does not grant is denied firmly. */
function namesExec({ files }: ServerIr): boolean {
  return (
    files.grants.some(({ by, access }) => by === "clause" && access.includes("exec")) ||
    files.denies.some(({ access }) => access === "exec")
  );
}

const grant = (pattern: string, mask: Rights): PathRule => ({
  pattern,
  effect: { kind: "grant", rights: mask },
});

const deny = (pattern: string, { access }: FileDeny): PathRule => ({
  pattern,
  effect: { kind: "deny", rights: access === "all" ? everyRight : rights[access] },
});

/** Denials: as patterns, or as what they matched where what appears later is accepted; firm is without what is protected. */
function denials({ server, accepts }: Allowed, strictness: Strictness): readonly PathRule[] {
  const { credentials, denies } = server.files;
  const soft = strictness === "soft" ? denies.filter(({ reason }) => reason === "protected") : [];
  const rest = soft.map((one) => deny(one.pattern, one));
  if (accepts("files.deny")) return rest;
  const placesOf = ({ pattern, matches }: Pick<FileDeny, "pattern" | "matches">): readonly string[] =>
    accepts("deny.future") ? matches.map(({ path }) => path) : [pattern];
  return [
    ...credentials.flatMap(placesOf).map((pattern): PathRule => ({ pattern, effect: { kind: "shield" } })),
    ...denies
      .filter(({ reason }) => reason !== "protected")
      .flatMap((one) => placesOf(one).map((pattern) => deny(pattern, one))),
    ...rest,
  ];
}

/** Exec wherever reading is granted: what a policy is soft in that does not name exec, and what `files.exec` accepts. */
function withExec(machine: PathMachine): PathMachine {
  return {
    ...machine,
    rightsAt: (state) => {
      const mask = machine.rightsAt(state);
      return (mask & rights.read) === 0 ? mask : mask | rights.exec;
    },
  };
}

/** The names of what is granted: one that leads there is another name of it. */
const namesOfGrant = ({ path, requested }: FileGrant): readonly string[] => [
  path,
  ...(requested === undefined ? [] : [requested]),
];

/** Some of what the policy grants, less what it denies; below a file there is nothing. */
function grantedFiles(grants: readonly FileGrant[], held: readonly PathRule[]): readonly PathRule[] {
  const granted = grants.reduce<Rights>((mask, { access }) => mask | rightsOf(access), 0);
  return [
    ...grants.flatMap((one) => namesOfGrant(one).map((path) => grant(path, rightsOf(one.access)))),
    // What takes away what nobody was given makes states, and no difference.
    ...held.filter(({ effect }) => (granted & (effect.kind === "deny" ? effect.rights : everyRight)) !== 0),
  ];
}

const isOfSystem = ({ by }: FileGrant): boolean => by === "runtime" || by === "closure";

/** What the runtime makes of the program's own files, less what is denied of them. */
function ownFiles(allowed: Allowed): readonly PathRule[] {
  const { server, floor } = allowed;
  const own = server.files.grants.filter(({ by }) => floor.ownFiles !== 0 && by === "run");
  return [
    ...own.map(({ path }) => grant(path, floor.ownFiles)),
    ...(own.length === 0 ? [] : denials(allowed, "firm")),
  ];
}

/** What is granted; where denials are masks, those in the system's own trees are of what was there. */
function policyRules(allowed: Allowed, strictness: Strictness): readonly (readonly PathRule[])[] {
  const { server, floor } = allowed;
  const { grants } = server.files;
  const held = denials(allowed, strictness);
  const sockets = server.unix.map(({ path }) => grant(path, rights.read | rights.exec));
  if (!floor.masks) return [grantedFiles(grants, held), sockets];
  const matched = denials(
    { ...allowed, accepts: (item) => item === "deny.future" || allowed.accepts(item) },
    strictness,
  );
  return [
    grantedFiles(
      grants.filter((one) => !isOfSystem(one)),
      held,
    ),
    grantedFiles(grants.filter(isOfSystem), matched),
    ownFiles(allowed),
    sockets,
  ];
}

/**
 * The private temporary directory, where that is a path of the host. What is denied everywhere is denied there too, since it
 * could be moved; what other programs obey is obeyed by nobody there.
 */
function temporaryFiles(allowed: Allowed): readonly PathRule[] {
  const { server, floor } = allowed;
  if (!server.tmp || floor.temporary === undefined) return [];
  const own = grant(floor.temporary, rights.read | rights.write);
  return [own, ...denials(allowed, "firm")];
}

/** Below what is known to be a file there is nothing, and what an artifact permits there is nothing either. */
function belowFiles({ server }: Allowed): readonly PathRule[] {
  return server.files.grants
    .filter(({ type }) => type !== "directory" && type !== "absent")
    .flatMap(namesOfGrant)
    .map((path) => grant(`${path}/*`, everyRight));
}

/** The files that may be read, written and executed. */
export function allowedFiles(allowed: Allowed, strictness: Strictness): PathMachine {
  const machine = layeredMachine([
    ...policyRules(allowed, strictness),
    temporaryFiles(allowed),
    belowFiles(allowed),
    // The runtime's own are none of the host's, which the policy speaks of.
    allowed.floor.files,
  ]);
  const open = allowed.accepts("files.exec") || (strictness === "firm" && !namesExec(allowed.server));
  return open ? withExec(machine) : machine;
}

/**
 * The sockets of the file system that may be connected to: those that are named, and where it is accepted those that appear
 * later in granted trees. The system's own trees, and what is known to be a file, hold none.
 */
export function allowedSockets(allowed: Allowed): PathMachine {
  const { server, floor, accepts } = allowed;
  const { grants, sockets } = server.files;
  const free = grants.filter(({ by, type }) => by !== "clause" || type === "file" || accepts("unix"));
  const named = new Set(server.unix.map(({ path }) => path));
  // What lies in a tree is masked there, unless that nothing can be masked is accepted.
  const closed = accepts("files.deny") ? [] : sockets.filter((path) => !named.has(path));
  return layeredMachine([
    [
      ...[...server.unix, ...free].map(({ path }) => grant(path, everyRight)),
      ...closed.map((path): PathRule => ({ pattern: path, effect: { kind: "deny", rights: everyRight } })),
    ],
    belowFiles(allowed),
    // The runtime's own trees hold no sockets of the host's.
    floor.files.flatMap(({ pattern, effect }) =>
      effect.kind === "grant" ? [{ pattern, effect: { ...effect, rights: everyRight } }] : [],
    ),
  ]);
}

/**
 * The calls that may get through beside those that the policy grants: all arguments of those where that is accepted, the
 * runtime's own, and those that the kernel lets past every filter.
 */
export function allowedCalls(bdd: Bdd, { server, floor, accepts }: Allowed, granted: Root): Root {
  const names = accepts("syscalls.arguments") ? server.systemCalls.allow.map(({ name }) => name) : [];
  return union(bdd, granted, allNamed(bdd, [...names, ...floor.calls, ...exemptCalls]));
}

/** The host's own loopback, which stands in for the sandbox's where it is accepted. */
const hostLoopback: readonly Peers[] = (["connect", "listen"] as const).flatMap((direction) => [
  { direction, network: { family: "ipv4", address: "127.0.0.0", prefix: 8 } },
  { direction, network: { family: "ipv6", address: "::1", prefix: 128 } },
]);

/** The peers that may be reached, and that may reach it. */
export function allowedNetwork(bdd: Bdd, { server, accepts }: Allowed): Root {
  const accepted: readonly Peers[] = [
    ...(accepts("net.connect") ? [{ direction: "connect" } as const] : []),
    ...(accepts("net.listen") ? [{ direction: "listen" } as const] : []),
    ...(accepts("net.loopback") ? hostLoopback : []),
  ];
  return accepted.reduce<Root>(
    (root, peers) => union(bdd, root, peersIn(bdd, peers)),
    policyNetwork(bdd, server.network),
  );
}

/** Whether a variable may be there with a value, which is undefined for what is passed through. */
export function allowedValue({ server, floor }: Allowed, name: string, value: string | undefined): boolean {
  if (floor.variables.includes(name)) return true;
  const own = server.environment.find((variable) => variable.name === name);
  if (!own) return value === "" && floor.blanked.includes(name);
  if (own.temporary) return value !== undefined && [own.value, ...floor.temporaryValues].includes(value);
  return own.value === undefined || own.value === value;
}

/** Upper bounds that must hold. */
export function allowedLimits({ server, accepts }: Allowed): LimitBounds {
  const kept = (item: AcceptItem, value: number | undefined): number | undefined =>
    accepts(item) ? undefined : value;
  const { memory, processes, files, cpu, io, time } = server.limits;
  const all = {
    memory: kept("limits.memory", memory?.value),
    processes: kept("limits.processes", processes?.value),
    files: kept("limits.files", files?.value),
    cpu: kept("limits.cpu", cpu?.value),
    io: kept("limits.io", io?.value),
    time: kept("limits.time", time?.value),
    tmp: kept("tmp.size", server.tmp?.bytes ?? 0),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
