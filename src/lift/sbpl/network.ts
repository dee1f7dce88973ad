/**
 * What a profile permits with sockets. Of addresses Seatbelt knows `localhost`, every host, and ports; sockets of the file
 * system go by their path; sockets of other kinds only by what says nothing of either.
 */
import { type PathMachine, rights } from "../../authority/paths.ts";
import { pathRights } from "./files.ts";
import type { AddressTest, Leaf, Tri } from "./filters.ts";
import { leavesOf } from "./filters.ts";
import type { Table } from "./table.ts";

/** What is done with a socket. */
export type Direction = "outbound" | "inbound" | "bind";

/** A kind of IP socket; `other4` and `other6` are neither TCP nor UDP. */
export type IpProtocol = `${"tcp" | "udp" | "other"}${4 | 6}`;

/** Peers, or addresses of one's own, that are permitted. */
export interface NetworkGrant {
  readonly direction: Direction;
  readonly protocols: readonly IpProtocol[];
  /** `any` is both `localhost` and everything else, which is `other`. */
  readonly host: "any" | "localhost" | "other";
  readonly ports: readonly { readonly from: number; readonly to: number }[];
}

/** The network slices of a profile. */
export interface NetworkSlices {
  readonly network: readonly NetworkGrant[];
  /** Sockets of the file system: `write` where one may be connected to, or made. */
  readonly sockets: { readonly connect: PathMachine; readonly bind: PathMachine };
  /** Directions in which sockets of other families are permitted: those of the kernel, of routing. */
  readonly otherFamilies: readonly Direction[];
}

/** The directions, in their order. */
export const directions: readonly Direction[] = ["outbound", "inbound", "bind"];
const protocols: readonly IpProtocol[] = ["tcp4", "tcp6", "udp4", "udp6", "other4", "other6"];

// What a filter of the other end says is not known: an unbound socket's own address is any (INADDR_ANY), and matches.
const decidedSide = { outbound: "remote", inbound: "local", bind: "local" } as const;

interface Cell {
  readonly direction: Direction;
  readonly protocol: IpProtocol;
  readonly host: "localhost" | "other";
  readonly port: number;
}

function matchesAddress(test: AddressTest, { direction, protocol, host, port }: Cell): Tri {
  const is4 = protocol.endsWith("4");
  if (test.family !== "any" && (test.family === "ip4") !== is4) return false;
  if (test.transport !== "any" && !protocol.startsWith(test.transport)) return false;
  if (test.side !== decidedSide[direction]) return undefined;
  return (test.host === "any" || host === "localhost") && (test.port === undefined || test.port === port);
}

function ofAddress(cell: Cell): (leaf: Leaf) => Tri {
  return (leaf) => {
    if (leaf.kind === "address") return matchesAddress(leaf.test, cell);
    return leaf.kind === "path" || leaf.kind === "unix" ? false : undefined;
  };
}

/** Ranges of ports in which the rules make no difference: each named port, and what lies between. */
function segmentsOf(
  table: Table,
  operation: string,
): readonly { readonly from: number; readonly to: number }[] {
  const named = new Set<number>();
  for (const { filter } of table.rulesOf(operation))
    for (const leaf of filter ? leavesOf(filter) : [])
      if (leaf.kind === "address" && leaf.test.port !== undefined) named.add(leaf.test.port);
  const starts = new Set([0, ...[...named].flatMap((port) => [port, port + 1])]);
  const sorted = [...starts].filter((port) => port <= 65535).sort((a, b) => a - b);
  return sorted.map((from, index) => ({ from, to: (sorted[index + 1] ?? 65536) - 1 }));
}

function joined(list: NetworkGrant["ports"]): NetworkGrant["ports"] {
  const out: { from: number; to: number }[] = [];
  for (const { from, to } of list) {
    const last = out.at(-1);
    if (last && last.to + 1 === from) last.to = to;
    else out.push({ from, to });
  }
  return out;
}

function grantsOf(table: Table, direction: Direction): readonly NetworkGrant[] {
  const operation = `network-${direction}`;
  const segments = segmentsOf(table, operation);
  const found = new Map<
    string,
    { host: NetworkGrant["host"]; ports: NetworkGrant["ports"]; protocols: IpProtocol[] }
  >();
  for (const protocol of protocols) {
    const permits = (host: Cell["host"], port: number): boolean =>
      table.permits(operation, ofAddress({ direction, protocol, host, port })) !== undefined;
    const cells = segments.map((ports) => ({
      ports,
      localhost: permits("localhost", ports.from),
      other: permits("other", ports.from),
    }));
    const add = (host: NetworkGrant["host"], list: NetworkGrant["ports"]): void => {
      if (list.length === 0) return;
      const ports = joined(list);
      const key = `${host} ${ports.map((p) => `${p.from}-${p.to}`).join(",")}`;
      const known = found.get(key) ?? { host, ports, protocols: [] };
      known.protocols.push(protocol);
      found.set(key, known);
    };
    const portsWhere = (test: (cell: (typeof cells)[number]) => boolean): NetworkGrant["ports"] =>
      cells.filter(test).map((cell) => cell.ports);
    add(
      "any",
      portsWhere((cell) => cell.localhost && cell.other),
    );
    add(
      "localhost",
      portsWhere((cell) => cell.localhost && !cell.other),
    );
    add(
      "other",
      portsWhere((cell) => cell.other && !cell.localhost),
    );
  }
  return [...found.values()].map((grant) => ({ direction, ...grant }));
}

function ofSocket(direction: Direction): (leaf: Leaf) => Tri | "path" {
  return (leaf) => {
    if (leaf.kind === "address") return false;
    if (leaf.kind !== "path" && leaf.kind !== "unix") return undefined;
    if (leaf.side !== undefined && leaf.side !== decidedSide[direction]) return undefined;
    return leaf.kind === "unix" ? true : "path";
  };
}

function socketMachine(table: Table, of: readonly Direction[]): PathMachine {
  return pathRights(
    table,
    of.map((direction) => ({
      bit: rights.write,
      operations: [`network-${direction}`],
      leaf: ofSocket(direction),
    })),
  );
}

/** The network slices of a table. */
export function networkSlices(table: Table): NetworkSlices {
  const unfamiliar = (leaf: Leaf): Tri =>
    leaf.kind === "path" || leaf.kind === "unix" || leaf.kind === "address" ? false : undefined;
  return {
    network: directions.flatMap((direction) => grantsOf(table, direction)),
    sockets: { connect: socketMachine(table, ["outbound"]), bind: socketMachine(table, ["inbound", "bind"]) },
    otherFamilies: directions.filter((direction) => table.permits(`network-${direction}`, unfamiliar)),
  };
}
