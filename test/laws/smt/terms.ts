/** Terms of SMT-LIB over one system call: `entry`, `nr` and `a0` to `a5`, all bit vectors (smt-lib.org, theory FixedSizeBitVectors). */

/** A term, as text. */
export type Term = string;

/** The numbers that stand for the entries: AUDIT_ARCH_* (linux/audit.h), which filters compare with. */
export const entryNumbers = {
  x86_64: 0xc000003e,
  i386: 0x40000003,
  aarch64: 0xc00000b7,
  riscv64: 0xc00000f3,
} as const;

export type EntryName = keyof typeof entryNumbers;

/** A number of so many bits. */
export function word(value: number | bigint, bits: 32 | 64): Term {
  return `#x${BigInt.asUintN(bits, BigInt(value))
    .toString(16)
    .padStart(bits / 4, "0")}`;
}

const folded =
  (name: string, empty: Term) =>
  (terms: readonly Term[]): Term =>
    terms.length === 0 ? empty : terms.length === 1 ? (terms[0] ?? empty) : `(${name} ${terms.join(" ")})`;

export const and = folded("and", "true");
export const or = folded("or", "false");
export const not = (term: Term): Term => `(not ${term})`;
export const same = (a: Term, b: Term): Term => `(= ${a} ${b})`;

/** An argument: all of it, or its low or high 32 bits. */
export const argument = (index: number): Term => `a${index}`;
export const low = (index: number): Term => `((_ extract 31 0) a${index})`;
export const high = (index: number): Term => `((_ extract 63 32) a${index})`;

/** That a call comes by an entry, with a number. */
export const isCall = (entry: EntryName, number: number): Term =>
  and([same("entry", word(entryNumbers[entry], 32)), same("nr", word(number, 32))]);

/** The call that everything is asked of. */
export const declarations = [
  "(declare-const entry (_ BitVec 32))",
  "(declare-const nr (_ BitVec 32))",
  ...[0, 1, 2, 3, 4, 5].map((at) => `(declare-const a${at} (_ BitVec 64))`),
].join("\n");

/** What can happen: four entries, and on i386 no argument above 32 bits. */
export const possible: Term = and([
  or(Object.values(entryNumbers).map((number) => same("entry", word(number, 32)))),
  or([
    not(same("entry", word(entryNumbers.i386, 32))),
    and([0, 1, 2, 3, 4, 5].map((at) => same(high(at), word(0, 32)))),
  ]),
]);
