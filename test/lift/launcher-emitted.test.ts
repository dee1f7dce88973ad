/** The launchers that the compiler writes of random policies, read back. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { liftLauncher } from "../../src/lift/launcher.ts";
import { targets } from "../../src/targets/registry.ts";
import { acceptEverything, randomPolicies, worldProject } from "../support/random-policies.ts";

const sb = targets.filter(({ name }) => name === "sb");

function launcherOf(text: string): string | undefined {
  const { artifacts } = compile(worldProject(text), sb);
  return artifacts.find(({ path }) => path === "s/sb/run.sh")?.content;
}

test("every launcher that is emitted is read", () => {
  let read = 0;
  fc.assert(
    fc.property(randomPolicies(acceptEverything), ({ text }) => {
      const script = launcherOf(text);
      if (script === undefined) return;
      read++;
      expect(() => liftLauncher(script), text).not.toThrow();
    }),
    { numRuns: 40 },
  );
  expect(read).toBeGreaterThan(20);
});
