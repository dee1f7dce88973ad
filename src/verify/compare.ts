/**
 * What one policy permits beyond another, dimension by dimension, each with an operation that shows it. Both are taken as
 * they are written, soft denials included.
 */
import { BudgetExceeded, without } from "../authority/bdd.ts";
import { createCallDiagram, describeCall, leastCall, policyCalls } from "../authority/calls.ts";
import { createNetworkDiagram, leastPeer, policyNetwork } from "../authority/network.ts";
import { filesOutside } from "../authority/paths.ts";
import { policyFiles } from "../authority/policy.ts";
import { isWithin } from "../host/patterns.ts";
import type { Accept, Endpoint, HostSet, ServerIr, User } from "../policy/ir.ts";

/** The dimensions of a policy, in the order in which they are reported. */
export const policyDimensions = [
  "files",
  "network",
  "unix",
  "syscalls",
  "env",
  "user",
  "limits",
  "tmp",
  "isolation",
  "accept",
] as const;

/** A dimension of a policy. */
export type PolicyDimension = (typeof policyDimensions)[number];

/** Something that is permitted beyond: an operation in the words of `explain`. */
export interface Excess {
  readonly dimension: PolicyDimension;
  readonly operation: string;
  /** The clause that grants it, an index into the document's `clauses`, where there is one. */
  readonly origin?: number;
}

const at = (origin: number | undefined): { readonly origin?: number } =>
  origin === undefined ? {} : { origin };

/** One path for each right that is more: to write somewhere says nothing of what may be read elsewhere. */
function files(a: ServerIr, b: ServerIr): readonly Excess[] {
  const other = policyFiles(b.files);
  // A path that a clause grants says more to its reader than one of the runtime's.
  const clauses = policyFiles({ ...a.files, grants: a.files.grants.filter((g) => g.by === "clause") });
  const named = filesOutside(clauses, other);
  const rest = filesOutside(policyFiles(a.files), other);
  const found = rest.map((witness) => named.find(({ right }) => right === witness.right) ?? witness);
  // What is only read beside what is written on the same path is no news.
  const news = found.filter(
    ({ path, right }) => !(right === "read" && found.some((f) => f.right !== "read" && f.path === path)),
  );
  return news.map(({ path, right }) => {
    const grant = a.files.grants.find((g) => isWithin(path, g.path) && g.access.includes(right));
    return { dimension: "files", operation: `${right} ${path}`, ...at(grant?.origin) };
  });
}

/** Whether a set of hosts by name covers another. */
function namesCover(wide: HostSet, narrow: HostSet): boolean {
  if (wide.kind === "name") return narrow.kind === "name" && narrow.name === wide.name;
  if (wide.kind !== "wildcard") return false;
  if (narrow.kind === "name") return narrow.name.endsWith(`.${wide.suffix}`);
  return narrow.kind === "wildcard" && `.${narrow.suffix}`.endsWith(`.${wide.suffix}`);
}

function endpointText({ host, ports, protocol }: Endpoint): string {
  const name =
    host.kind === "name" ? host.name : host.kind === "wildcard" ? `*.${host.suffix}` : host.address;
  const range = ports.from === ports.to ? `${ports.from}` : `${ports.from}-${ports.to}`;
  return `connect ${name}:${range}${protocol === "udp" ? "/udp" : ""}`;
}

/** Whether the ports of several endpoints together hold a range. */
function portsCovered({ from, to }: Endpoint["ports"], covering: readonly Endpoint["ports"][]): boolean {
  let next = from;
  for (const range of [...covering].sort((x, y) => x.from - y.from)) {
    if (range.from <= next && range.to >= next) next = range.to + 1;
  }
  return next > to;
}

function namedHosts(a: ServerIr, b: ServerIr): readonly Excess[] {
  if (b.network.any) return [];
  return a.network.connect
    .filter(({ host }) => host.kind !== "network")
    .filter(
      (endpoint) =>
        !portsCovered(
          endpoint.ports,
          b.network.connect
            .filter((e) => e.protocol === endpoint.protocol && namesCover(e.host, endpoint.host))
            .map((e) => e.ports),
        ),
    )
    .map((endpoint) => ({
      dimension: "network",
      operation: endpointText(endpoint),
      origin: endpoint.origin,
    }));
}

function network(a: ServerIr, b: ServerIr): readonly Excess[] {
  const bdd = createNetworkDiagram();
  const peer = leastPeer(bdd, without(bdd, policyNetwork(bdd, a.network), policyNetwork(bdd, b.network)));
  const origin = a.network.origins[0];
  return [
    ...(a.network.loopback && !b.network.loopback
      ? [{ dimension: "network" as const, operation: "connect 127.0.0.1, its own loopback", ...at(origin) }]
      : []),
    ...(peer === undefined ? [] : [{ dimension: "network" as const, operation: peer, ...at(origin) }]),
    ...namedHosts(a, b).slice(0, 1),
  ];
}

