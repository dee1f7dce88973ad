/** Independent evaluators of what an artifact lets out, and in: beside a private loopback, which reaches nobody else. */
import { parse as parseYaml } from "yaml";
import { parseIpv4, parseIpv6 } from "../../../src/syntax/endpoints.ts";
import { unitSettings } from "../parse-unit.ts";

/** One connection or one listening socket. */
export interface Peer {
  /** An address, or a host name. */
  readonly host: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
}

const bits = (address: string): string | undefined => {
  const v4 = parseIpv4(address);
  const units = v4 ?? parseIpv6(address);
  return units?.map((unit) => unit.toString(2).padStart(v4 ? 8 : 16, "0")).join("");
};

function inPrefix(address: string, cidr: string): boolean {
  const [network = "", prefix = "0"] = cidr.split("/");
  const a = bits(address);
  const b = bits(network);
  return (
    a !== undefined && b !== undefined && a.length === b.length && a.startsWith(b.slice(0, Number(prefix)))
  );
}

/** Whether a container leaves its own network at all. */
export function composeLeadsOut(text: string): boolean {
  const { services } = parseYaml(text) as { services: Record<string, { network_mode?: string }> };
  return Object.values(services).some((service) => service.network_mode !== "none");
}

/** The same for the command line. */
export function runLeadsOut(argv: readonly string[]): boolean {
  return !argv.slice(0, argv.indexOf("--")).includes("--network=none");
}

/** Whether a unit has the host's network. */
export function unitLeadsOut(text: string): boolean {
  return unitSettings(text).settings.findLast((s) => s.key === "PrivateNetwork")?.value !== "yes";
}

interface PolicyRule {
  readonly to?: readonly { readonly ipBlock?: { readonly cidr: string } }[];
  readonly from?: readonly unknown[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number; readonly endPort?: number }[];
}

function portsMatch(rule: PolicyRule, { port, protocol }: Peer): boolean {
  return (
    rule.ports === undefined ||
    rule.ports.some(
      (p) => p.protocol.toLowerCase() === protocol && p.port <= port && port <= (p.endPort ?? p.port),
    )
  );
}

/** Whether a NetworkPolicy lets a connection out: rules are alternatives; an absent list means everything. */
export function policyConnects(text: string, peer: Peer): boolean {
  const { spec } = parseYaml(text) as { spec: { policyTypes: string[]; egress?: readonly PolicyRule[] } };
  if (!spec.policyTypes.includes("Egress")) return true;
  return (spec.egress ?? []).some(
    (rule) =>
      portsMatch(rule, peer) &&
      (rule.to === undefined ||
        rule.to.some((t) => t.ipBlock === undefined || inPrefix(peer.host, t.ipBlock.cidr))),
  );
}

/** Whether a NetworkPolicy lets others reach a port. */
export function policyAdmits(text: string, peer: Peer): boolean {
  const { spec } = parseYaml(text) as { spec: { policyTypes: string[]; ingress?: readonly PolicyRule[] } };
  if (!spec.policyTypes.includes("Ingress")) return true;
  return (spec.ingress ?? []).some((rule) => portsMatch(rule, peer));
}

/** Whether a sandbox profile lets a connection out or a port in: filters name ports, of every host or of this one. */
export function profileReaches(text: string, direction: "outbound" | "inbound", peer: Peer): boolean {
  const rules = [...text.matchAll(new RegExp(`\\(allow [^\\n]*network-(?:${direction}|\\*)[^\\n]*`, "g"))];
  const side = direction === "outbound" ? "remote" : "local";
  return rules.some(([rule]) =>
    [...rule.matchAll(new RegExp(`\\(${side} (\\w+) "(\\*|localhost):(\\*|\\d+)"\\)`, "g"))].some(
      ([, protocol = "", host, port]) => {
        const local = peer.host.startsWith("127.") || peer.host === "::1";
        const speaks = protocol.startsWith("ip") || protocol.startsWith(peer.protocol);
        return speaks && (host === "*" || local) && (port === "*" || Number(port) === peer.port);
      },
    ),
  );
}
