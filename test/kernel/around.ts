/** Probes by chance around what a filter compares with: where a comparison turns, and a bit beside it. */
import type { Instruction } from "../../src/lift/bpf.ts";
import type { Random } from "../support/random.ts";
import { addProbe, numberAt, type Probes } from "./probes.ts";

/** The constants of a program that are compared, masked or counted with, and what is interesting in any. */
export function constantsOf(program: readonly Instruction[]): readonly number[] {
  const own = program.filter(({ code }) => [0, 1, 4, 5].includes(code & 7)).map(({ k }) => k >>> 0);
  return [...new Set([...own, 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x40000000])];
}

/** A word near one of the constants, or any. */
function near(constants: readonly number[], random: Random): number {
  const constant = random.one(constants);
  switch (random.below(8)) {
    case 0:
      return (constant + 1) >>> 0;
    case 1:
      return (constant - 1) >>> 0;
    case 2:
      return (constant ^ (1 << random.below(32))) >>> 0;
    case 3:
      return (constant | random.word()) >>> 0;
    case 4:
      return (constant & random.word()) >>> 0;
    case 5:
      return random.word();
    default:
      return constant;
  }
}

/** A number of a call: near a constant, one of the table, or one of x32. */
function callNumber(constants: readonly number[], random: Random): number {
  const kind = random.below(16);
  if (kind < 2) return random.below(480);
  const number = near(constants, random);
  return kind === 2 ? (number | 0x40000000) >>> 0 : number;
}

/** Adds so many probes of one entry; those of i386 have arguments of 32 bits. */
export function addAround(
  constants: readonly number[],
  entry: number,
  count: number,
  random: Random,
  probes: Probes,
): void {
  for (let made = 0; made < count; made++) {
    const start = addProbe(probes, entry);
    const { words } = probes;
    words[start + numberAt] = callNumber(constants, random);
    // Most words are 0: then several comparisons in a row can hold.
    for (let word = 2; word < 14; word++)
      words[start + word] = random.below(3) === 0 ? 0 : near(constants, random);
    if (entry === 1) for (let word = 3; word < 14; word += 2) words[start + word] = 0;
  }
}
