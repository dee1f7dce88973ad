/** Filters with one instruction changed. */
import type { Instruction } from "../../src/lift/bpf.ts";
import type { Random } from "../support/random.ts";

const jumpCodes = [0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d, 0x4d] as const;
const otherCodes = [
  0x04, 0x14, 0x44, 0x54, 0xa4, 0x84, 0x64, 0x74, 0x87, 0x07, 0x00, 0x80, 0x0c, 0x6c, 0x7c,
] as const;
const returns = [
  0x7fff0000, 0x00050000, 0x00050026, 0x7ffc0000, 0x00030000, 0x80000000, 0, 0x7ff00000,
] as const;

function constant(k: number, random: Random): number {
  return random.one([k + 1, k - 1, k ^ (1 << random.below(32)), k ^ 0x80000000, ~k, 0, random.word()]) >>> 0;
}

function changed(instruction: Instruction, random: Random): Instruction {
  const { code, jt, jf, k } = instruction;
  if (code === 0x06) return { ...instruction, k: random.one(returns) };
  if (code === 0x20) return { ...instruction, k: random.one([0, 4, 16, 20, 24, 28, 32, 36, 56, 60]) };
  if ((code & 7) !== 5 || code === 0x05)
    return random.below(2) === 0
      ? { ...instruction, k: constant(k, random) }
      : { ...instruction, code: random.one(otherCodes) };
  switch (random.below(5)) {
    case 0:
      return { ...instruction, jt: jf, jf: jt };
    case 1:
      return { ...instruction, jt: (jt + random.one([1, 255, random.below(4)])) & 255 };
    case 2:
      return { ...instruction, jf: (jf + random.one([1, 255, random.below(4)])) & 255 };
    case 3:
      return { ...instruction, code: random.one(jumpCodes) };
    default:
      return { ...instruction, k: constant(k, random) };
  }
}

/** A copy in which one instruction is another; whether the kernel takes it, only the kernel knows. */
export function mutant(program: readonly Instruction[], random: Random): readonly Instruction[] {
  const at = random.below(program.length);
  return program.map((instruction, index) => (index === at ? changed(instruction, random) : instruction));
}
