/** Sets of numbers in a diagram: comparisons of a field of bits, most significant first. All are unsigned. */
import { always, type Bdd, decide, never, type Root } from "./bdd.ts";

/** A field: its most significant bit's level, and how many bits it has. */
export interface Field {
  readonly level: number;
  readonly bits: number;
}

/** Tells the bits of a number; the first is the most significant one of a field. In pieces of 32 bits: bigints are slow. */
function bitsOf(value: bigint, { bits }: Field): (at: number) => boolean {
  const pieces: number[] = [];
  for (let rest = value, left = bits; left > 0; rest >>= 32n, left -= 32)
    pieces.push(Number(rest & 0xffff_ffffn));
  return (at) => {
    const place = bits - 1 - at;
    return (((pieces[place >> 5] ?? 0) >>> (place & 31)) & 1) === 1;
  };
}

/** The field's lowest so many bits. */
export function lowBits(field: Field, bits: number): Field {
  return { level: field.level + field.bits - bits, bits };
}

/** `(field & mask) = value`; nothing when the value has bits outside of the mask. */
export function masked(bdd: Bdd, field: Field, mask: bigint, value: bigint): Root {
  if ((value & ~mask) !== 0n || value >> BigInt(field.bits) !== 0n) return never;
  const [isMasked, isSet] = [bitsOf(mask, field), bitsOf(value, field)];
  let root: Root = always;
  for (let at = field.bits - 1; at >= 0; at--) {
    if (!isMasked(at)) continue;
    const level = field.level + at;
    root = isSet(at) ? decide(bdd, level, never, root) : decide(bdd, level, root, never);
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
  const isSet = bitsOf(value, field);
  let root: Root = always;
  for (let at = field.bits - 1; at >= 0; at--) {
    const level = field.level + at;
    root = isSet(at) ? decide(bdd, level, never, root) : decide(bdd, level, root, always);
  }
  return root;
}

/** `from <= field <= to`. */
export function between(bdd: Bdd, field: Field, from: bigint, to: bigint): Root {
  if (from > to) return never;
  const [inFrom, inTo] = [bitsOf(from, field), bitsOf(to, field)];
  let root: { readonly ge: Root; readonly le: Root; readonly both: Root } = {
    ge: always,
    le: always,
    both: always,
  };
  for (let at = field.bits - 1; at >= 0; at--) {
    const level = field.level + at;
    const [low, high] = [inFrom(at), inTo(at)];
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
