/** System calls as a set: entry, number and six arguments, as the kernel's filter sees them. */
import { architectures, i386Calls, systemCall, systemCalls, x32Calls } from "../linux/index.ts";
import type { Condition, SystemCalls } from "../policy/ir.ts";
import {
  always,
  type Bdd,
  complement,
  createBdd,
  intersection,
  leastOf,
  never,
  type Root,
  union,
} from "./bdd.ts";
import { addCall, type CallTable, callsIn } from "./call-table.ts";
import {
  argumentField,
  argumentFields,
  callVariables,
  type Entry,
  entries,
  entryField,
  numberField,
} from "./fields.ts";
import { equal, lowBits, masked, numberIn } from "./words.ts";

export { argumentField, type Entry, entries, numberField } from "./fields.ts";

/** An empty diagram for system calls. */
export function createCallDiagram(budget?: number): Bdd {
  return createBdd(callVariables, budget);
}

/** All calls of one entry. */
export function ofEntry(bdd: Bdd, entry: Entry): Root {
  return equal(bdd, entryField, BigInt(entries.indexOf(entry)));
}

/** All calls with one number at one entry. */
export function ofNumber(bdd: Bdd, entry: Entry, number: number): Root {
  const table: CallTable = new Map();
  addCall(bdd, table, entry, number, always);
  return callsIn(bdd, table);
}

/** What can happen at all: an i386 caller has words of 32 bits, the others have all 64. */
export function possibleCalls(bdd: Bdd, which: readonly Entry[]): Root {
  let root: Root = never;
  for (const entry of which) {
    let own = ofEntry(bdd, entry);
    if (entry === "i386")
      for (const field of argumentFields) {
        own = intersection(bdd, own, equal(bdd, { level: field.level, bits: 32 }, 0n));
      }
    root = union(bdd, root, own);
  }
  return root;
}

/** Calls that the kernel lets past every filter (kernel/seccomp.c, `seccomp_is_const_allow` and `__secure_computing`). */
export const exemptCalls: readonly string[] = ["uretprobe", "uprobe"];

/** The exempt calls as a set. */
export function exempt(bdd: Bdd): Root {
  return allNamed(bdd, exemptCalls);
}

/** Adds a call by its name, on every architecture that has it, natively. */
function addNamed(bdd: Bdd, table: CallTable, name: string, args: Root): void {
  const numbers = systemCall(name)?.numbers ?? {};
  for (const architecture of architectures) {
    const number = numbers[architecture];
    if (number !== undefined) addCall(bdd, table, architecture, number, args);
  }
}

/** Calls by their names, on every architecture that has them, natively. */
export function allNamed(bdd: Bdd, names: Iterable<string>): Root {
  const table: CallTable = new Map();
  for (const name of names) addNamed(bdd, table, name, always);
  return callsIn(bdd, table);
}

/** A call by its name, on every architecture that has it, natively. */
export function named(bdd: Bdd, name: string): Root {
  return allNamed(bdd, [name]);
}

/** Where a condition of the policy holds. */
function where(bdd: Bdd, condition: Condition): Root {
  const field = lowBits(argumentField(condition.argument), condition.bits);
  const all = (1n << BigInt(condition.bits)) - 1n;
  const mask = condition.mask === undefined ? all : BigInt(condition.mask);
  const root = condition.values.reduce(
    (found, value) => union(bdd, found, masked(bdd, field, mask, BigInt(value))),
    never,
  );
  return condition.negated ? complement(bdd, root) : root;
}

/** Where one of the conjunctions holds; without any, always. */
export function whenever(bdd: Bdd, alternatives: readonly (readonly Condition[])[] | undefined): Root {
  if (!alternatives) return always;
  return alternatives.reduce(
    (root, conjunction) =>
      union(
        bdd,
        root,
        conjunction.reduce((all, c) => intersection(bdd, all, where(bdd, c)), always),
      ),
    never,
  );
}

/** What a policy permits: its grants, natively; i386 and x32 never. `firm` leaves out conditions of a runtime's list only. */
export function policyCalls(bdd: Bdd, calls: SystemCalls, meaning: "firm" | "soft"): Root {
  const table: CallTable = new Map();
  for (const { name, when, conditions } of calls.allow)
    addNamed(bdd, table, name, whenever(bdd, meaning === "firm" && conditions === "soft" ? undefined : when));
  return callsIn(bdd, table);
}

/** One call, as a person reads it. */
export interface Call {
  readonly entry: Entry;
  readonly number: number;
  /** Its name where the tables know it; `x32:` stands before those of that ABI. */
  readonly name?: string;
  readonly words: readonly bigint[];
}

let names: ReadonlyMap<string, string> | undefined;

function nameOf(entry: Entry, number: number): string | undefined {
  names ??= new Map([
    ...[...systemCalls().values()].flatMap((call) =>
      architectures.flatMap((a) =>
        call.numbers[a] === undefined ? [] : [[`${a} ${call.numbers[a]}`, call.name] as const],
      ),
    ),
    ...[...i386Calls()].map(([name, at]) => [`i386 ${at}`, name] as const),
    ...[...x32Calls()].map(([name, at]) => [`x86_64 ${at}`, `x32:${name}`] as const),
  ]);
  return names.get(`${entry} ${number}`);
}

/** The least call of a set; undefined when it is empty. */
export function leastCall(bdd: Bdd, root: Root): Call | undefined {
  const bits = leastOf(bdd, root);
  if (!bits) return undefined;
  const entry = entries[Number(numberIn(bits, entryField))] ?? "x86_64";
  const number = Number(numberIn(bits, numberField));
  const name = nameOf(entry, number);
  const words = argumentFields.map((field) => numberIn(bits, field));
  return { entry, number, ...(name !== undefined && { name }), words };
}

/** Reads a call's bits, for membership. */
export function bitOfCall(call: Pick<Call, "entry" | "number" | "words">): (level: number) => boolean {
  return (level) => {
    if (level < 2) return ((entries.indexOf(call.entry) >> (1 - level)) & 1) === 1;
    if (level < 34) return ((call.number >>> (33 - level)) & 1) === 1;
    const at = level - 34;
    return (((call.words[at >> 6] ?? 0n) >> BigInt(63 - (at & 63))) & 1n) === 1n;
  };
}

/** A call in words: `socket(2, 1, 0, 0, 0, 0) on x86_64`. */
export function describeCall({ entry, number, name, words }: Call): string {
  const shown = words.map((word) => (word > 9n ? `0x${word.toString(16)}` : String(word)));
  const last = shown.findLastIndex((word) => word !== "0");
  return `${name ?? `number ${number}`}(${shown.slice(0, Math.max(last + 1, 1)).join(", ")}) on ${entry}`;
}
