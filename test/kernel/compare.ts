/** Three opinions of one filter: the diagram, the interpreter, the kernel. */
import { type Bdd, holds, type Root } from "../../src/authority/bdd.ts";
import { runBpf } from "../../src/evaluate/bpf.ts";
import type { Instruction } from "../../src/lift/bpf.ts";
import { isPermission } from "../support/bpf-actions.ts";
import { askKernel } from "./prober.ts";
import { argumentOf, createProbes, numberAt, type Probes, placeOf, startOf } from "./probes.ts";
import { expectedReturn, rawReturn, tellApart } from "./verdicts.ts";

/** AUDIT_ARCH_* by the number of an entry (linux/audit.h). */
const auditArchitectures = [0xc000003e, 0x40000003, 0xc00000b7, 0xc00000f3] as const;

const places = Array.from({ length: 418 }, (_, level) => placeOf(level));

/** What the interpreter answers each probe. */
export function interpret(program: readonly Instruction[], probes: Probes): Uint32Array {
  const out = new Uint32Array(probes.count);
  // Only what is loaded is made: numbers of 64 bits are slow.
  const loaded = new Set(program.filter((i) => i.code === 0x20 && i.k >= 16).map((i) => (i.k - 16) >> 3));
  for (let index = 0; index < probes.count; index++) {
    const start = startOf(index);
    out[index] = runBpf(program, {
      number: probes.words[start + numberAt] ?? 0,
      architecture: auditArchitectures[probes.words[start] ?? 0] ?? 0,
      words: [0, 1, 2, 3, 4, 5].map((at) => (loaded.has(at) ? argumentOf(probes, start, at) : 0n)),
    });
  }
  return out;
}

/** A probe in words, for a message. */
export function describeProbe(probes: Probes, index: number): string {
  const words = [...probes.words.subarray(startOf(index), startOf(index + 1))];
  return words.map((word) => word.toString(16)).join(" ");
}

/** Probes on which the diagram and the interpreter differ. */
export function diagramDisagrees(bdd: Bdd, root: Root, probes: Probes, values: Uint32Array): string[] {
  const out: string[] = [];
  let start = 0;
  const bit = (level: number): boolean => {
    const place = places[level];
    return place !== undefined && ((probes.words[start + place.word] ?? 0) & place.mask) !== 0;
  };
  for (let index = 0; index < probes.count; index++) {
    start = startOf(index);
    const value = values[index] ?? 0;
    if (holds(bdd, root, bit) !== isPermission(value))
      out.push(`diagram: ${describeProbe(probes, index)}, interpreter: ${value.toString(16)}`);
  }
  return out;
}

/** Probes on which the kernel and the interpreter differ. @throws Error when the kernel refuses the filter */
export function kernelDisagrees(
  prober: string,
  program: readonly Instruction[],
  probes: Probes,
  values: Uint32Array,
): string[] {
  const { refused, returned } = askKernel(prober, "probe", tellApart(program), probes);
  if (refused !== 0) throw new Error(`the kernel refuses the filter: errno ${refused}`);
  const out: string[] = [];
  for (let index = 0; index < probes.count; index++) {
    const expected = expectedReturn(values[index] ?? 0);
    if (returned[index] !== expected)
      out.push(`kernel: ${describeProbe(probes, index)} returns ${returned[index]}, expected ${expected}`);
  }
  return out;
}

/** The last probe of each answer that occurs, of at most so many: a program that calculates its answer has millions. */
function oneOfEach(values: Uint32Array, most: number): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const [index, value] of values.entries())
    if (found.has(value) || found.size < most) found.set(value, index);
  return found;
}

/** One probe for each answer that occurs, under the program as it is: those on which the kernel differs. */
export function rawDisagrees(
  prober: string,
  program: readonly Instruction[],
  probes: Probes,
  values: Uint32Array,
): { readonly asked: number; readonly wrong: readonly string[] } {
  const first = oneOfEach(values, 24);
  const few = createProbes(first.size);
  for (const index of first.values()) {
    few.words.set(probes.words.subarray(startOf(index), startOf(index + 1)), startOf(few.count));
    few.count++;
  }
  const { returned } = askKernel(prober, "apart", program, few);
  const wrong = [...first.keys()].flatMap((value, at) =>
    returned[at] === rawReturn(value)
      ? []
      : [`as it is: ${describeProbe(few, at)} returns ${returned[at]} for ${value.toString(16)}`],
  );
  return { asked: first.size, wrong };
}
