import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BudgetExceeded, holds, never, type Root } from "../../src/authority/bdd.ts";
import { bitOfCall, createCallDiagram, type Entry, leastCall } from "../../src/authority/calls.ts";
import { runBpf } from "../../src/evaluate/bpf.ts";
import { BpfError, type Instruction, liftBpf, readInstructions } from "../../src/lift/bpf.ts";
import { isPermission } from "../support/bpf-actions.ts";

const auditArchitectures: Readonly<Record<Entry, number>> = {
  x86_64: 0xc000003e,
  i386: 0x40000003,
  aarch64: 0xc00000b7,
  riscv64: 0xc00000f3,
};
const value = fc.constantFrom(0, 1, 2, 3, 5, 7, 41, 59, 0x3f, 0x40000000, 0x80000000, 0xffffffff, 0xc000003e);
const straight = fc.oneof(
  fc.record({
    code: fc.constant(0x20),
    k: fc.constantFrom(0, 4, 16, 20, 24, 28, 56, 60),
    jt: fc.constant(0),
    jf: fc.constant(0),
  }),
  fc.record({
    code: fc.constantFrom(0x00, 0x01, 0x04, 0x14, 0x44, 0x54, 0xa4, 0x84, 0x07, 0x87, 0x0c, 0x5c, 0x80),
    k: value,
    jt: fc.constant(0),
    jf: fc.constant(0),
  }),
  fc.record({
    code: fc.constantFrom(0x60, 0x61, 0x02, 0x03),
    k: fc.nat({ max: 2 }),
    jt: fc.constant(0),
    jf: fc.constant(0),
  }),
  fc.record({
    code: fc.constantFrom(0x64, 0x74),
    k: fc.nat({ max: 31 }),
    jt: fc.constant(0),
    jf: fc.constant(0),
  }),
);
const jump = fc.record({
  code: fc.constantFrom(0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d),
  k: value,
  jt: fc.nat({ max: 6 }),
  jf: fc.nat({ max: 6 }),
});
const returning = fc.constantFrom(
  0x7fff0000,
  0x00050001,
  0x00050000,
  0x80000000,
  0x7ffc0000,
  0x00030000,
  0x12340000,
);

/** Programs whose jumps stay inside, and end in a return. */
const programs = fc
  .tuple(
    fc.array(fc.oneof(straight, jump), { maxLength: 14 }),
    fc.array(returning, { minLength: 3, maxLength: 3 }),
  )
  .map(([body, returns]): readonly Instruction[] => {
    const all = [...body, ...returns.map((k) => ({ code: 0x06, jt: 0, jf: 0, k }))];
    const inside = (at: number, by: number): number => Math.min(by, all.length - at - 2);
    return all.map((i, at) =>
      (i.code & 7) === 5 ? { ...i, jt: inside(at, i.jt), jf: inside(at, i.jf) } : i,
    );
  });

const calls = fc.record({
  entry: fc.constantFrom<Entry>("x86_64", "i386", "aarch64", "riscv64"),
  number: value,
  words: fc.array(
    fc.tuple(value, value).map(([high, low]) => (BigInt(high) << 32n) | BigInt(low)),
    { minLength: 6, maxLength: 6 },
  ),
});

describe("lifting a program agrees with running it", () => {
  test("on random programs and calls", () => {
    let permitted = 0;
    let denied = 0;
    let decided = 0;
    let unknown = 0;
    fc.assert(
      fc.property(programs, fc.array(calls, { minLength: 8, maxLength: 8 }), (program, asked) => {
        const bdd = createCallDiagram(1 << 14);
        let root: Root;
        try {
          root = liftBpf(bdd, program).permitted;
        } catch (error) {
          // Sums of several words are large: no answer, which is a failure wherever one is asked for.
          if (!(error instanceof BudgetExceeded)) throw error;
          unknown++;
          return;
        }
        decided++;
        for (const call of asked) {
          const value = runBpf(program, {
            number: call.number,
            architecture: auditArchitectures[call.entry],
            words: call.words,
          });
          const runs = isPermission(value);
          if (runs) permitted++;
          else denied++;
          expect(holds(bdd, root, bitOfCall(call))).toBe(runs);
        }
        const least = leastCall(bdd, root);
        if (root === never) expect(least).toBeUndefined();
        else if (least) {
          const data = { ...least, architecture: auditArchitectures[least.entry] };
          expect(isPermission(runBpf(program, data))).toBe(true);
        }
      }),
      { numRuns: process.env.MCPC_LONG ? 20_000 : 1500 },
    );
    expect(unknown).toBeLessThan(decided / 20);
    expect(permitted).toBeGreaterThan(500);
    expect(denied).toBeGreaterThan(500);
  });
});

