/**
 * The `linux.seccomp` object of the OCI runtime specification, as runtimes read it. It has no meaning without one, and
 * they disagree: so what *any* of them lets through counts as permitted. Where they disagree, and what each does:
 *
 * - conditions: the specification ANDs them; runc, crun and youki split an entry in which one index stands twice into an
 *   entry for each condition (runc #2735, crun #2220);
 * - an entry whose action is the default's is dropped (runc, crun);
 * - names that libseccomp does not know are skipped: its tables end with Linux 5.17 on Debian 12;
 * - several entries of one call with different actions: libseccomp's choice is not documented;
 * - i386: an entry for `socket` with conditions leaves `socketcall` open (libseccomp 2.5.4);
 * - values above 32 bits on a 32-bit entry are cut off (libseccomp 2.5.4);
 * - x32: the kernel gives a filter words of 64 bits, libseccomp compares their low 32 (`arch_def_x32`).
 *
 * Source: OCI runtime-spec, config-linux.md, "Seccomp"; libseccomp seccomp_rule_add(3).
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
} from "../authority/bdd.ts";
import { addCall, type CallTable, callsIn } from "../authority/call-table.ts";
import { argumentField, type Entry, exempt, ofEntry } from "../authority/calls.ts";
import { atLeast, equal, type Field, lowBits, masked } from "../authority/words.ts";
import { architectures, i386Calls, systemCall, x32Calls } from "../linux/index.ts";
import { multiplexed } from "../linux/multiplexed.ts";
import { type Json, JsonError, readJson } from "./json.ts";

const actions = [
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_LOG",
  "SCMP_ACT_NOTIFY",
] as const;

/** Those of the specification: a runtime refuses a profile that names another. */
const knownArchitectures = [
  ..."X86 X86_64 X32 ARM AARCH64 MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE".split(
    " ",
  ),
  ..."S390 S390X PARISC PARISC64 RISCV64 LOONGARCH64 M68K SH SHEB".split(" "),
].map((name) => `SCMP_ARCH_${name}`);

const operators = [
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
] as const;

/** A comparison of one argument; for MASKED_EQ `value` is the mask. */
export interface ProfileArgument {
  readonly index: number;
  readonly value: bigint;
  readonly valueTwo: bigint;
  readonly op: (typeof operators)[number];
}

/** An entry: what happens to calls of these names where all comparisons hold. */
export interface ProfileEntry {
  readonly names: readonly string[];
  readonly action: (typeof actions)[number];
  readonly errnoRet: bigint | undefined;
  readonly args: readonly ProfileArgument[];
}

/** A profile. */
export interface SeccompProfileJson {
  readonly defaultAction: (typeof actions)[number];
  readonly defaultErrnoRet: bigint | undefined;
  readonly architectures: readonly string[];
  readonly syscalls: readonly ProfileEntry[];
}

/** A text that is no such profile. */
export class SeccompError extends Error {
  override readonly name = "SeccompError";
}

const fail = (where: string, what: string): never => {
  throw new SeccompError(`\`${where}\`: ${what}`);
};

type JsonObject = { readonly [key: string]: Json };

/** An object with no other keys: a misspelt one is ignored by runtimes, and would be here. */
function objectAt(value: Json | undefined, where: string, keys: readonly string[]): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return fail(where, "an object is missing");
  const object = value as JsonObject;
  const unknown = Object.keys(object).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    return fail(where === "" ? unknown : `${where}.${unknown}`, "there is no such key");
  return object;
}

function listAt(value: Json | undefined, where: string): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : fail(where, "a list is missing");
}

function textAt(value: Json | undefined, where: string): string {
  return typeof value === "string" ? value : fail(where, "a string is missing");
}

function oneOf<T extends string>(value: Json | undefined, where: string, words: readonly T[]): T {
  return words.find((word) => word === value) ?? fail(where, "there is no such value");
}

function wholeAt(value: Json | undefined, where: string, most: bigint): bigint {
  return typeof value === "bigint" && value >= 0n && value <= most
    ? value
    : fail(where, `a whole number up to ${most} is missing`);
}

const most64 = 0xffffffffffffffffn;
const most32 = 0xffffffffn;

