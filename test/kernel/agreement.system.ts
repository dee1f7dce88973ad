import { expect, test } from "vitest";
import { BudgetExceeded, type Root } from "../../src/authority/bdd.ts";
import { createCallDiagram } from "../../src/authority/calls.ts";
import { BpfError, type Instruction, liftBpf } from "../../src/lift/bpf.ts";
import { addAround, constantsOf } from "./around.ts";
import { buildProgram } from "./build.ts";
import { diagramDisagrees, interpret, kernelDisagrees, rawDisagrees } from "./compare.ts";
import { addEdges } from "./edges.ts";
import { makeFilters } from "./filters.ts";
import { allowsInt80 } from "./prober.ts";
import { createProbes, isAskable, type Probes, startOf } from "./probes.ts";
import { createRandom } from "./random.ts";

const long = process.env.MCPC_LONG !== undefined;
const seed = Number(process.env.MCPC_SEED ?? 20);
/** Of the filters, how many are made, of how many random policies, and how many random probes each gets. */
const size = long
  ? { filters: 330, policies: 40, around: 40_000 }
  : { filters: 240, policies: 15, around: 4_000 };
const entries = [0, 1, 2, 3] as const;

/** The lifted set of a program; undefined when it can't be decided, which is an answer too. */
function lifted(
  program: readonly Instruction[],
): { bdd: ReturnType<typeof createCallDiagram>; root: Root } | undefined {
  const bdd = createCallDiagram();
  try {
    return { bdd, root: liftBpf(bdd, program).permitted };
  } catch (error) {
    if (error instanceof BpfError || error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}

/** The probes of a list that the kernel can be asked. */
function askable(probes: Probes): Probes {
  const out = createProbes(probes.count + 1);
  for (let index = 0; index < probes.count; index++) {
    if (!isAskable(probes, startOf(index))) continue;
    out.words.set(probes.words.subarray(startOf(index), startOf(index + 1)), startOf(out.count++));
  }
  return out;
}

test("the diagram, the interpreter and the kernel agree on every filter", { timeout: 3_600_000 }, () => {
  const tools = { prober: buildProgram("prober"), exporter: buildProgram("export-bpf", ["seccomp"]) };
  const int80 = allowsInt80(tools.prober);
  if (!int80)
    console.log("int 0x80 ends a process here: i386 is compared between diagram and interpreter only");
  const start = performance.now();
  const random = createRandom(seed);
  const counts = {
    filters: 0,
    decided: 0,
    probes: 0,
    edges: 0,
    kernel: 0,
    asIs: 0,
    permitted: 0,
    disagreements: 0,
  };
  for (const { name, program } of makeFilters(tools, size.filters, size.policies, seed)) {
    const set = lifted(program);
    const constants = constantsOf(program);
    counts.filters++;
    if (set) counts.decided++;
    for (const entry of entries) {
      const asked = entry === 0 || (entry === 1 && int80);
      const probes = createProbes(1 << 12);
      if (set) counts.edges += addEdges(set.bdd, set.root, entry, random, probes);
      addAround(constants, entry, asked ? size.around : size.around >> 3, random, probes);
      const some = asked ? askable(probes) : probes;
      const values = interpret(program, some);
      const wrong = set ? diagramDisagrees(set.bdd, set.root, some, values) : [];
      if (asked) {
        const asIs = rawDisagrees(tools.prober, program, some, values);
        wrong.push(...kernelDisagrees(tools.prober, program, some, values), ...asIs.wrong);
        counts.kernel += some.count;
        counts.asIs += asIs.asked;
      }
      counts.probes += some.count;
      counts.disagreements += wrong.length;
      expect(wrong.slice(0, 5), `${name}, seed ${seed}: ${JSON.stringify(program)}`).toEqual([]);
    }
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(JSON.stringify({ ...counts, int80, seconds }));
  expect(counts.decided).toBeGreaterThanOrEqual(200);
  expect(counts.kernel).toBeGreaterThanOrEqual(long ? 10_000_000 : 1_000_000);
  expect(counts.disagreements).toBe(0);
});
