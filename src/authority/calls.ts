/**
 * System calls as a set: entry, number and six arguments, as the kernel's filter sees them. One diagram over 418 variables,
 * most significant bits first, so that the least counterexample is the least number with the least arguments.
 */
import {
  type Architecture,
  architectures,
  i386Calls,
  systemCall,
  systemCalls,
  x32Calls,
} from "../linux/index.ts";
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
import { equal, type Field, lowBits, masked, numberIn } from "./words.ts";

/**
 * How a call enters the kernel: natively, or on x86_64 by `int 0x80` with the numbers of i386. Calls of x32 enter as
 * x86_64's, with bit 30 of the number set (arch/x86/entry/common.c).
 */
export type Entry = Architecture | "i386";

/** The entries, by the number that stands for each in the diagram. */
export const entries: readonly Entry[] = ["x86_64", "i386", "aarch64", "riscv64"];

const entryField: Field = { level: 0, bits: 2 };
const numberField: Field = { level: 2, bits: 32 };
const argumentFields: readonly Field[] = [0, 1, 2, 3, 4, 5].map((at) => ({ level: 34 + at * 64, bits: 64 }));

/** The field of the call's number. */
export const numberOf: Field = numberField;

/** The field of an argument, 0 to 5. */
export function argumentField(index: number): Field {
  const field = argumentFields[index];
  if (!field) throw new RangeError(`a call has no argument ${index}`);
  return field;
}

/** An empty diagram for system calls. */
export function createCallDiagram(budget?: number): Bdd {
  return createBdd(418, budget);
}

/** All calls of one entry. */
export function ofEntry(bdd: Bdd, entry: Entry): Root {
  return equal(bdd, entryField, BigInt(entries.indexOf(entry)));
}

/** All calls with one number at one entry. */
export function ofNumber(bdd: Bdd, entry: Entry, number: number): Root {
  return intersection(bdd, ofEntry(bdd, entry), equal(bdd, numberField, BigInt(number >>> 0)));
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
  return exemptCalls.reduce((root, name) => union(bdd, root, named(bdd, name)), never);
}

/** A call by its name, on every architecture that has it, natively. */
export function named(bdd: Bdd, name: string): Root {
  const numbers = systemCall(name)?.numbers ?? {};
  return architectures.reduce((root, architecture) => {
    const number = numbers[architecture];
    return number === undefined ? root : union(bdd, root, ofNumber(bdd, architecture, number));
  }, never);
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
  return calls.allow.reduce((root, grant) => {
    const conditions = meaning === "firm" && grant.conditions === "soft" ? undefined : grant.when;
    return union(bdd, root, intersection(bdd, named(bdd, grant.name), whenever(bdd, conditions)));
  }, never);
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