function argumentAt(value: Json, where: string): ProfileArgument {
  const { index, value: datum, valueTwo, op } = objectAt(value, where, ["index", "value", "valueTwo", "op"]);
  return {
    index: Number(wholeAt(index, `${where}.index`, 5n)),
    value: wholeAt(datum, `${where}.value`, most64),
    valueTwo: valueTwo === undefined ? 0n : wholeAt(valueTwo, `${where}.valueTwo`, most64),
    op: oneOf(op, `${where}.op`, operators),
  };
}

function entryAt(value: Json, where: string): ProfileEntry {
  const { names, action, errnoRet, args } = objectAt(value, where, ["names", "action", "errnoRet", "args"]);
  const list = listAt(names, `${where}.names`).map((name, at) => textAt(name, `${where}.names.${at}`));
  if (list.length === 0) return fail(`${where}.names`, "it names no call");
  return {
    names: list,
    action: oneOf(action, `${where}.action`, actions),
    errnoRet: errnoRet === undefined ? undefined : wholeAt(errnoRet, `${where}.errnoRet`, most32),
    args: listAt(args, `${where}.args`).map((argument, at) => argumentAt(argument, `${where}.args.${at}`)),
  };
}

/** Reads a profile from its text. @throws SeccompError */
export function readSeccomp(text: string): SeccompProfileJson {
  let value: Json;
  try {
    value = readJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw new SeccompError(`${error.message} (at offset ${error.offset})`);
    throw error;
  }
  const keys = ["defaultAction", "defaultErrnoRet", "architectures", "flags", "syscalls"];
  const { defaultAction, defaultErrnoRet, architectures, flags, syscalls } = objectAt(
    value,
    "the profile",
    keys,
  );
  for (const [at, flag] of listAt(flags, "flags").entries()) textAt(flag, `flags.${at}`);
  return {
    defaultAction: oneOf(defaultAction, "defaultAction", actions),
    defaultErrnoRet:
      defaultErrnoRet === undefined ? undefined : wholeAt(defaultErrnoRet, "defaultErrnoRet", most32),
    architectures: listAt(architectures, "architectures").map((name, at) =>
      oneOf(name, `architectures.${at}`, knownArchitectures),
    ),
    syscalls: listAt(syscalls, "syscalls").map((entry, at) => entryAt(entry, `syscalls.${at}`)),
  };
}

// TRAP, TRACE and NOTIFY leave the decision to another; LOG is a permission with a record.
const denials: ReadonlySet<string> = new Set([
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_ERRNO",
]);
const permits = (name: string): boolean => !denials.has(name);

/** The last call that every libseccomp in use knows: Debian 12's tables are those of Linux 5.17. */
const lastKnownEverywhere = 450;

/** Entries by which a filter of these architectures is reached: each native one, and i386 and x32 where they are named. */
interface Abi {
  readonly entry: Entry;
  readonly numberOf: (name: string) => number | undefined;
  /** How many bits of an argument are compared, by one runtime or another. */
  readonly widths: readonly (32 | 64)[];
}

function abisOf(profile: SeccompProfileJson): readonly Abi[] {
  const listed = new Set(profile.architectures);
  const native = architectures.map(
    (a): Abi => ({ entry: a, numberOf: (name) => systemCall(name)?.numbers[a], widths: [64] }),
  );
  return [
    ...native,
    ...(listed.has("SCMP_ARCH_X86")
      ? [{ entry: "i386" as const, numberOf: (name: string) => i386Calls().get(name), widths: [32 as const] }]
      : []),
    ...(listed.has("SCMP_ARCH_X32")
      ? [
          {
            entry: "x86_64" as const,
            numberOf: (name: string) => x32Calls().get(name),
            widths: [32 as const, 64 as const],
          },
        ]
      : []),
  ];
}

function comparison(bdd: Bdd, { index, op, value, valueTwo }: ProfileArgument, bits: 32 | 64): Root {
  const field: Field = lowBits(argumentField(index), bits);
  const datum = bits === 32 ? value & 0xffffffffn : value;
  switch (op) {
    case "SCMP_CMP_EQ":
      return equal(bdd, field, datum);
    case "SCMP_CMP_NE":
      return complement(bdd, equal(bdd, field, datum));
    case "SCMP_CMP_GE":
      return atLeast(bdd, field, datum);
    case "SCMP_CMP_GT":
      return atLeast(bdd, field, datum + 1n);
    case "SCMP_CMP_LT":
      return complement(bdd, atLeast(bdd, field, datum));
    case "SCMP_CMP_LE":
      return complement(bdd, atLeast(bdd, field, datum + 1n));
    case "SCMP_CMP_MASKED_EQ":
      // libseccomp masks the comparand too.
      return masked(bdd, field, datum, valueTwo & datum);
  }
}

