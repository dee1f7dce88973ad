/** Runs a row: what the verifier says of an artifact, and what the compiler prints for a policy. */
import { expect } from "vitest";
import { intersection, without } from "../../src/authority/bdd.ts";
import {
  createCallDiagram,
  describeCall,
  leastCall,
  policyCalls,
  possibleCalls,
} from "../../src/authority/calls.ts";
import { analyse } from "../../src/compile/analyse.ts";
import { compile } from "../../src/compile/compile.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { liftBpf } from "../../src/lift/bpf.ts";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import type { ServerIr } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import { nothing } from "../../src/verify/diff.ts";
import type { TargetName } from "../../src/verify/parts/readers.ts";
import { type BundleProof, proveBundle } from "../../src/verify/prove.ts";
import { describeWitness } from "../../src/verify/witness.ts";
import { worldProject } from "../support/random-policies.ts";
import type { Answer, Artifact, Bundled, Fixture, Output, Refusal } from "./row.ts";

const textOf = (clauses: string): string => `server s <\n  ${clauses}\n>\n`;
const errorsIn = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);

function serverOf(clauses: string | undefined, target: TargetName): ServerIr {
  if (clauses === undefined) return { ...nothing, name: "s" };
  const platform = target === "sb" ? "macos" : "linux";
  const { results, diagnostics } = analyse(worldProject(textOf(clauses)), [platform]);
  expect(errorsIn(diagnostics), clauses).toEqual([]);
  const server = results.get(platform)?.ir.servers[0];
  if (!server) throw new Error(`no server: ${clauses}`);
  return server;
}

const bundleProof = ({ target, files, environment }: Bundled, policy: string | undefined): BundleProof =>
  proveBundle(
    target,
    {
      server: serverOf(policy, target),
      environment: { ...defaultEnvironment, ...environment },
      location: "/srv/app",
      files: new Map(Object.entries(files)),
    },
    { slackIn: [] },
  );

/** What a proof answers of the same kind as an answer that is looked for, in words; nothing where it is the sound one. */
function answersLike(proof: BundleProof, answer: Answer): readonly string[] {
  const { parts } = proof;
  if ("missing" in answer) return parts.length === 0 ? ["nothing confines the server"] : [];
  if ("refused" in answer) return parts.flatMap(({ unreadable }) => (unreadable ? [unreadable.reason] : []));
  // What can't be read gives no other answer.
  expect(parts.length).toBeGreaterThan(0);
  expect(parts.flatMap(({ unreadable }) => unreadable ?? [])).toEqual([]);
  if ("finding" in answer) return parts.flatMap(({ findings }) => findings.map(({ message }) => message));
  if ("deputy" in answer)
    return parts.flatMap(({ deputies }) => deputies.filter((d) => !d.granted).map(({ name }) => name));
  const asked = "soft" in answer ? answer.soft : answer.beyond;
  const slices = parts.flatMap((part) => part.slices.filter(({ slice }) => slice === asked));
  expect(slices.length).toBeGreaterThan(0);
  expect(slices.filter(({ confirmed }) => confirmed?.doubted)).toEqual([]);
  if ("soft" in answer) return slices.flatMap(({ soft }) => (soft ? [describeWitness(soft)] : []));
  return slices.flatMap(({ verdict, witness }) => {
    if (verdict === "within") return [];
    return [witness ? describeWitness(witness) : "undecided"];
  });
}

function programAnswers(
  artifact: Extract<Artifact, { readonly program: unknown }>,
  policy?: string,
): readonly string[] {
  const bdd = createCallDiagram();
  const permitted = intersection(
    bdd,
    possibleCalls(bdd, ["x86_64", "i386", "aarch64", "riscv64"]),
    liftBpf(bdd, artifact.program).permitted,
  );
  const allowed = policyCalls(bdd, serverOf(policy, "seccomp").systemCalls, "soft");
  const call = leastCall(bdd, without(bdd, permitted, allowed));
  return call ? [describeCall(call)] : [];
}

function patternOf(answer: Answer): RegExp {
  if ("missing" in answer) return /./;
  if ("refused" in answer) return answer.refused;
  if ("finding" in answer) return answer.finding;
  return "deputy" in answer ? new RegExp(`^${answer.deputy}$`) : answer.witness;
}

/** The artifact with the bug is answered as the row says, and the repaired one is not. */
export function decideFixture({ artifact, policy, expect: answers, repaired }: Fixture): void {
  const ask = (of: Artifact): ((answer: Answer) => readonly string[]) => {
    if ("program" in of) return () => programAnswers(of, policy);
    const proof = bundleProof(of, policy);
    return (answer) => answersLike(proof, answer);
  };
  const bad = [artifact].flat().map(ask);
  const good = repaired && ask(repaired);
  for (const answer of [answers].flat()) {
    const pattern = patternOf(answer);
    for (const [at, found] of bad.entries())
      expect(found(answer).join("\n"), `with the bug, ${at}`).toMatch(new RegExp(pattern, "m"));
    // A sound slice has no witness at all; other findings and deputies may be there for other reasons.
    const left = good?.(answer).filter(
      (one) => "beyond" in answer || "refused" in answer || pattern.test(one),
    );
    expect(left ?? [], "repaired").toEqual([]);
  }
}

const targetsOf = (names: readonly TargetName[]): typeof targets =>
  targets.filter(({ name }) => names.some((one) => one === name));

/** No output has the bug, and the check sees it in every spoilt one. */
export function decideOutput({ of, policies, file, check, spoilt }: Output): void {
  for (const policy of policies)
    for (const target of targetsOf(of)) {
      const { artifacts, diagnostics } = compile(worldProject(textOf(policy)), [target]);
      expect(errorsIn(diagnostics), policy).toEqual([]);
      const texts = artifacts.filter(({ path }) => file.test(path));
      expect(texts.length, `${target.name}: ${policy}`).toBeGreaterThan(0);
      for (const { path, content } of texts) {
        expect(check(content), path).toBeUndefined();
        const bad = spoilt(content);
        expect(bad, path).not.toBe(content);
        expect(check(bad), `a spoilt ${path} goes unseen`).toBeDefined();
      }
    }
}

/** Each target refuses the one policy, and compiles the other. */
export function decideRefusal({ of, refused, says, compiled }: Refusal): void {
  for (const target of targetsOf(of)) {
    const bad = compile(worldProject(textOf(refused)), [target]);
    expect(errorsIn(bad.diagnostics).join("\n"), target.name).toMatch(says);
    expect(bad.artifacts.filter(({ server }) => server === "s")).toEqual([]);
    const good = compile(worldProject(textOf(compiled)), [target]);
    expect(errorsIn(good.diagnostics)).toEqual([]);
    expect(good.artifacts.length).toBeGreaterThan(0);
  }
}
