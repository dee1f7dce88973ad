/** Filters by hand: each kind of instruction, and each way in which a comparison may turn. */
import type { Instruction } from "../../src/lift/bpf.ts";

type Line = readonly [code: number, k: number, jt?: number, jf?: number];
const program = (...lines: readonly Line[]): readonly Instruction[] =>
  lines.map(([code, k, jt = 0, jf = 0]) => ({ code, jt, jf, k }));

// Loads; the low half of argument n is at 16 + 8n, the high half behind it.
const number: Line = [0x20, 0];
const architecture: Line = [0x20, 4];
const low = (n: number): Line => [0x20, 16 + 8 * n];
const high = (n: number): Line => [0x20, 20 + 8 * n];
// Jumps: then, else.
const eq = (k: number, jt: number, jf: number): Line => [0x15, k, jt, jf];
const gt = (k: number, jt: number, jf: number): Line => [0x25, k, jt, jf];
const ge = (k: number, jt: number, jf: number): Line => [0x35, k, jt, jf];
const set = (k: number, jt: number, jf: number): Line => [0x45, k, jt, jf];
const ret = (k: number): Line => [0x06, k];
const allow = ret(0x7fff0000);
const deny = ret(0x00050001);
const other = ret(0x0005000d);
const kill = ret(0x80000000);

const calculate = {
  add: 0x04,
  sub: 0x14,
  or: 0x44,
  and: 0x54,
  left: 0x64,
  right: 0x74,
  neg: 0x84,
  xor: 0xa4,
} as const;
const withX = 0x08;

/** A program that calculates with the low half of argument 0 and compares the result. */
const calculated = (operation: keyof typeof calculate, k: number, compared: Line): readonly Instruction[] =>
  program(low(0), [calculate[operation], k], compared, allow, deny);
/** The same by the index register. */
const indexed = (operation: keyof typeof calculate, k: number, compared: Line): readonly Instruction[] =>
  program([0x01, k], low(0), [calculate[operation] | withX, 0], compared, allow, deny);

const compared = [eq(0x40, 0, 1), gt(0x7fffffff, 0, 1), ge(0x80000000, 0, 1), set(0x81000001, 0, 1)] as const;

/** Every calculation with constants in which bits carry, in both forms, each compared in another way. */
const calculations = (Object.keys(calculate) as readonly (keyof typeof calculate)[]).flatMap(
  (operation, at) => {
    const shifts = operation === "left" || operation === "right";
    const k = operation === "neg" ? 0 : shifts ? 7 : 0x8000_00ff;
    const first = compared[at % 4] ?? eq(0, 0, 1);
    const second = compared[(at + 1) % 4] ?? eq(0, 0, 1);
    // The kernel's checker knows no negation by the index register.
    return operation === "neg"
      ? [calculated(operation, k, first), calculated(operation, k, second)]
      : [calculated(operation, k, first), indexed(operation, k, second)];
  },
);

/** A comparison of two words with each other; a diagram can't hold all of their bits. */
const crossed = (code: number, mask = 0xffffffff): readonly Instruction[] =>
  program(low(0), [0x54, mask], [0x07, 0], low(1), [0x54, mask], [code, 0, 0, 1], allow, deny);

/** The actions, each for one number. */
const everyAction = program(
  number,
  ...[0x7fff0000, 0x7ffc0000, 0x7ff00007, 0x7fc00000, 0x00030009, 0x00050000, 0x00050fff].flatMap(
    (action, at): readonly Line[] => [eq(at, 0, 1), ret(action)],
  ),
  ...[0x0005ffff, 0x00000000, 0x80000000, 0x12340000, 0x7fff0001, 0x00060000].flatMap(
    (action, at): readonly Line[] => [eq(16 + at, 0, 1), ret(action)],
  ),
  kill,
);

const far: readonly Line[] = Array.from({ length: 300 }, () => [0x04, 0x01010101] as const);

