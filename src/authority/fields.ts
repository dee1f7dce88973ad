/**
 * The fields of a system call in a diagram: entry, number and six arguments, 418 variables, most significant bits first, so
 * that the least counterexample is the least number with the least arguments.
 */
import type { Architecture } from "../linux/index.ts";
import type { Field } from "./words.ts";

/**
 * How a call enters the kernel: natively, or on x86_64 by `int 0x80` with the numbers of i386. Calls of x32 enter as
 * x86_64's, with bit 30 of the number set (arch/x86/entry/common.c).
 */
export type Entry = Architecture | "i386";

/** The entries, by the number that stands for each in the diagram. */
export const entries: readonly Entry[] = ["x86_64", "i386", "aarch64", "riscv64"];

/** How many variables there are. */
export const callVariables = 418;

/** The field of the entry. */
export const entryField: Field = { level: 0, bits: 2 };

/** The field of the call's number. */
export const numberField: Field = { level: 2, bits: 32 };

/** The fields of the arguments. */
export const argumentFields: readonly Field[] = [0, 1, 2, 3, 4, 5].map((at) => ({
  level: 34 + at * 64,
  bits: 64,
}));

/** The field of an argument, 0 to 5. */
export function argumentField(index: number): Field {
  const field = argumentFields[index];
  if (!field) throw new RangeError(`a call has no argument ${index}`);
  return field;
}