/** Where some runtime, and where every runtime, takes the conditions of an entry to hold. */
interface Holding {
  readonly any: Root;
  readonly all: Root;
}

/** Where an entry's conditions hold: by the specification, and as an entry for each where an index stands twice. */
function conditionsOf(bdd: Bdd, args: readonly ProfileArgument[], bits: 32 | 64): Holding {
  const roots = args.map((a) => comparison(bdd, a, bits));
  const all = roots.reduce((x, y) => intersection(bdd, x, y), always);
  const twice = new Set(args.map((a) => a.index)).size < args.length;
  return { all, any: twice ? roots.reduce((x, y) => union(bdd, x, y), never) : all };
}

/** The same for words of each width that a runtime may compare. */
function conditions(bdd: Bdd, args: readonly ProfileArgument[], widths: readonly (32 | 64)[]): Holding {
  return widths
    .map((bits) => conditionsOf(bdd, args, bits))
    .reduce((x, y) => ({ any: union(bdd, x.any, y.any), all: intersection(bdd, x.all, y.all) }));
}

/** What naming a call opens of the one that it is hidden behind on i386: all of it where libseccomp drops a condition. */
function addMultiplexed(bdd: Bdd, table: CallTable, abi: Abi, name: string, conditional: boolean): void {
  const found = abi.entry === "i386" ? multiplexed.get(name) : undefined;
  const number = found && abi.numberOf(found.call);
  if (!found || number === undefined) return;
  addCall(bdd, table, "i386", number, conditional ? always : equal(bdd, argumentField(0), found.selector));
}

/** What entries speak of: at most (any runtime), and at least (every runtime). */
interface Extent {
  readonly any: CallTable;
  readonly all: CallTable;
}

function addExtent(
  bdd: Bdd,
  { any, all }: Extent,
  { names, args }: ProfileEntry,
  abis: readonly Abi[],
): void {
  for (const abi of abis) {
    const { any: most, all: least } = conditions(bdd, args, abi.widths);
    for (const name of names) {
      const number = abi.numberOf(name);
      addMultiplexed(bdd, any, abi, name, args.length > 0);
      if (number === undefined) continue;
      addCall(bdd, any, abi.entry, number, most);
      if ((number & 0x3fffffff) <= lastKnownEverywhere) addCall(bdd, all, abi.entry, number, least);
    }
  }
}

function extentOf(bdd: Bdd, entries: readonly ProfileEntry[], abis: readonly Abi[]): Extent {
  const extent: Extent = { any: new Map(), all: new Map() };
  for (const entry of entries) addExtent(bdd, extent, entry, abis);
  return extent;
}

/** What any runtime lets through under a profile. @throws BudgetExceeded */
export function liftSeccomp(bdd: Bdd, profile: SeccompProfileJson): Root {
  const abis = abisOf(profile);
  const list = profile.syscalls;
  const isDefault = (e: ProfileEntry): boolean =>
    e.action === profile.defaultAction &&
    (e.action !== "SCMP_ACT_ERRNO" || (e.errnoRet ?? 1n) === (profile.defaultErrnoRet ?? 1n));
  const allowing = list.filter((e) => permits(e.action));
  const granted = callsIn(bdd, extentOf(bdd, allowing, abis).any);
  if (!permits(profile.defaultAction)) return union(bdd, granted, exempt(bdd));
  // With a permissive default a denial counts only where every runtime obeys it, and none lets the call through.
  const refusing = list.filter((e) => !permits(e.action) && !isDefault(e));
  const refused = callsIn(bdd, extentOf(bdd, refusing, abis).all);
  const reached = abis.reduce((root, abi) => union(bdd, root, ofEntry(bdd, abi.entry)), never);
  return union(bdd, union(bdd, without(bdd, reached, refused), granted), exempt(bdd));
}
