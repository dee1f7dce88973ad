import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holds, intersection, never, union, without } from "../../src/authority/bdd.ts";
import {
  bitOfCall,
  createCallDiagram,
  describeCall,
  exempt,
  leastCall,
  policyCalls,
  possibleCalls,
} from "../../src/authority/calls.ts";
import { compile } from "../../src/compile/compile.ts";
import { liftSeccomp, readSeccomp, SeccompError } from "../../src/lift/seccomp.ts";
import type { SystemCalls } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import { loosened } from "../kernel/loosened.ts";
import { createRandom, type Random } from "../kernel/random.ts";
import { acceptEverything, randomPolicies, worldProject } from "../support/random-policies.ts";
import { excessText } from "./smt-text.ts";

interface Compiled {
  readonly profile: string;
  readonly policy: SystemCalls;
}

const seed = Number(process.env.MCPC_SEED ?? 20);

/** Profiles of random policies, and the policies. */
function compiledPolicies(count: number): readonly Compiled[] {
  const seccomp = targets.filter((target) => target.name === "seccomp");
  return fc.sample(randomPolicies(acceptEverything), { numRuns: count, seed }).flatMap(({ text }) => {
    const { artifacts, analysed } = compile(worldProject(text), seccomp);
    const server = analysed.get("linux")?.ir.servers[0];
    return artifacts[0] && server ? [{ profile: artifacts[0].content, policy: server.systemCalls }] : [];
  });
}

/** Whether a mutant is still a profile. */
function isProfile(text: string): boolean {
  try {
    readSeccomp(text);
    return true;
  } catch (error) {
    if (error instanceof SeccompError) return false;
    throw error;
  }
}

/** A profile for a policy: its own, a mutant of its own, or another's. */
function profileFor({ profile }: Compiled, all: readonly Compiled[], random: Random): string {
  const kind = random.below(6);
  if (kind === 0) return profile;
  if (kind === 1) return random.one(all).profile;
  const text = loosened(profile, random);
  return isProfile(text) ? text : profile;
}

function excessOf(profile: string, policy: SystemCalls) {
  const bdd = createCallDiagram();
  const permitted = intersection(bdd, possibleCalls(bdd, ["x86_64"]), liftSeccomp(bdd, readSeccomp(profile)));
  const allowed = union(bdd, policyCalls(bdd, policy, "soft"), exempt(bdd));
  return { bdd, root: without(bdd, permitted, allowed) };
}

describe.runIf(process.env.MCPC_LONG)("an SMT solver decides as the diagrams do", () => {
  test("over random pairs of a policy and a profile", async () => {
    const { init } = await import("z3-solver");
    const { Context, em } = await init();
    const { Solver, BitVec } = Context("main");
    const random = createRandom(seed);
    const all = compiledPolicies(120);
    const counts = { pairs: 0, contained: 0, wider: 0 };
    while (counts.pairs < 500) {
      const one = random.one(all);
      const profile = profileFor(one, all, random);
      const { bdd, root } = excessOf(profile, one.policy);
      const solver = new Solver();
      solver.fromString(excessText(profile, one.policy));
      const answer = await solver.check();
      const found = leastCall(bdd, root);
      const says = `seed ${seed}, pair ${counts.pairs}, ${found ? describeCall(found) : "contained"}\n${profile}`;
      expect(answer, says).toBe(root === never ? "unsat" : "sat");
      counts.pairs++;
      if (answer === "unsat") counts.contained++;
      else {
        counts.wider++;
        const model = solver.model();
        const modelled = (name: string, bits: number): bigint =>
          BigInt(model.eval(BitVec.const(name, bits), true).toString().replace("#", "0"));
        const words = [0, 1, 2, 3, 4, 5].map((index) => modelled(`a${index}`, 64));
        const call = { entry: "x86_64" as const, number: Number(modelled("n", 32)), words };
        expect(holds(bdd, root, bitOfCall(call)), `the solver's call: ${JSON.stringify(String(words))}`).toBe(
          true,
        );
      }
      solver.release();
    }
    em.PThread.terminateAllThreads();
    console.log(JSON.stringify(counts));
    expect(counts.contained).toBeGreaterThan(100);
    expect(counts.wider).toBeGreaterThan(100);
  });
});
