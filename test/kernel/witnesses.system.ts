import { expect, test } from "vitest";
import { intersection, without } from "../../src/authority/bdd.ts";
import {
  type Call,
  createCallDiagram,
  describeCall,
  exempt,
  leastCall,
  possibleCalls,
} from "../../src/authority/calls.ts";
import type { Instruction } from "../../src/lift/bpf.ts";
import { liftSeccomp, readSeccomp, SeccompError } from "../../src/lift/seccomp.ts";
import { loosened } from "../mutants/seccomp.ts";
import { createRandom } from "../support/random.ts";
import { buildProgram } from "./build.ts";
import { exampleProfiles } from "./filters.ts";
import { compileProfile } from "./libseccomp.ts";
import { askKernel } from "./prober.ts";
import { addProbe, argumentAt, createProbes, numberAt, type Probes } from "./probes.ts";
import { expectedReturn, tellApart } from "./verdicts.ts";

const mutants = process.env.MCPC_LONG ? 200 : 12;
const seed = Number(process.env.MCPC_SEED ?? 20);
const permitted = [0x7fff0000, 0x7ffc0000, 0x7ff00000, 0x7fc00000].map(expectedReturn);

/** The least call that one profile lets through and the other does not, as a process on this machine can make it. */
function witnessOf(wider: string, good: string): Call | undefined {
  const bdd = createCallDiagram();
  const beyond = without(bdd, liftSeccomp(bdd, readSeccomp(wider)), liftSeccomp(bdd, readSeccomp(good)));
  const here = without(bdd, possibleCalls(bdd, ["x86_64"]), exempt(bdd));
  return leastCall(bdd, intersection(bdd, beyond, here));
}

function probeOf({ number, words }: Call): Probes {
  const probes = createProbes();
  const start = addProbe(probes, 0);
  probes.words[start + numberAt] = number;
  for (const [index, word] of words.entries()) {
    probes.words[start + argumentAt(index)] = Number(word & 0xffffffffn);
    probes.words[start + argumentAt(index) + 1] = Number(word >> 32n);
  }
  return probes;
}

/** A mutant that is a profile, and widens one; undefined when it is none, or does not. */
function widened(good: string, text: string): Call | undefined {
  try {
    return text === good ? undefined : witnessOf(text, good);
  } catch (error) {
    if (error instanceof SeccompError) return undefined;
    throw error;
  }
}

test("each witness of a loosened profile gets through its filter, and not through the good one", {
  timeout: 3_600_000,
}, () => {
  const [prober, exporter] = [buildProgram("prober"), buildProgram("export-bpf", ["seccomp"])];
  const ask = (program: readonly Instruction[], call: Call): number | undefined =>
    askKernel(prober, "probe", tellApart(program), probeOf(call)).returned[0];
  const random = createRandom(seed);
  const counts = { mutants: 0, widened: 0, replayed: 0, refused: 0 };
  for (const [path, good] of exampleProfiles()) {
    const filter = compileProfile(good, { exporter }).program;
    for (let made = 0; made < mutants; made++) {
      counts.mutants++;
      const text = loosened(good, random);
      const witness = widened(good, text);
      if (!witness) continue;
      counts.widened++;
      let wide: readonly Instruction[];
      try {
        wide = compileProfile(text, { exporter, timeout: 20_000 }).program;
      } catch {
        counts.refused++;
        continue;
      }
      const edit = text
        .split("\n")
        .filter((line, at) => line !== good.split("\n")[at])
        .map((l) => l.slice(0, 300));
      const says = `${path}, seed ${seed}: ${edit.join()}: ${describeCall(witness)}`;
      expect(permitted, says).toContain(ask(wide, witness));
      expect([-1, -13, -38, expectedReturn(0)], says).toContain(ask(filter, witness));
      counts.replayed++;
    }
  }
  console.log(JSON.stringify(counts));
  expect(counts.replayed).toBeGreaterThan(counts.mutants / 5);
  expect(counts.refused).toBeLessThan(counts.replayed / 10);
});
