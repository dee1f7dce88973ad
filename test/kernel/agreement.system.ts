import { expect, test } from "vitest";
import { type Bdd, BudgetExceeded, type Root } from "../../src/authority/bdd.ts";
import { createCallDiagram } from "../../src/authority/calls.ts";
import { BpfError, type Instruction, liftBpf } from "../../src/lift/bpf.ts";
import { isPermission } from "../support/bpf-actions.ts";
import { createRandom, type Random } from "../support/random.ts";
import { addAround, constantsOf } from "./around.ts";
import { buildProgram } from "./build.ts";
import { diagramDisagrees, interpret, kernelDisagrees, rawDisagrees } from "./compare.ts";
import { addEdges } from "./edges.ts";
import { type Filter, makeFilters } from "./filters.ts";
import { allowsInt80, askKernel } from "./prober.ts";
import { createProbes, isAskable, type Probes, probeEntries, startOf } from "./probes.ts";

const long = process.env.MCPC_LONG !== undefined;
const seed = Number(process.env.MCPC_SEED ?? 20);
/** How many filters there are, how many policies some of them are of, and how many random probes each gets. */
const size = long
  ? { filters: 400, policies: 40, around: 40_000 }
  : { filters: 250, policies: 8, around: 4_000 };

const counts = {
  filters: 0,
  decided: 0,
  refused: 0,
  edges: 0,
  probes: 0,
  kernel: 0,
  permitted: 0,
  asIs: 0,
  disagreements: 0,
};

/** The lifted set of a program; undefined when it can't be decided, which is an answer too. */
function lifted(program: readonly Instruction[]): { readonly bdd: Bdd; readonly root: Root } | undefined {
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

function disagreements(prober: string, { program }: Filter, random: Random, kernelEntries: number): string[] {
  const set = lifted(program);
  const constants = constantsOf(program);
  if (set) counts.decided++;
  return probeEntries.flatMap((_, entry) => {
    const asked = entry < kernelEntries;
    const all = createProbes(1 << 12);
    if (set) counts.edges += addEdges(set.bdd, set.root, entry, random, all);
    addAround(constants, entry, asked ? size.around : size.around >> 3, random, all);
    const probes = asked ? askable(all) : all;
    counts.probes += probes.count;
    const values = interpret(program, probes);
    const wrong = set ? diagramDisagrees(set.bdd, set.root, probes, values) : [];
    if (!asked) return wrong;
    const asIs = rawDisagrees(prober, program, probes, values);
    counts.kernel += probes.count;
    counts.asIs += asIs.asked;
    counts.permitted += values.reduce((sum, value) => sum + Number(isPermission(value)), 0);
    return [...wrong, ...kernelDisagrees(prober, program, probes, values), ...asIs.wrong];
  });
}

test("the diagram, the interpreter and the kernel agree on every filter", { timeout: 3_600_000 }, () => {
  const [prober, exporter] = [buildProgram("prober"), buildProgram("export-bpf", ["seccomp"])];
  const int80 = allowsInt80(prober);
  if (!int80)
    console.log("int 0x80 ends a process here: i386 is compared between diagram and interpreter only");
  const start = performance.now();
  const random = createRandom(seed);
  for (const filter of makeFilters(exporter, size.filters, size.policies, seed)) {
    // Of the others, the kernel has to take each.
    const isMutant = filter.name.startsWith("mutant");
    if (isMutant && askKernel(prober, "probe", filter.program, createProbes(1)).refused !== 0) {
      counts.refused++;
      continue;
    }
    counts.filters++;
    const wrong = disagreements(prober, filter, random, int80 ? 2 : 1);
    counts.disagreements += wrong.length;
    expect(wrong.slice(0, 5), `${filter.name}, seed ${seed}: ${JSON.stringify(filter.program)}`).toEqual([]);
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(JSON.stringify({ ...counts, int80, seconds }));
  expect(counts.decided).toBeGreaterThanOrEqual(200);
  expect(counts.permitted).toBeGreaterThan(counts.kernel / 20);
  expect(counts.permitted).toBeLessThan((counts.kernel * 19) / 20);
  expect(counts.kernel).toBeGreaterThanOrEqual(long ? 10_000_000 : 1_000_000);
});
