import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BudgetExceeded, holds, type Root } from "../../../src/authority/bdd.ts";
import { bitOfCall, createCallDiagram, describeCall, leastCall } from "../../../src/authority/calls.ts";
import { BpfError } from "../../../src/lift/bpf.ts";
import { SeccompError } from "../../../src/lift/seccomp.ts";
import { createRandom } from "../../support/random.ts";
import { compiledPolicies, type Pair, randomPair } from "./pairs.ts";
import { type Solver, startSolver } from "./solver.ts";

const seed = Number(process.env.MCPC_SEED ?? 20);
const pairs = 500;

/** What the diagram says of a pair; undefined where it has no answer, which is one too. */
function decided({ beyond }: Pair) {
  const bdd = createCallDiagram();
  try {
    const root: Root = beyond(bdd);
    return { bdd, root, call: leastCall(bdd, root) };
  } catch (error) {
    if ([BpfError, SeccompError, BudgetExceeded].some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

describe.skipIf(!process.env.MCPC_LONG)("an SMT solver", () => {
  let solver: Solver;
  beforeAll(async () => {
    solver = await startSolver();
  }, 120_000);
  afterAll(() => solver.stop());

  test(`agrees with the diagram on ${pairs} pairs, and each on the other's counterexample`, async () => {
    const random = createRandom(seed);
    const policies = compiledPolicies(40, seed);
    const counts = { pairs: 0, within: 0, beyond: 0, undecided: 0, disagreements: 0 };
    const start = performance.now();
    while (counts.pairs < pairs) {
      const pair = randomPair(policies, random);
      const diagram = decided(pair);
      if (!diagram) {
        counts.undecided++;
        continue;
      }
      const { call, agrees } = await solver.ask(pair.definitions, pair.term, diagram.call);
      counts.pairs++;
      counts[diagram.call ? "beyond" : "within"]++;
      const inDiagram = !call || holds(diagram.bdd, diagram.root, bitOfCall(call));
      if ((call !== undefined) !== (diagram.call !== undefined) || !agrees || !inDiagram) {
        counts.disagreements++;
        const says = (c: typeof call): string => (c ? describeCall(c) : "nothing");
        console.log(`${pair.name}: the diagram finds ${says(diagram.call)}, the solver ${says(call)}`);
      }
    }
    console.log(JSON.stringify({ ...counts, seed, seconds: Math.round((performance.now() - start) / 1000) }));
    expect(counts.disagreements).toBe(0);
    expect(Math.min(counts.within, counts.beyond)).toBeGreaterThan(pairs / 6);
  });
});
