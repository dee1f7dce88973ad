/** Operations by chance: around the words of a policy, where its answers turn, and anywhere. */
import type { Call, Entry } from "../../../src/authority/calls.ts";
import { architectures, i386Calls, systemCalls, x32Calls } from "../../../src/linux/index.ts";
import type { ServerIr } from "../../../src/policy/ir.ts";
import type { Random } from "../../support/random.ts";
import { world } from "../../support/random-policies.ts";
import type { Amount, Operation } from "./operation.ts";

/** How often each kind is drawn. */
export type Weights = Readonly<Partial<Record<Operation["kind"], number>>>;

const elsewhere =
  "/ /etc /etc/shadow /etc/passwd /root /root/.ssh/id_rsa /srv /srv/other /usr/lib/x /usr/bin/env /lib/x.so /home/other/.aws/credentials /tmp /tmp/x /var/run/docker.sock /run/other.sock /run/secrets /var/lib/x /opt/x /boot/vmlinuz /Users /Users/other/x /Library/x /private/tmp/x /private/var/x".split(
    " ",
  );

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

/** The places that a policy names, those that exist, and what lies above them. */
function placesOf({ files, unix }: ServerIr): readonly string[] {
  const named = [
    ...Object.keys(world),
    ...files.grants.flatMap(({ path, requested }) => [path, ...(requested === undefined ? [] : [requested])]),
    ...files.denies.flatMap(({ matches }) => matches.map(({ path }) => path)),
    ...unix.map(({ path }) => path),
  ];
  const above = named.flatMap((path) => path.split("/").map((_, at, names) => names.slice(0, at).join("/")));
  return [...new Set([...named, ...above.filter((path) => path !== "")])];
}

function paths(server: ServerIr): (random: Random) => string {
  const places = placesOf(server);
  const names = [...new Set(places.flatMap((path) => path.split("/")).filter((name) => name !== "")), "x"];
  return (random) => {
    const place = random.one(places);
    switch (random.below(8)) {
      case 0:
      case 1:
        return place;
      case 2:
        return `${place === "/" ? "" : place}/${random.one(names)}`;
      case 3:
        return parentOf(place);
      // A name that begins like another.
      case 4:
        return random.below(2) === 0 ? `${place}x` : place.slice(0, -1) || "/";
      case 5:
        return random.one(elsewhere);
      case 6:
        return `${parentOf(place)}/${random.one(names)}/${random.one(names)}`;
      default:
        return `/${Array.from({ length: 1 + random.below(6) }, () => random.one(names)).join("/")}`;
    }
  };
}

const wide = (random: Random): bigint => (BigInt(random.word()) << 32n) | BigInt(random.word());

/** The values that a policy compares arguments with. */
function constantsOf({ systemCalls: { allow } }: ServerIr): readonly bigint[] {
  const conditions = allow.flatMap(({ when = [] }) => when.flat());
  const own = conditions.flatMap(({ mask, values }) => [...values, ...(mask === undefined ? [] : [mask])]);
  return [...new Set([...own.map(BigInt), 0n, 1n, 2n, 3n, 10n, 16n, 17n, 0xffffffffn])];
}

function near(constants: readonly bigint[], random: Random): bigint {
  const value = random.one(constants);
  switch (random.below(10)) {
    case 0:
      return BigInt.asUintN(64, value + 1n);
    case 1:
      return BigInt.asUintN(64, value - 1n);
    case 2:
      return value ^ (1n << BigInt(random.below(64)));
    case 3:
      return value | (BigInt(random.word()) << 32n);
    case 4:
      return wide(random);
    case 5:
      return 0n;
    default:
      return value;
  }
}

function calls(server: ServerIr): (random: Random) => Call {
  const constants = constantsOf(server);
  const all = [...systemCalls().values()];
  const compared = server.systemCalls.allow.filter(({ when }) => when !== undefined).map(({ name }) => name);
  const natively = (random: Random): Call => {
    const found = random.one(all);
    const name = compared.length > 0 && random.below(3) === 0 ? random.one(compared) : found.name;
    const numbers = systemCalls().get(name)?.numbers ?? {};
    const entry: Entry = random.below(4) === 0 ? random.one(architectures) : "x86_64";
    const number = numbers[entry];
    const words = Array.from({ length: 6 }, () => near(constants, random));
    return number === undefined
      ? { entry, number: 4000 + random.below(100), words }
      : { entry, number, name, words };
  };
  return (random) => {
    const call = natively(random);
    switch (random.below(16)) {
      case 0: {
        const [name, number] = random.one([...i386Calls()]);
        return { entry: "i386", number, name, words: call.words.map((word) => BigInt.asUintN(32, word)) };
      }
      case 1: {
        const [name, number] = random.one([...x32Calls()]);
        return { ...call, entry: "x86_64", number, name: `x32:${name}` };
      }
      case 2:
        return { entry: call.entry, number: 1000 + random.below(100_000), words: call.words };
      default:
        return call;
    }
  };
}