function unix(a: ServerIr, b: ServerIr): readonly Excess[] {
  return a.unix
    .filter(({ path }) => !b.unix.some((socket) => socket.path === path))
    .map(({ path, origin }) => ({ dimension: "unix", operation: `unix ${path}`, origin }));
}

function calls(a: ServerIr, b: ServerIr): readonly Excess[] {
  const bdd = createCallDiagram();
  const beyond = without(
    bdd,
    policyCalls(bdd, a.systemCalls, "soft"),
    policyCalls(bdd, b.systemCalls, "soft"),
  );
  const call = leastCall(bdd, beyond);
  if (!call) return [];
  const origin = a.systemCalls.allow.find(({ name }) => name === call.name)?.origins[0];
  return [{ dimension: "syscalls", operation: describeCall(call), ...at(origin) }];
}

function environment(a: ServerIr, b: ServerIr): readonly Excess[] {
  return a.environment
    .filter(({ name, value }) => !b.environment.some((v) => v.name === name && v.value === value))
    .map(({ name, value, origin }) => ({
      dimension: "env",
      operation: value === undefined ? `env ${name}` : `env ${name}=${value}`,
      origin,
    }));
}

function userText(user: User): string {
  if (user.kind === "ids") return `user ${user.uid}:${user.gid}`;
  if (user.kind === "name") return `user ${user.name}`;
  return user.kind === "dynamic" ? "user dynamic" : "any unprivileged user";
}

function users(a: ServerIr, b: ServerIr): readonly Excess[] {
  // Without a clause the user is chosen, and any unprivileged one will do.
  if (b.user.kind === "any" || userText(a.user) === userText(b.user)) return [];
  return [
    {
      dimension: "user",
      operation: userText(a.user),
      ...at(a.user.kind === "any" ? undefined : a.user.origin),
    },
  ];
}

function limits(a: ServerIr, b: ServerIr): readonly Excess[] {
  return (Object.keys(b.limits) as (keyof ServerIr["limits"])[]).flatMap((name): readonly Excess[] => {
    const bound = b.limits[name];
    const own = a.limits[name];
    if (!bound || (own && own.value <= bound.value)) return [];
    const operation = own ? `${name} above ${bound.value}: ${own.value}` : `${name} without limit`;
    return [{ dimension: "limits", operation, ...at(own?.origin) }];
  });
}

function temporary(a: ServerIr, b: ServerIr): readonly Excess[] {
  if (!a.tmp || a.tmp.bytes <= (b.tmp?.bytes ?? 0)) return [];
  return [{ dimension: "tmp", operation: `tmp of ${a.tmp.bytes} bytes`, origin: a.tmp.origin }];
}

const chain = ["process", "container", "kernel", "microvm"];

function isolation(a: ServerIr, b: ServerIr): readonly Excess[] {
  if (chain.indexOf(a.isolation.level) >= chain.indexOf(b.isolation.level)) return [];
  return [{ dimension: "isolation", operation: `isolation ${a.isolation.level}`, ...at(a.isolation.origin) }];
}

const acceptCovers = (wide: Accept, narrow: Accept): boolean =>
  wide.item === narrow.item &&
  (wide.targets.includes("all") || narrow.targets.every((target) => wide.targets.includes(target)));

/** The targets of an accept that none of the others names. */
function accepts(a: ServerIr, b: ServerIr): readonly Excess[] {
  return a.accepts.flatMap((accept): readonly Excess[] => {
    const missing = accept.targets.filter(
      (target) => !b.accepts.some((wide) => acceptCovers(wide, { ...accept, targets: [target] })),
    );
    if (missing.length === 0) return [];
    const operation = `accept ${missing.join(", ")}: ${accept.item}`;
    return [{ dimension: "accept", operation, origin: accept.origin }];
  });
}

/** What comparing gave: what is permitted beyond, and the dimensions that were too large to decide. */
export interface Comparison {
  readonly excesses: readonly Excess[];
  readonly undecided: readonly PolicyDimension[];
}

const comparers: Readonly<Record<PolicyDimension, (a: ServerIr, b: ServerIr) => readonly Excess[]>> = {
  files,
  network,
  unix,
  syscalls: calls,
  env: environment,
  user: users,
  limits,
  tmp: temporary,
  isolation,
  accept: accepts,
};

/** What `a` permits beyond `b`, in the dimensions that are asked about. */
export function compare(
  a: ServerIr,
  b: ServerIr,
  dimensions: readonly PolicyDimension[] = policyDimensions,
): Comparison {
  const excesses: Excess[] = [];
  const undecided: PolicyDimension[] = [];
  for (const dimension of dimensions) {
    try {
      excesses.push(...comparers[dimension](a, b));
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      undecided.push(dimension);
    }
  }
  return { excesses, undecided };
}