/** Filters that the kernel accepts and a diagram decides. */
export const programs: readonly (readonly Instruction[])[] = [
  program(allow),
  program(deny),
  everyAction,
  ...calculations,
  crossed(0x1d, 0x80000ff0),
  crossed(0x2d, 0x80000ff0),
  crossed(0x3d, 0x80000ff0),
  crossed(0x4d, 0x80000ff0),
  // The architecture first, then x32 apart, then numbers.
  program(
    architecture,
    eq(0xc000003e, 1, 0),
    kill,
    number,
    set(0x40000000, 0, 1),
    other,
    ge(60, 1, 0),
    allow,
    deny,
  ),
  program(architecture, eq(0x40000003, 0, 2), number, eq(102, 0, 1), allow, deny),
  program(architecture, set(0x40000000, 0, 1), allow, deny),
  // x32 not looked at: bit 30 decides by chance.
  program(number, gt(200, 0, 1), allow, deny),
  program(number, ge(0x40000000, 0, 1), gt(0x40000220, 1, 0), allow, deny),
  program(number, [0x54, 0xbfffffff], eq(39, 0, 1), allow, deny),
  program(number, eq(0xffffffff, 0, 1), allow, deny),
  // 64 bits: equal, not equal, greater, at least, by the high half first.
  program(high(0), eq(0, 0, 3), low(0), eq(7, 0, 1), allow, deny),
  program(high(0), eq(0x80000000, 0, 3), low(0), eq(0xffffffff, 1, 0), allow, deny),
  program(high(1), gt(1, 3, 0), eq(1, 0, 3), low(1), gt(5, 0, 1), allow, deny),
  program(high(5), gt(0xffff, 3, 0), eq(0xffff, 0, 3), low(5), ge(0x10000, 0, 1), allow, deny),
  // The halves in the wrong order, and one of them only.
  program(low(2), gt(5, 0, 1), allow, high(2), gt(5, 0, 1), allow, deny),
  program(low(3), [0x54, 0x7e020000], eq(0, 0, 1), allow, deny),
  program(low(0), [0x54, 0xf0], eq(0x50, 0, 1), allow, deny),
  program(low(4), set(0x1, 0, 2), high(4), set(0x80000000, 1, 0), allow, deny),
  // Every argument takes part.
  program(...[0, 1, 2, 3, 4, 5].flatMap((n): readonly Line[] => [low(n), eq(n, 1, 0), deny]), allow),
  program(...[0, 1, 2, 3, 4, 5].flatMap((n): readonly Line[] => [high(n), eq(n, 0, 1), allow]), deny),
  // Memory, the index register, and what is loaded without looking at the call.
  program(
    low(0),
    [0x02, 0],
    low(1),
    [0x02, 15],
    [0x60, 0],
    [0x61, 15],
    [0x5c, 0],
    [0x54, 0x8001],
    eq(0x8001, 0, 1),
    allow,
    deny,
  ),
  program(low(0), [0x07, 0], [0x03, 3], [0x60, 3], eq(9, 0, 1), allow, deny),
  program([0x80, 0], eq(64, 0, 1), allow, deny),
  program([0x81, 0], low(0), [0x2d, 0, 0, 1], allow, deny),
  program([0x01, 0x30], [0x87, 0], [0x04, 0x10], eq(0x40, 0, 1), allow, deny),
  program([0x00, 5], [0x07, 0], low(0), [0x1d, 0, 0, 1], allow, deny),
  // Registers begin at 0.
  program(eq(0, 0, 1), allow, deny),
  program([0x87, 0], eq(0, 0, 1), allow, deny),
  // Sums of two words that depend on the call; a word of few bits keeps them small.
  program(low(0), [0x54, 0xff], [0x07, 0], low(1), [0x54, 0xff], [0x0c, 0], gt(0x100, 0, 1), allow, deny),
  program(
    low(0),
    [0x54, 0xff],
    [0x07, 0],
    low(1),
    [0x54, 0xff],
    [0x1c, 0],
    ge(0x80000000, 0, 1),
    allow,
    deny,
  ),
  program(low(0), [0x07, 0], low(1), [0xac, 0], [0x54, 0x1fe], eq(0x1fe, 0, 1), allow, deny),
  // Jumps that are long, taken always, or to the next.
  program(number, [0x05, 1], allow, eq(39, 0, 1), allow, deny),
  program(number, ...far, ge(0x80000000, 0, 1), allow, deny),
  program(number, eq(39, 2, 0), eq(40, 1, 0), [0x05, 300], allow, ...far, deny),
  program(number, eq(39, 255, 0), ...far.slice(0, 254), deny, allow),
  program(number, set(0xff, 0, 0), gt(7, 0, 0), deny),
  // A set of scattered numbers in one word of bits.
  program(number, gt(31, 4, 0), [0x54, 0x1f], set(0x11, 0, 2), set(0x8, 1, 0), allow, deny),
  // What is returned is a constant in the accumulator.
  program(number, eq(39, 0, 2), [0x00, 0x7fff0000], [0x16, 0], [0x00, 0x00050016], [0x16, 0]),
  program([0x00, 0x7ffc0000], [0x16, 0]),
  program(number, eq(1, 0, 2), [0x00, 0x0005ffff], [0x16, 0], [0x00, 0x12345678], [0x16, 0]),
];

/** Filters that the kernel accepts and a diagram does not decide: the interpreter has to know them all the same. */
export const undecided: readonly (readonly Instruction[])[] = [
  program(low(0), [0x24, 3], eq(0x40, 0, 1), allow, deny),
  program(low(0), [0x24, 0x10001], gt(0x80000000, 0, 1), allow, deny),
  program(low(0), [0x34, 7], eq(9, 0, 1), allow, deny),
  program(low(0), [0x44, 1], [0x07, 0], low(1), [0x3c, 0], gt(1, 0, 1), allow, deny),
  program(low(0), [0x07, 0], low(1), [0x2c, 0], set(0x10000, 0, 1), allow, deny),
  program([0x01, 33], low(0), [0x6c, 0], set(0x10, 0, 1), allow, deny),
  program([0x01, 32], low(0), [0x7c, 0], eq(5, 0, 1), allow, deny),
  program(low(0), [0x07, 0], low(1), [0x6c, 0], ge(0x40000000, 0, 1), allow, deny),
  program(low(0), [0x07, 0], low(1), [0x7c, 0], set(1, 0, 1), allow, deny),
  program(number, [0x54, 0x8005ffff], [0x16, 0]),
  crossed(0x1d),
  crossed(0x2d),
  crossed(0x3d),
  crossed(0x4d),
];
