/**
 * The filters of system calls that a unit installs, each a set of what it lets through; what counts is what all let
 * through. systemd makes a filter for each ABI of the machine: x86_64's cover int 0x80 and x32 too.
 *
 * Source: src/shared/seccomp-util.c of systemd 252; systemd.exec(5), "System Call Filtering".
 */
import {
  always,
  type Bdd,
  complement,
  decide,
  intersection,
  never,
  type Root,
  union,
  without,
} from "../../authority/bdd.ts";
import {
  argumentField,
  type Entry,
  entries,
  exempt,
  named,
  numberOf,
  ofEntry,
} from "../../authority/calls.ts";
import { equal, lowBits, masked } from "../../authority/words.ts";
import { architectures, i386Calls, systemCall, x32Calls } from "../../linux/index.ts";
import { tableRelease } from "./directives.generated.ts";
import { callsOfGroup, isKnownCall } from "./groups.ts";
import { flag, type Settings } from "./settings.ts";
import type { Assignment } from "./syntax.ts";
import { booleanOf } from "./values.ts";
import { wordsOf } from "./words.ts";

/** One way into the kernel: entry and number, as the first 34 bits of a call. */
type Door = number;

const door = (entry: Entry, number: number): Door => entries.indexOf(entry) * 2 ** 32 + (number >>> 0);

/** The calls of some doors, with any arguments: built from above, since each of hundreds of unions would walk them all. */
function throughDoors(bdd: Bdd, doors: Iterable<Door>): Root {
  const build = (level: number, left: readonly Door[]): Root => {
    if (left.length === 0) return never;
    if (level === 34) return always;
    const bit = 2 ** (33 - level);
    const isSet = (d: Door): boolean => Math.floor(d / bit) % 2 === 1;
    return decide(
      bdd,
      level,
      build(
        level + 1,
        left.filter((d) => !isSet(d)),
      ),
      build(level + 1, left.filter(isSet)),
    );
  };
  return build(0, [...new Set(doors)]);
}

const foreignDoors = (name: string): readonly Door[] => {
  const [i386, x32] = [i386Calls().get(name), x32Calls().get(name)];
  return [
    ...(i386 === undefined ? [] : [door("i386", i386)]),
    ...(x32 === undefined ? [] : [door("x86_64", x32)]),
  ];
};

/** A call at every entry that has it: natively, by int 0x80, and as x32. */
function doorsOf(name: string): readonly Door[] {
  const numbers = systemCall(name)?.numbers ?? {};
  const native = architectures.flatMap((a) => (numbers[a] === undefined ? [] : [door(a, numbers[a])]));
  return [...native, ...foreignDoors(name)];
}

const everywhere = (bdd: Bdd, name: string): Root => throughDoors(bdd, doorsOf(name));

const sockets: ReadonlySet<string> = new Set([
  "accept",
  "accept4",
  "bind",
  "connect",
  "getpeername",
  "getsockname",
  "getsockopt",
  "listen",
  "recv",
  "recvfrom",
  "recvmmsg",
  "recvmsg",
  "send",
  "sendmmsg",
  "sendmsg",
  "sendto",
  "setsockopt",
  "shutdown",
  "socket",
  "socketpair",
]);

const shared = /^(?:sem|shm|msg)(?:get|ctl|op|timedop|at|dt|snd|rcv)/;

/** The call of i386 that another one may be hidden behind there. */
const behind = (name: string): string | undefined =>
  sockets.has(name) ? "socketcall" : shared.test(name) ? "ipc" : undefined;

const isOfI386 = (d: Door): boolean => Math.floor(d / 2 ** 32) === entries.indexOf("i386");

/** Where a call of an allow-list may get through. */
function most(name: string): readonly Door[] {
  const hidden = behind(name);
  const number = hidden === undefined ? undefined : i386Calls().get(hidden);
  return [...doorsOf(name), ...(number === undefined ? [] : [door("i386", number)])];
}

/** Where a call of a deny-list surely does not. */
function least(name: string): readonly Door[] {
  const all = doorsOf(name);
  return behind(name) === undefined ? all : all.filter((d) => !isOfI386(d));
}

/** What SystemCallFilter= says. */
export interface CallList {
  /** Whether it lists what is allowed, which the first line decides. */
  readonly allows: boolean;
  readonly names: ReadonlySet<string>;
}

