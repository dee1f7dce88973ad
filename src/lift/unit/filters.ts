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
import { type CallTable, callsIn } from "../../authority/call-table.ts";
import { argumentField, exempt, numberField, ofEntry } from "../../authority/calls.ts";
import { recently } from "../../authority/recent.ts";
import { equal, masked } from "../../authority/words.ts";
import { addDoors, doorsOf, nativeDoors } from "../doors.ts";
import { listens, makesSockets, socketNames } from "../sockets.ts";
import { callList, listed } from "./call-list.ts";
import { denyFamilies, familyList } from "./families.ts";
import { callsOfGroup } from "./groups.ts";
import { denyNamespaces, namespaceFlags } from "./namespaces.ts";
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
  const x32 = intersection(bdd, ofEntry(bdd, "x86_64"), masked(bdd, numberField, x32Bit, x32Bit));
  let root: Root = always;
  if (!listedNames.has("x86")) root = without(bdd, root, i386);
  if (!listedNames.has("x32")) root = without(bdd, root, x32);
  return root;
}

/** All directives that the filters are made of. */
const filtering = [
  "SystemCallFilter",
  "SystemCallArchitectures",
  "RestrictAddressFamilies",
  "RestrictNamespaces",
  "PrivateDevices",
  "ProtectClock",
  "ProtectKernelLogs",
  "ProtectKernelModules",
  "LockPersonality",
  "Personality",
  "MemoryDenyWriteExecute",
  "RestrictRealtime",
  "RestrictSUIDSGID",
  "DynamicUser",
] as const;
type Filtering = (typeof filtering)[number];

/** What directives deny whole. */
const deniedWhole: Readonly<Partial<Record<Filtering, readonly string[]>>> = {
  PrivateDevices: ["@raw-io"],
  ProtectClock: ["@clock"],
  ProtectKernelLogs: ["syslog"],
  ProtectKernelModules: ["@module"],
};

/** Adds what flags deny, by name or by one argument. */
function denyFlags(bdd: Bdd, denied: CallTable, settings: Settings): void {
  const on = (key: Filtering): boolean => flag(settings, key) === true;
  for (const [key, names] of Object.entries(deniedWhole) as [Filtering, readonly string[]][])
    if (on(key))
      for (const name of names.flatMap((group) => [...(callsOfGroup(group) ?? [group])]))
        addDoors(bdd, denied, doorsOf(name), always);
  const one = (name: string, where: Root): void => addDoors(bdd, denied, nativeDoors(name), where);
  const x86 = (name: string, where: Root): void =>
    addDoors(
      bdd,
      denied,
      nativeDoors(name).filter(({ entry }) => entry === "x86_64"),
      where,
    );
  const has = (index: number, bits: bigint): Root => masked(bdd, argumentField(index), bits, bits);
  if (on("LockPersonality") && !settings.last("Personality"))
    one("personality", complement(bdd, equal(bdd, argumentField(0), 0n)));
  // Later releases use prctl(PR_SET_MDWE) instead where the kernel has it.
  if (on("MemoryDenyWriteExecute") && settings.release < 253) {
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
}

/** What the lists of calls and of architectures let through, of some calls or of all. */
function listedCalls(bdd: Bdd, settings: Settings, of?: ReadonlySet<string>): Root {
  let root: Root = always;
  const list = callList(settings);
  if (list) {
    const names = of ? new Set([...list.names].filter((name) => of.has(name))) : list.names;
    root = listed(bdd, { ...list, names });
  }
  const architectures = architecturesOf(settings);
  return architectures ? intersection(bdd, root, byArchitecture(bdd, architectures)) : root;
}

/** Whether a unit can make a socket of one of some families. */
export function unitMakes(bdd: Bdd, settings: Settings, which: readonly number[]): boolean {
  const denied: CallTable = new Map();
  denyFamilies(bdd, denied, settings);
  const left = without(bdd, listedCalls(bdd, settings, socketNames), callsIn(bdd, denied));
  return makesSockets(bdd, left, which);
}

/** Whether a unit can give a socket an address, or listen on it. */
export function unitListens(bdd: Bdd, settings: Settings): boolean {
  return listens(bdd, listedCalls(bdd, settings, socketNames));
}

/** What every filter of a unit lets through. @throws BudgetExceeded */
function unitCalls(bdd: Bdd, settings: Settings): Root {
  const denied: CallTable = new Map();
  denyFamilies(bdd, denied, settings);
  denyNamespaces(bdd, denied, settings);
  denyFlags(bdd, denied, settings);
  return union(bdd, without(bdd, listedCalls(bdd, settings), callsIn(bdd, denied)), exempt(bdd));
}

const recent = recently<(bdd: Bdd) => Root>();

/** The filters of a unit together; the same function for units that say the same of them. */
export function unitFilter(settings: Settings): (bdd: Bdd) => Root {
  const said = filtering.map((key) => [
    settings.list(key).map(({ value }) => value),
    settings.isOpen(key),
    settings.isOpenList(key),
  ]);
  return recent(JSON.stringify([said, settings.release]), () => (bdd) => unitCalls(bdd, settings));
}

/** Reads every list, so that what systemd passes over is found. */
export function readFilters(settings: Settings): void {
  callList(settings);
  architecturesOf(settings);
  familyList(settings);
  namespaceFlags(settings);
}
