/**
 * The network as a set: direction, family, protocol, address and port of what is reached outside of the sandbox, or reaches
 * it. A loopback of the sandbox's own reaches nobody and is no part of it. Names of hosts are no addresses: a policy that
 * grants a name grants no address, and no artifact here can hold a name.
 *
 * To the kernel `::ffff:a.b.c.d` is `a.b.c.d` (RFC 4291, section 2.5.5.2; ipv6(7)): there is one spelling of each here.
 */
import type { Endpoint, ListenEndpoint, Network } from "../policy/ir.ts";
import { formatIpv6, parseIpv4, parseIpv6 } from "../syntax/endpoints.ts";
import {
  always,
  type Bdd,
  createBdd,
  intersection,
  leastOf,
  never,
  type Root,
  union,
  without,
} from "./bdd.ts";
import { between, equal, type Field, masked, numberIn } from "./words.ts";

const directionField: Field = { level: 0, bits: 1 };
const familyField: Field = { level: 1, bits: 1 };
const protocolField: Field = { level: 2, bits: 1 };
const addressField: Field = { level: 3, bits: 128 };
const portField: Field = { level: 131, bits: 16 };

/** An empty diagram for the network. */
export function createNetworkDiagram(budget?: number): Bdd {
  return createBdd(147, budget);
}

/** A set of peers: a direction, and what of them is known; what is left out is any. */
export interface Peers {
  readonly direction: "connect" | "listen";
  readonly protocol?: "tcp" | "udp";
  readonly network?: { readonly family: "ipv4" | "ipv6"; readonly address: string; readonly prefix: number };
  readonly ports?: { readonly from: number; readonly to: number };
}

const addressBits = (family: "ipv4" | "ipv6", text: string): bigint => {
  const units = family === "ipv4" ? parseIpv4(text) : parseIpv6(text);
  if (!units) throw new RangeError(`${text} is no address`);
  return units.reduce((value, unit) => (value << (family === "ipv4" ? 8n : 16n)) | BigInt(unit), 0n);
};

/** The peers as a set. */
export function peersIn(bdd: Bdd, { direction, protocol, network, ports }: Peers): Root {
  let root = equal(bdd, directionField, direction === "connect" ? 0n : 1n);
  if (protocol) root = intersection(bdd, root, equal(bdd, protocolField, protocol === "tcp" ? 0n : 1n));
  if (network) {
    const { family, address, prefix } = network;
    const width = family === "ipv4" ? 32 : 128;
    // Addresses of four bytes stand in the low bits, the others zero: one vector for each.
    const kept = ((1n << BigInt(prefix)) - 1n) << BigInt(width - prefix);
    const above = family === "ipv4" ? ((1n << 96n) - 1n) << 32n : 0n;
    root = intersection(bdd, root, equal(bdd, familyField, family === "ipv4" ? 0n : 1n));
    root = intersection(
      bdd,
      root,
      masked(bdd, addressField, kept | above, addressBits(family, address) & kept),
    );
  }
  if (ports) root = intersection(bdd, root, between(bdd, portField, BigInt(ports.from), BigInt(ports.to)));
  return root;
}

/** What can be reached at all: addresses of IPv4 have 32 bits, and those of IPv6 that mean one of IPv4 are that one. */
export function possiblePeers(bdd: Bdd): Root {
  const v4 = intersection(
    bdd,
    equal(bdd, familyField, 0n),
    masked(bdd, addressField, ((1n << 96n) - 1n) << 32n, 0n),
  );
  const mapped = masked(bdd, addressField, ((1n << 96n) - 1n) << 32n, 0xffffn << 32n);
  const v6 = intersection(bdd, equal(bdd, familyField, 1n), complementOf(bdd, mapped));
  return union(bdd, v4, v6);
}

function complementOf(bdd: Bdd, root: Root): Root {
  return without(bdd, always, root);
}

const endpointPeers = ({ host, ports, protocol }: Endpoint): Peers | undefined =>
  host.kind === "network" ? { direction: "connect", protocol, network: host, ports } : undefined;

const listenPeers = ({ family, address, ports, protocol }: ListenEndpoint): Peers => ({
  direction: "listen",
  protocol,
  ports,
  // On an address that stands for all of them, listening is on each.
  ...(address === "0.0.0.0" || address === "::"
    ? {}
    : { network: { family, address, prefix: family === "ipv4" ? 32 : 128 } }),
});

/** What a policy grants, by address. */
export function policyNetwork(bdd: Bdd, network: Network): Root {
  const granted: readonly Peers[] = [
    ...(network.any ? [{ direction: "connect" } as const] : []),
    ...network.connect.flatMap((endpoint) => endpointPeers(endpoint) ?? []),
    ...network.listen.map(listenPeers),
  ];
  return granted.reduce((root, peers) => union(bdd, root, peersIn(bdd, peers)), never);
}

/** One connection or listening socket, in words. */
export function leastPeer(bdd: Bdd, root: Root): string | undefined {
  const bits = leastOf(bdd, root);
  if (!bits) return undefined;
  const number = numberIn(bits, addressField);
  const isV6 = numberIn(bits, familyField) === 1n;
  const address = isV6
    ? `[${formatIpv6(Array.from({ length: 8 }, (_, at) => Number((number >> BigInt(112 - at * 16)) & 0xffffn)))}]`
    : [24n, 16n, 8n, 0n].map((by) => (number >> by) & 255n).join(".");
  const verb = numberIn(bits, directionField) === 0n ? "connect" : "listen";
  const suffix = numberIn(bits, protocolField) === 1n ? "/udp" : "";
  return `${verb} ${address}:${numberIn(bits, portField)}${suffix}`;
}
