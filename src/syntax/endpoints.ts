/** Reading of `HOST:PORT` in `net connect` and `net listen`. */
import type { EndpointNode } from "./ast.ts";

type Endpoint = Omit<EndpointNode, "span">;
type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const fail = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason });

function readPorts(text: string): Parsed<Endpoint["ports"]> {
  const parts = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text);
  if (!parts) return fail(`\`${text}\` is no port; write a number, or a range as in \`8000-8099\``);
  const from = Number(parts[1]);
  const to = Number(parts[2] ?? parts[1]);
  if (from < 1 || to > 65535) return fail("ports go from 1 to 65535");
  if (from > to) return fail(`the range begins at ${from} and ends at ${to}`);
  return { ok: true, value: { from, to } };
}

/** The four bytes of a dotted address; undefined when it is none (no leading zeros, which some readers take as octal). */
export function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((p) => /^(?:0|[1-9][0-9]{0,2})$/.test(p) && Number(p) <= 255)) {
    return undefined;
  }
  return parts.map(Number);
}

/** The eight groups of an IPv6 address, RFC 4291 section 2.2; undefined when it is none. */
export function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = (half: string): number[] | undefined => {
    if (half === "") return [];
    const out: number[] = [];
    const parts = half.split(":");
    for (const [index, part] of parts.entries()) {
      const dotted = index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (dotted)
        out.push((dotted[0] ?? 0) * 256 + (dotted[1] ?? 0), (dotted[2] ?? 0) * 256 + (dotted[3] ?? 0));
      else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16));
      else return undefined;
    }
    return out;
  };
  const head = groups(halves[0] ?? "");
  const tail = halves.length === 2 ? groups(halves[1] ?? "") : [];
  if (!head || !tail) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** The canonical text of eight groups, RFC 5952. */
export function formatIpv6(groups: readonly number[]): string {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((g) => g.toString(16));
  if (best.start === -1) return hex.join(":");
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`;
}

function clearHostBits(units: readonly number[], unitBits: number, prefix: number): number[] {
  return units.map((unit, index) => {
    const kept = Math.min(Math.max(prefix - index * unitBits, 0), unitBits);
    return unit & ~((1 << (unitBits - kept)) - 1);
  });
}

function readNetwork(address: string, prefixText: string | undefined): Parsed<Endpoint["host"]> {
  const v4 = parseIpv4(address);
  const v6 = v4 ? undefined : parseIpv6(address);
  const units = v4 ?? v6;
  if (!units) return fail(`\`${address}\` is no IP address`);
  const width = v4 ? 32 : 128;
  const prefix = prefixText === undefined ? width : Number(prefixText);
  if (prefix > width) return fail(`a prefix of this family has at most ${width} bits`);
  const cleared = clearHostBits(units, v4 ? 8 : 16, prefix);
  if (cleared.some((unit, index) => unit !== units[index])) {
    const network = v4 ? cleared.join(".") : formatIpv6(cleared);
    return fail(`the address has bits set behind its prefix; the network is \`${network}/${prefix}\``);
  }
  // ::ffff:a.b.c.d is a.b.c.d to the kernel, and would be a second spelling of one set.
  if (v6 && prefix >= 96 && v6.slice(0, 5).every((g) => g === 0) && v6[5] === 0xffff) {
    const [high = 0, low = 0] = v6.slice(6);
    const dotted = [high >> 8, high & 255, low >> 8, low & 255].join(".");
    return { ok: true, value: { kind: "network", family: "ipv4", address: dotted, prefix: prefix - 96 } };
  }
  return {
    ok: true,
    value: v4
      ? { kind: "network", family: "ipv4", address: v4.join("."), prefix }
      : { kind: "network", family: "ipv6", address: formatIpv6(units), prefix },
  };
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A host name by RFC 952/1123 (letters, digits, hyphens), lower-cased; the reason when it is none. */
function readName(text: string): Parsed<string> {
  const name = text.toLowerCase();
  if (/[^\x20-\x7e]/.test(name)) return fail("write an international name in its ASCII form, as in `xn--…`");
  if (name.endsWith(".")) return fail("a host name here has no dot at its end");
  if (name.length > 253) return fail("a host name has at most 253 characters");
  const labels = name.split(".");
  if (labels.length > 0 && /^[0-9]+$/.test(labels.at(-1) ?? ""))
    return fail("it looks like an IP address, and is none");
  if (!labels.every((l) => label.test(l)))
    return fail("host names are letters, digits and `-`, separated by dots");
  return { ok: true, value: name };
}

function readHost(text: string): Parsed<Endpoint["host"]> {
  const bracketed = /^\[([^\]/]*)(?:\/([0-9]{1,3}))?\]$/.exec(text);
  if (bracketed) {
    if (!bracketed[1]?.includes(":")) return fail("brackets are for IPv6 addresses");
    return readNetwork(bracketed[1], bracketed[2]);
  }
  const network = /^([0-9.]+)(?:\/([0-9]{1,3}))?$/.exec(text);
  if (network) return readNetwork(network[1] ?? "", network[2]);
  if (text.includes("/")) return fail("a prefix is for an IP address, as in `10.0.0.0/8:5432`");
  if (text.startsWith("*.")) {
    const suffix = readName(text.slice(2));
    return suffix.ok ? { ok: true, value: { kind: "wildcard", suffix: suffix.value } } : suffix;
  }
  if (text.includes("*")) return fail("`*` may only stand for the first labels, as in `*.example.com:443`");
  const name = readName(text);
  return name.ok ? { ok: true, value: { kind: "name", name: name.value } } : name;
}

function split(text: string): Parsed<{ host: string | undefined; ports: string; protocol: "tcp" | "udp" }> {
  const suffix = /\/(tcp|udp)$/i.exec(text);
  const rest = suffix ? text.slice(0, suffix.index) : text;
  const protocol = suffix?.[1]?.toLowerCase() === "udp" ? "udp" : "tcp";
  const colon = rest.startsWith("[") ? rest.indexOf(":", rest.indexOf("]")) : rest.lastIndexOf(":");
  if (colon === -1) return { ok: true, value: { host: undefined, ports: rest, protocol } };
  const host = rest.slice(0, colon);
  if (!host.startsWith("[") && host.includes(":"))
    return fail("an IPv6 address stands in brackets, as in `[::1]:80`");
  return { ok: true, value: { host, ports: rest.slice(colon + 1), protocol } };
}

/** Reads what may stand behind `net connect`. */
export function readConnect(text: string): Parsed<Endpoint> {
  const parts = split(text);
  if (!parts.ok) return parts;
  if (parts.value.host === undefined) return fail("the port is missing, as in `api.github.com:443`");
  const host = readHost(parts.value.host);
  if (!host.ok) return host;
  const ports = readPorts(parts.value.ports);
  if (!ports.ok) return ports;
  return { ok: true, value: { host: host.value, ports: ports.value, protocol: parts.value.protocol } };
}

/** Reads what may stand behind `net listen`: an address is loopback unless one is named. */
export function readListen(text: string): Parsed<Endpoint> {
  const parts = split(text);
  if (!parts.ok) return parts;
  const host = readHost(parts.value.host ?? "127.0.0.1");
  if (!host.ok) return host;
  if (host.value.kind !== "network") return fail("`listen` takes an IP address, or only a port for loopback");
  if (host.value.prefix !== (host.value.family === "ipv4" ? 32 : 128))
    return fail("`listen` takes one address, no prefix");
  const ports = readPorts(parts.value.ports);
  if (!ports.ok) return ports;
  return { ok: true, value: { host: host.value, ports: ports.value, protocol: parts.value.protocol } };
}
