/** Sets of numbers in a diagram: comparisons of a field of bits, most significant first. All are unsigned. */
import { always, type Bdd, decide, never, type Root } from "./bdd.ts";

/** A field: its most significant bit's level, and how many bits it has. */
export interface Field {
  readonly level: number;
  readonly bits: number;
}

const bitOf = (value: bigint, field: Field, at: number): boolean =>
  ((value >> BigInt(field.bits - 1 - at)) & 1n) === 1n;

/** The field's lowest so many bits. */
export function lowBits(field: Field, bits: number): Field {
  return { level: field.level + field.bits - bits, bits };
}

/** `(field & mask) = value`; nothing when the value has bits outside of the mask. */
export function masked(bdd: Bdd, field: Field, mask: bigint, value: bigint): Root {
  if ((value & ~mask) !== 0n || value >> BigInt(field.bits) !== 0n) return never;
  let root: Root = always;
  for (let at = field.bits - 1; at >= 0; at--) {
    if (!bitOf(mask, field, at)) continue;
    const level = field.level + at;
    root = bitOf(value, field, at) ? decide(bdd, level, never, root) : decide(bdd, level, root, never);
  }
  return root;
}

/** `field = value`. */
export function equal(bdd: Bdd, field: Field, value: bigint): Root {
  return masked(bdd, field, (1n << BigInt(field.bits)) - 1n, value);
}

/** `field >= value`. */
export function atLeast(bdd: Bdd, field: Field, value: bigint): Root {
  if (value <= 0n) return always;
  if (value >> BigInt(field.bits) !== 0n) return never;
  let root: Root = always;
  for (let at = field.bits - 1; at >= 0; at--) {
    const level = field.level + at;
    root = bitOf(value, field, at) ? decide(bdd, level, never, root) : decide(bdd, level, root, always);
  }
  return root;
}

/** `from <= field <= to`. */
export function between(bdd: Bdd, field: Field, from: bigint, to: bigint): Root {
  if (from > to) return never;
  let root: { readonly ge: Root; readonly le: Root; readonly both: Root } = {
    ge: always,
    le: always,
    both: always,
  };
  for (let at = field.bits - 1; at >= 0; at--) {
    const level = field.level + at;
    const [low, high] = [bitOf(from, field, at), bitOf(to, field, at)];
    const ge = low ? decide(bdd, level, never, root.ge) : decide(bdd, level, root.ge, always);
    const le = high ? decide(bdd, level, always, root.le) : decide(bdd, level, root.le, never);
    // Where both bounds have the same bit the number must too; where they part, each side keeps one of them.
    const both =
      low === high
        ? low
          ? decide(bdd, level, never, root.both)
          : decide(bdd, level, root.both, never)
        : decide(bdd, level, root.ge, root.le);
    root = { ge, le, both };
  }
  return root.both;
}

/** The number that a vector has in a field. */
export function numberIn(bits: Uint8Array, field: Field): bigint {
  let value = 0n;
  for (let at = 0; at < field.bits; at++) value = (value << 1n) | BigInt(bits[field.level + at] ?? 0);
  return value;
}
