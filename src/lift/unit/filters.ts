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
  intersection,
  never,
  type Root,
  union,
  without,
} from "../../authority/bdd.ts";
import { argumentField, exempt, named, numberOf, ofEntry } from "../../authority/calls.ts";
import { equal, masked } from "../../authority/words.ts";
import { multiplexed } from "../../linux/multiplexed.ts";
import { doorsOf, throughDoors } from "../doors.ts";
import { listens, socketMaking } from "../sockets.ts";
import { callList, listed } from "./call-list.ts";
import { byFamily, familyList } from "./families.ts";
import { callsOfGroup } from "./groups.ts";
import { byNamespace, namespaceFlags } from "./namespaces.ts";
import { flag, type Settings } from "./settings.ts";
import { wordsOf } from "./words.ts";

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
  return listedNames.size === 0 || settings.isOpenList("SystemCallArchitectures") ? undefined : listedNames;
}

function byArchitecture(bdd: Bdd, listedNames: ReadonlySet<string>): Root {
  const i386 = ofEntry(bdd, "i386");
  const x32 = intersection(bdd, ofEntry(bdd, "x86_64"), masked(bdd, numberOf, x32Bit, x32Bit));
  let root: Root = always;
  if (!listedNames.has("x86")) root = without(bdd, root, i386);
  if (!listedNames.has("x32")) root = without(bdd, root, x32);
  return root;
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

/** Calls that make sockets, or open one that does: to list any of them opens socketcall; io_uring has IORING_OP_SOCKET. */
const making: ReadonlySet<string> = new Set([
  ...[...multiplexed].flatMap(([name, { call }]) => (call === "socketcall" ? [name] : [])),
  "socketcall",
  "io_uring_setup",
]);

/** Whether a unit can make a socket of one of some families; the kernel looks at the low 32 bits of the argument. */
export function unitMakes(bdd: Bdd, settings: Settings, which: readonly number[]): boolean {
  let root = socketMaking(bdd, which);
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

/** Whether a unit can give a socket an address, or listen on it. */
export function unitListens(bdd: Bdd, settings: Settings): boolean {
  return listens(bdd, unitCalls(bdd, settings));
}