const errorName = /^(?:E[A-Z0-9]+|\d{1,4}|kill)$/;

/** The calls of one word, `@group`, `name`, `name:ERRNO`; undefined, with a finding, where systemd passes over it. */
function callsOfWord(
  settings: Settings,
  at: Assignment,
  word: string,
  inverted: boolean,
): Iterable<string> | undefined {
  const [name = "", error] = word.split(":");
  if (error !== undefined && (!errorName.test(error) || !inverted)) {
    settings.find(at, `systemd ignores \`${word}\`: an error belongs to what is denied only`);
    return undefined;
  }
  const calls = name.startsWith("@") ? callsOfGroup(name) : isKnownCall(name) ? [name] : undefined;
  if (calls && name.startsWith("@") && !inverted && settings.release !== tableRelease)
    settings.find(at, `what \`${name}\` holds is known of systemd ${tableRelease} only`);
  if (!calls) settings.find(at, `systemd ignores \`${name}\`, a system call that it does not know`);
  return calls;
}

/** Reads SystemCallFilter=; undefined when there is none. */
export function callList(settings: Settings): CallList | undefined {
  let allows: boolean | undefined;
  const names = new Set<string>();
  for (const at of settings.list("SystemCallFilter")) {
    const inverted = at.value.startsWith("~");
    if (allows === undefined) {
      allows = !inverted;
      if (allows) for (const name of callsOfGroup("@default") ?? []) names.add(name);
    }
    const { words, broken } = wordsOf(inverted ? at.value.slice(1) : at.value);
    if (broken) settings.find(at, "systemd ignores the rest: a quote is broken");
    for (const word of words)
      for (const name of callsOfWord(settings, at, word, inverted) ?? []) {
        if (inverted !== allows) names.add(name);
        else names.delete(name);
      }
  }
  return allows === undefined ? undefined : { allows, names };
}

function listed(bdd: Bdd, { allows, names }: CallList): Root {
  const root = throughDoors(bdd, [...names].flatMap(allows ? most : least));
  return allows ? root : complement(bdd, root);
}

const x32Bit = 0x40000000n;

const abis: ReadonlySet<string> = new Set(
  "native x86 x86-64 x32 arm arm64 loongarch64 mips mips-le mips64 mips64-le mips64-n32 mips64-le-n32 ppc ppc64 ppc64-le riscv64 s390 s390x parisc parisc64".split(
    " ",
  ),
);

/** The ABIs that SystemCallArchitectures= leaves; undefined when it leaves all. */
export function architecturesOf(settings: Settings): ReadonlySet<string> | undefined {
  const listedNames = new Set<string>();
  for (const at of settings.list("SystemCallArchitectures"))
    for (const word of wordsOf(at.value).words) {
      if (abis.has(word)) listedNames.add(word);
      else settings.find(at, `systemd ignores the architecture \`${word}\`, which it does not know`);
    }
  // The native one always stays.
  return listedNames.size === 0 ? undefined : listedNames;
}

function byArchitecture(bdd: Bdd, listedNames: ReadonlySet<string>): Root {
  const i386 = ofEntry(bdd, "i386");
  const x32 = intersection(bdd, ofEntry(bdd, "x86_64"), masked(bdd, numberOf, x32Bit, x32Bit));
  let root: Root = always;
  if (!listedNames.has("x86")) root = without(bdd, root, i386);
  if (!listedNames.has("x32")) root = without(bdd, root, x32);
  return root;
}

/** Families by name, with their numbers (linux/socket.h). */
export const families: Readonly<Record<string, number>> = Object.fromEntries(
  "UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY NETLINK PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP"
    .split(" ")
    .map((name, at) => [`AF_${name}`, at + 1] as const),
);