describe("what can't be decided is no answer", () => {
  const bytes = (...instructions: readonly (readonly [number, number, number, number])[]): Uint8Array => {
    const out = new Uint8Array(instructions.length * 8);
    const view = new DataView(out.buffer);
    for (const [at, [code, jt, jf, k]] of instructions.entries()) {
      view.setUint16(at * 8, code, true);
      view.setUint8(at * 8 + 2, jt);
      view.setUint8(at * 8 + 3, jf);
      view.setUint32(at * 8 + 4, k, true);
    }
    return out;
  };

  const done = [0x06, 0, 0, 0x7fff0000] as const;
  const number = [0x20, 0, 0, 0] as const;
  test.each([
    ["no return", bytes(number), "it jumps behind its end"],
    ["a jump behind the end", bytes([0x05, 0, 0, 9], done), "it jumps behind its end"],
    ["a jump that is taken behind the end", bytes(number, [0x15, 7, 0, 1], done), "it jumps behind its end"],
    ["a multiplication", bytes(number, [0x24, 0, 0, 3], [0x15, 0, 0, 1], done), "it multiplies or divides"],
    [
      "a division by what depends on the call",
      bytes(number, [0x3c, 0, 0, 0], done),
      "it multiplies or divides",
    ],
    ["a shift by more than a word", bytes(number, [0x64, 0, 0, 32], done), "it shifts by more than a word"],
    [
      "a shift by the call",
      bytes(number, [0x07, 0, 0, 0], [0x6c, 0, 0, 0], done),
      "it shifts by what depends on the call",
    ],
    ["the instruction pointer", bytes([0x20, 0, 0, 8], done), "it looks at the instruction pointer"],
    ["its upper half", bytes([0x20, 0, 0, 12], done), "it looks at the instruction pointer"],
    ["a load that is not aligned", bytes([0x20, 0, 0, 18], done), "a load is out of bounds"],
    ["a load behind the last argument", bytes([0x20, 0, 0, 64], done), "a load is out of bounds"],
    [
      "a slot that does not exist, to read",
      bytes([0x60, 0, 0, 16], done),
      "it uses a slot of memory that does not exist",
    ],
    [
      "a slot that does not exist, to write",
      bytes([0x02, 0, 0, 16], done),
      "it uses a slot of memory that does not exist",
    ],
    ["a returned calculation", bytes(number, [0x16, 0, 0, 0]), "it returns what it has calculated"],
    ["a load of a packet's byte", bytes([0x30, 0, 0, 0], done), "it holds the instruction 48"],
    ["a jump that there is not", bytes([0x55, 0, 0, 0], done), "it holds the instruction 85"],
  ])("%s", (_, program, message) => {
    const read = () => liftBpf(createCallDiagram(), readInstructions(program));
    expect(read).toThrow(BpfError);
    expect(read).toThrow(message);
  });

  test("a program that is cut off, or longer than the kernel takes (BPF_MAXINSNS)", () => {
    for (const length of [0, 7, 12])
      expect(() => readInstructions(new Uint8Array(length))).toThrow("its length is no multiple of 8 bytes");
    expect(readInstructions(new Uint8Array(4096 * 8)).length).toBe(4096);
    expect(() => readInstructions(new Uint8Array(4097 * 8))).toThrow("it has more than 4096 instructions");
  });
});

test("a program's bytes are little-endian, wherever they lie", () => {
  const program = [
    0x20, 0, 0, 0, 4, 0, 0, 0, 0x15, 0, 1, 2, 0x3e, 0, 0, 0xc0, 0x06, 0, 0, 0, 0, 0, 0xff, 0x7f,
  ];
  const expected = [
    { code: 0x20, jt: 0, jf: 0, k: 4 },
    { code: 0x15, jt: 1, jf: 2, k: 0xc000003e },
    { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 },
  ];
  expect(readInstructions(Uint8Array.from(program))).toEqual(expected);
  expect(readInstructions(Uint8Array.of(9, 9, 9, ...program).subarray(3))).toEqual(expected);
});

test.each([
  [0x80000000, false, "SECCOMP_RET_KILL_PROCESS"],
  [0x00000000, false, "SECCOMP_RET_KILL_THREAD"],
  [0x00050001, false, "SECCOMP_RET_ERRNO"],
  // Who handles the signal, or is notified, may make the call itself.
  [0x00030000, true, "SECCOMP_RET_TRAP"],
  [0x7fc00000, true, "SECCOMP_RET_USER_NOTIF"],
  [0x7ff00000, true, "SECCOMP_RET_TRACE"],
  [0x7ffc0000, true, "SECCOMP_RET_LOG"],
  [0x7fff0000, true, "SECCOMP_RET_ALLOW"],
  [0x7ffe0000, false, "none that there is: the kernel kills"],
])("the action 0x%s lets a call through: %s (%s)", (k, expected) => {
  for (const program of [
    [{ code: 0x06, jt: 0, jf: 0, k }],
    [
      { code: 0x00, jt: 0, jf: 0, k },
      { code: 0x16, jt: 0, jf: 0, k: 0 },
    ],
  ])
    expect(liftBpf(createCallDiagram(), program).permitted !== never).toBe(expected);
});

describe("the interpreter calculates as the kernel does, which test/kernel tries", () => {
  const data = { number: 0, architecture: auditArchitectures.x86_64, words: [0x10n] };
  const calculated = (x: number, code: number): number =>
    runBpf(
      [
        { code: 0x01, jt: 0, jf: 0, k: x },
        { code: 0x20, jt: 0, jf: 0, k: 16 },
        { code, jt: 0, jf: 0, k: 0 },
        { code: 0x16, jt: 0, jf: 0, k: 0 },
      ],
      data,
    );

  test.each([
    ["a shift to the left by more than a word", 33, 0x6c, 0x20],
    ["a shift to the right by more than a word", 34, 0x7c, 0x4],
    ["a shift by a word", 32, 0x6c, 0x10],
    ["a division", 3, 0x3c, 5],
    ["a division by 0, which ends the program with 0", 0, 0x3c, 0],
  ])("%s", (_, x, code, result) => {
    expect(calculated(x, code)).toBe(result);
  });
});

test("a program that is longer than the kernel takes is refused", () => {
  const deny = [0x06, 0, 0, 0, 0, 0, 5, 0];
  const of = (count: number): Uint8Array => Uint8Array.from(Array.from({ length: count }, () => deny).flat());
  expect(readInstructions(of(4096))).toHaveLength(4096);
  expect(() => readInstructions(of(4097))).toThrow("more than 4096");
});
