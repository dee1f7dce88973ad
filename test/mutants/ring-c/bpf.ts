/** Filters in classic BPF, made of a profile by a plain compiler, with one instruction changed. */
import {
  type Bdd,
  BudgetExceeded,
  intersection,
  type Root,
  union,
  without,
} from "../../../src/authority/bdd.ts";
import {
  createCallDiagram,
  entries,
  exempt,
  leastCall,
  policyCalls,
  possibleCalls,
} from "../../../src/authority/calls.ts";
import { BpfError, type Instruction, liftBpf } from "../../../src/lift/bpf.ts";
import { readSeccomp } from "../../../src/lift/seccomp.ts";
import { addAround, constantsOf } from "../../kernel/around.ts";
import { argumentOf, createProbes, numberAt } from "../../kernel/probes.ts";
import { assemble } from "../../laws/smt/assemble.ts";
import type { Random } from "../../support/random.ts";
import { mutant } from "../bpf.ts";
import { callOf } from "./draw.ts";
import { bpfEvaluator } from "./evaluators/bpf.ts";
import { tolerant } from "./evaluators/evaluator.ts";
import type { Operation } from "./operation.ts";
import type { PolicySide } from "./policy.ts";
import type { Relation } from "./relation.ts";
import type { Judged, Mutant, Subject } from "./subject.ts";

const keyOf = (program: readonly Instruction[]): string =>
  program.map(({ code, jt, jf, k }) => `${code} ${jt} ${jf} ${k >>> 0}`).join();

function relationOf(bdd: Bdd, a: Root, b: Root): Relation {
  if (a === b) return "equivalent";
  if (without(bdd, a, b) === 0) return "stricter";
  return without(bdd, b, a) === 0 ? "wider" : "other";
}

/** The same decision as for profiles: what can be called, and gets through, and is not granted. */
function judgeProgram(
  policy: PolicySide,
  own: readonly Instruction[],
  program: readonly Instruction[],
): Judged {
  const bdd = createCallDiagram();
  try {
    const possible = possibleCalls(bdd, entries);
    const permitted = intersection(bdd, liftBpf(bdd, program).permitted, possible);
    const may = union(bdd, policyCalls(bdd, policy.server.systemCalls, "soft"), exempt(bdd));
    const call = leastCall(bdd, without(bdd, permitted, may));
    const relation = (): Relation =>
      relationOf(bdd, permitted, intersection(bdd, liftBpf(bdd, own).permitted, possible));
    if (!call) return { kind: "within", relation: relation() };
    const witness = { slice: "syscalls", call } as const;
    return {
      kind: "beyond",
      witnesses: [{ witness, doubted: false, confirmed: false, open: false, soft: false }],
      relation,
    };
  } catch (error) {
    if (!(error instanceof BpfError || error instanceof BudgetExceeded)) throw error;
    return { kind: "refused", reason: error.message };
  }
}

/** So many mutants that are all different. */
function distinct(
  own: readonly Instruction[],
  count: number,
  random: Random,
): readonly (readonly Instruction[])[] {
  const found = new Map<string, readonly Instruction[]>();
  const itself = keyOf(own);
  for (let tries = 0; found.size < count && tries < count * 20; tries++) {
    const program = mutant(own, random);
    if (keyOf(program) !== itself) found.set(keyOf(program), program);
  }
  return [...found.values()];
}

/** Calls around the numbers that a filter compares with: where its comparisons turn. */
function around(own: readonly Instruction[]): (random: Random) => Operation {
  const constants = constantsOf(own);
  return (random) => {
    const probes = createProbes(1);
    // The architectures that the filter is for, more often than the others.
    const entry = random.one([0, 0, 0, 2, 2, 1, 3]);
    addAround(constants, entry, 1, random, probes);
    const words = [0, 1, 2, 3, 4, 5].map((index) => argumentOf(probes, 0, index));
    return { kind: "call", call: callOf(entries[entry] ?? "x86_64", probes.words[numberAt] ?? 0, words) };
  };
}

export function bpfSubject(policy: PolicySide, profile: string, count: number, random: Random): Subject {
  const own = assemble(readSeccomp(profile), ["x86_64", "aarch64"]);
  return {
    format: "cBPF",
    policy,
    weights: { call: 1 },
    draw: around(own),
    own: tolerant(bpfEvaluator(own)),
    accepted: () => false,
    mutants: distinct(own, count, random).map((program): Mutant => {
      const at = program.findIndex((instruction, index) => instruction !== own[index]);
      const evaluator = (): ReturnType<typeof tolerant> => tolerant(bpfEvaluator(program));
      return {
        what: `instruction ${at}: ${JSON.stringify(own[at])} -> ${JSON.stringify(program[at])}`,
        judge: () => judgeProgram(policy, own, program),
        evaluator,
        prober: evaluator,
      };
    }),
  };
}