/** What RestrictAddressFamilies= says; undefined when there is none. */
export function familyList(
  settings: Settings,
): { readonly allows: boolean; readonly families: ReadonlySet<number> } | undefined {
  let allows: boolean | undefined;
  const found = new Set<number>();
  for (const at of settings.list("RestrictAddressFamilies")) {
    if (at.value === "none") {
      allows = true;
      found.clear();
      continue;
    }
    const inverted = at.value.startsWith("~");
    allows ??= !inverted;
    for (const word of wordsOf(inverted ? at.value.slice(1) : at.value).words) {
      const family = word === "AF_LOCAL" ? 1 : word === "AF_ROUTE" ? 16 : families[word];
      if (family === undefined)
        settings.find(at, `systemd ignores the family \`${word}\`, which it does not know`);
      else if (inverted !== allows) found.add(family);
      else found.delete(family);
    }
  }
  return allows === undefined ? undefined : { allows, families: found };
}

/**
 * Where the filter of families lets `socket` through. It compares all 64 bits, and the kernel takes 32: a list of what is
 * denied misses families with other high bits. There is none for int 0x80, whose `socketcall` hides them.
 */
function byFamily(bdd: Bdd, settings: Settings): Root {
  const list = familyList(settings);
  if (!list) return always;
  const named64 = [...list.families].reduce(
    (root, family) => union(bdd, root, equal(bdd, argumentField(0), BigInt(family))),
    never,
  );
  const denied = list.allows ? complement(bdd, named64) : named64;
  const calls = without(bdd, everywhere(bdd, "socket"), ofEntry(bdd, "i386"));
  return complement(bdd, intersection(bdd, calls, denied));
}

/** Namespaces by name, with the flag of clone(2). */
const namespaces: Readonly<Record<string, bigint>> = {
  cgroup: 0x02000000n,
  ipc: 0x08000000n,
  net: 0x40000000n,
  mnt: 0x00020000n,
  pid: 0x20000000n,
  user: 0x10000000n,
  uts: 0x04000000n,
};

/** The flags of some namespaces; undefined, with a finding, where systemd passes over the line for one that it does not know. */
function flagsOf(settings: Settings, at: Assignment, words: readonly string[]): bigint | undefined {
  const unknown = words.find((word) => !Object.hasOwn(namespaces, word));
  if (unknown !== undefined) {
    settings.find(at, `systemd ignores \`RestrictNamespaces=${at.value}\`: it does not know \`${unknown}\``);
    return undefined;
  }
  return words.reduce((mask, word) => mask | (namespaces[word] ?? 0n), 0n);
}

/** The flags of namespaces that stay allowed; undefined when all do. */
export function namespaceFlags(settings: Settings): bigint | undefined {
  const all = Object.values(namespaces).reduce((a, b) => a | b, 0n);
  let kept: bigint | undefined;
  for (const at of settings.list("RestrictNamespaces")) {
    const isOn = booleanOf(at.value);
    if (isOn !== undefined) {
      kept = isOn ? 0n : undefined;
      continue;
    }
    const inverted = at.value.startsWith("~");
    const flags = flagsOf(settings, at, wordsOf(inverted ? at.value.slice(1) : at.value).words);
    if (flags !== undefined) kept = inverted ? (kept ?? all) & ~flags : (kept ?? 0n) | flags;
  }
  return kept === undefined || kept === all ? undefined : kept;
}

function byNamespace(bdd: Bdd, settings: Settings): Root {
  const kept = namespaceFlags(settings);
  if (kept === undefined) return always;
  const native = (name: string): Root => without(bdd, everywhere(bdd, name), ofEntry(bdd, "i386"));
  let denied = native("clone3");
  const having = (index: number, bits: bigint): Root => masked(bdd, argumentField(index), bits, bits);
  for (const bit of Object.values(namespaces)) {
    if ((kept & bit) !== 0n) continue;
    denied = union(bdd, denied, intersection(bdd, native("unshare"), having(0, bit)));
    denied = union(bdd, denied, intersection(bdd, native("clone"), having(0, bit)));
    denied = union(bdd, denied, intersection(bdd, native("setns"), having(1, bit)));
  }
  const anyNamespace =
    kept === 0n ? native("setns") : intersection(bdd, native("setns"), equal(bdd, argumentField(1), 0n));
  return complement(bdd, union(bdd, denied, anyNamespace));
}

/** What directives deny whole. */
const deniedWhole: Readonly<Record<string, readonly string[]>> = {
  PrivateDevices: ["@raw-io"],
  ProtectClock: ["@clock"],
  ProtectKernelLogs: ["syslog"],
  ProtectKernelModules: ["@module"],
};

