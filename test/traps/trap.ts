/** What a trap's test is made of: a check that reads an output back, and bad outputs that show that it can fail. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Check, type Output, outputOf } from "../support/outputs.ts";
import { policyBodies, policyText, policyWorkspace } from "../support/policies.ts";
import type { Workspace } from "../support/project.ts";
import { type TrapId, traps } from "./table.ts";

/** An output that was spoilt on purpose: the check must report it. */
export interface Seed {
  /** What is wrong with it. */
  readonly what: string;
  /** The policy that it is made from, by its name in `policyBodies`. */
  readonly policy: string;
  readonly environment?: string;
  readonly spoil: (output: Output) => Output;
}

/** The test of one trap for one target. */
export interface TrapTest {
  readonly trap: TrapId;
  readonly check: Check;
  readonly seeds: readonly [Seed, ...Seed[]];
}

/** Holds a target's outputs, over all policies and the given environments, against its traps. */
export function holdTraps(
  target: string,
  environments: readonly string[],
  tests: readonly TrapTest[],
  more?: (space: () => Workspace, outputs: () => readonly Output[]) => void,
): void {
  let space: Workspace;
  let outputs: readonly Output[];
  beforeAll(async () => {
    space = await policyWorkspace();
    const cases = Object.entries(policyBodies).flatMap(([name, body]) =>
      environments.map((environment) => outputOf(space, name, policyText(body), target, environment)),
    );
    outputs = cases.filter((output) => output.files.size > 0);
  });
  afterAll(() => space?.dispose());

  describe(`${target} falls into no trap`, () => {
    test("and most policies are not just refused", () => {
      const policies = new Set(outputs.map((output) => output.title.split(" ")[0]));
      expect(policies.size).toBeGreaterThanOrEqual(15);
    });

    for (const { trap, check, seeds } of tests) {
      test(`${trap}: ${traps[trap].says}`, () => {
        for (const output of outputs) expect(check(output), output.title).toBeUndefined();
        for (const { what, policy, environment, spoil } of seeds) {
          const sound = outputOf(
            space,
            policy,
            policyText(policyBodies[policy] ?? policy),
            target,
            environment ?? environments[0],
          );
          expect(check(sound), policy).toBeUndefined();
          expect(check(spoil(sound)), `a bad output goes unseen: ${what}`).toBeDefined();
        }
      });
    }
    more?.(
      () => space,
      () => outputs,
    );
  });
}

/** The first problem that a list of checks finds. */
export function firstOf<T>(
  items: readonly T[],
  problem: (item: T) => string | false | undefined,
): string | undefined {
  for (const item of items) {
    const found = problem(item);
    if (found) return found;
  }
  return undefined;
}

/** The lines of an output's header, the comments at the top of a file. */
export function headerOf(text: string): readonly string[] {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !/^[#;]/.test(line));
  return lines.slice(0, end).map((line) => line.replace(/^[#; ]+/, ""));
}

/** Whether an output says, in the header of a file, that a dimension is not held in some way. */
export function admits(text: string, dimension: string, words: RegExp): boolean {
  return headerOf(text).some((line) => line.startsWith(`${dimension}:`) && words.test(line));
}