const namesAt = new Map<string, string>([
  ...[...systemCalls().values()].flatMap(({ name, numbers }) =>
    architectures.map((entry) => [`${entry} ${numbers[entry]}`, name] as const),
  ),
  ...[...i386Calls()].map(([name, number]) => [`i386 ${number}`, name] as const),
  ...[...x32Calls()].map(([name, number]) => [`x86_64 ${number}`, `x32:${name}`] as const),
]);

/** A call by its number, with its name where it has one. */
export function callOf(entry: Entry, number: number, words: readonly bigint[]): Call {
  const name = namesAt.get(`${entry} ${number}`);
  return { entry, number, ...(name !== undefined && { name }), words };
}

const hosts =
  "10.1.2.3 10.0.0.1 10.1.3.1 10.255.255.255 11.0.0.1 9.255.255.255 192.0.2.1 169.254.169.254 8.8.8.8 0.0.0.0 255.255.255.255 2001:db8::1 2001:db9::1 2001:db7:ffff::1 fd00::1 64:ff9b::1 127.0.0.1 ::1".split(
    " ",
  );
const ports = [
  1, 22, 53, 80, 81, 85, 90, 91, 443, 444, 2375, 5431, 5432, 5440, 5441, 8080, 9000, 9001, 65_535,
];

function peer(random: Random): Extract<Operation, { kind: "peer" }>["peer"] {
  const part = (): number => random.below(256);
  const address =
    random.below(4) === 0 ? `${1 + random.below(223)}.${part()}.${part()}.${part()}` : random.one(hosts);
  return {
    direction: random.below(4) === 0 ? "listen" : "connect",
    protocol: random.below(3) === 0 ? "udp" : "tcp",
    address,
    port: random.below(3) === 0 ? 1 + random.below(65_535) : random.one(ports),
  };
}

const variables =
  "LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES NODE_OPTIONS AWS_SECRET_ACCESS_KEY SECRET HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy ftp_proxy no_proxy all_proxy USER SHELL HOME PATH LANG TERM NOTIFY_SOCKET LISTEN_FDS INVOCATION_ID TOKEN B A A1 TMPDIR".split(
    " ",
  );
const capabilities =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER KILL SETGID SETUID NET_BIND_SERVICE NET_ADMIN NET_RAW IPC_LOCK SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_ADMIN SYS_BOOT MKNOD BPF PERFMON".split(
    " ",
  );
const limits: readonly Amount[] = ["memory", "processes", "files", "cpu", "time", "tmp"];
const users = [0, 1, 999, 1000, 1001, 1002, 65_534];

function amount({ limits: bounds, tmp }: ServerIr, random: Random): Operation {
  const limit = random.one(limits);
  const most = limit === "tmp" ? (tmp?.bytes ?? 0) : (bounds[limit]?.value ?? 0);
  const value = most + 1 + random.one([0, 1, most, most * 9, most * 99, random.word(), 2 ** 50]);
  return { kind: "amount", limit, value };
}

/** Draws operations for a server; what is drawn depends on nothing but the numbers. */
export function drawer(server: ServerIr, weights: Weights): (random: Random) => Operation {
  const path = paths(server);
  const call = calls(server);
  // Each kind as often as it weighs.
  const kinds = (Object.entries(weights) as (readonly [Operation["kind"], number])[]).flatMap(
    ([kind, weight]) => Array.from({ length: weight }, () => kind),
  );
  return (random) => {
    const kind = random.one(kinds);
    switch (kind) {
      case "file":
        return { kind, access: random.one(["read", "write", "exec"]), path: path(random) };
      case "unix":
        return { kind, path: path(random) };
      case "call":
        return { kind, call: call(random) };
      case "env":
        return { kind, name: random.one(variables) };
      case "peer":
        return { kind, peer: peer(random) };
      case "process":
        return { kind, way: random.one(["signal", "trace", "inspect", "ipc"]) };
      case "user":
        return { kind, uid: random.one(users), gid: random.one(users) };
      case "capability":
        return { kind, name: `CAP_${random.one(capabilities)}` };
      case "gain":
        return { kind };
      case "amount":
        return amount(server, random);
      case "service":
        return { kind, text: random.one(services) };
    }
  };
}

const services = [
  "mach-lookup",
  'mach-lookup global-name "com.apple.coreservices.launchservicesd"',
  'mach-lookup global-name "com.apple.pasteboard.1"',
  "signal target others",
  "process-info-pidinfo target others",
  "sysctl-write",
  "appleevent-send",
  "iokit-open",
  "system-privilege",
  "nvram*",
  "job-creation",
  "file-mount",
  'sysctl-read sysctl-name "kern.procargs2"',
];