/** Filters that deny calls by name or by one argument. */
function byFlag(bdd: Bdd, settings: Settings): Root {
  const on = (key: string): boolean => flag(settings, key) === true;
  const whole = Object.entries(deniedWhole).flatMap(([key, names]) =>
    on(key) ? names.flatMap((name) => [...(callsOfGroup(name) ?? [name])]) : [],
  );
  let denied = throughDoors(bdd, whole.flatMap(doorsOf));
  const deny = (root: Root): void => {
    denied = union(bdd, denied, root);
  };
  const one = (name: string, where: Root): void => deny(intersection(bdd, named(bdd, name), where));
  const has = (index: number, bits: bigint): Root => masked(bdd, argumentField(index), bits, bits);
  if (on("LockPersonality") && !settings.last("Personality"))
    deny(intersection(bdd, named(bdd, "personality"), complement(bdd, equal(bdd, argumentField(0), 0n))));
  // Later releases use prctl(PR_SET_MDWE) instead where the kernel has it.
  if (on("MemoryDenyWriteExecute") && settings.release < 253) {
    const onX86 = ofEntry(bdd, "x86_64");
    const x86 = (name: string, where: Root): void => one(name, intersection(bdd, onX86, where));
    x86("mmap", has(2, 6n));
    x86("mprotect", has(2, 4n));
    x86("pkey_mprotect", has(2, 4n));
    x86("shmat", has(2, 0o100000n));
  }
  if (on("RestrictRealtime")) {
    // SCHED_OTHER, SCHED_BATCH and SCHED_IDLE.
    const kept = [0n, 3n, 5n].map((policy) => equal(bdd, argumentField(1), policy));
    one(
      "sched_setscheduler",
      complement(
        bdd,
        kept.reduce((a, b) => union(bdd, a, b), never),
      ),
    );
  }
  if (on("RestrictSUIDSGID") || on("DynamicUser")) {
    for (const bit of [0o4000n, 0o2000n]) {
      one("chmod", has(1, bit));
      one("fchmod", has(1, bit));
      one("fchmodat", has(2, bit));
      one("mknod", has(1, bit));
      one("mknodat", has(2, bit));
    }
  }
  return complement(bdd, denied);
}

/** Calls that make sockets, or hide one that does: io_uring has IORING_OP_SOCKET. */
const making: ReadonlySet<string> = new Set([...sockets, "socketcall", "io_uring_setup"]);

/** Whether a unit can make a socket of one of some families; the kernel looks at the low 32 bits of the argument. */
export function makesSockets(bdd: Bdd, settings: Settings, which: readonly number[]): boolean {
  const family = lowBits(argumentField(0), 32);
  const ofFamily = which.reduce(
    (root, number) => union(bdd, root, equal(bdd, family, BigInt(number))),
    never,
  );
  const direct = intersection(bdd, everywhere(bdd, "socket"), ofFamily);
  const others = throughDoors(bdd, [...doorsOf("socketcall"), ...doorsOf("io_uring_setup")]);
  let root = union(bdd, direct, others);
  const list = callList(settings);
  if (list) {
    const names = new Set([...list.names].filter((name) => making.has(name)));
    root = intersection(bdd, root, listed(bdd, { ...list, names }));
  }
  const architectures = architecturesOf(settings);
  if (architectures) root = intersection(bdd, root, byArchitecture(bdd, architectures));
  return intersection(bdd, root, byFamily(bdd, settings)) !== never;
}

/** What every filter of a unit lets through. @throws BudgetExceeded */
export function unitCalls(bdd: Bdd, settings: Settings): Root {
  let root: Root = always;
  const list = callList(settings);
  if (list) root = listed(bdd, list);
  const architectures = architecturesOf(settings);
  if (architectures) root = intersection(bdd, root, byArchitecture(bdd, architectures));
  root = intersection(bdd, root, byFamily(bdd, settings));
  root = intersection(bdd, root, byNamespace(bdd, settings));
  root = intersection(bdd, root, byFlag(bdd, settings));
  return union(bdd, root, exempt(bdd));
}

/** Reads every list, so that what systemd passes over is found. */
export function readFilters(settings: Settings): void {
  callList(settings);
  architecturesOf(settings);
  familyList(settings);
  namespaceFlags(settings);
}
