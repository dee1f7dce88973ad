/** Every bundle is read back and proven on each compile: those of random policies pass. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Compiled, compile } from "../../src/compile/compile.ts";
import { hasErrors } from "../../src/diagnostics/diagnostic.ts";
import { targets } from "../../src/targets/registry.ts";
import { acceptEverything, randomPolicies, worldProject } from "../support/random-policies.ts";

const runs = process.env.MCPC_LONG ? 5_000 : 60;

test.each([
  ["everything accepted", acceptEverything],
  ["nothing accepted", ""],
])("random policies with %s are proven for every target, and none is too large", (_, accept) => {
  let made = 0;
  fc.assert(
    fc.property(randomPolicies(accept), ({ text }) => {
      for (const target of targets) {
        const compiled: Compiled = compile(worldProject(text), [target]);
        expect(compiled.diagnostics.filter(({ code }) => code === "MC5002")).toEqual([]);
        if (!hasErrors(compiled.diagnostics)) made++;
      }
    }),
    { numRuns: runs },
  );
  expect(made).toBeGreaterThan(runs / 2);
});
