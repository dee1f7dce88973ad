import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** In this order: what is quick and exact first, since the first failure ends a mutant. */
const order = [
  "test/authority/",
  "test/lift/",
  "test/laws/",
  "test/targets/",
  "test/cases.test.ts",
  "test/conformance/",
  "test/examples.test.ts",
];
const placeOf = (path: string): number => order.findIndex((begin) => path.includes(`/${begin}`));

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.sort((a, b) => placeOf(a.moduleId) - placeOf(b.moduleId));
  }
}

// For mutants of the compiler (`npm run test:mutants -- --ring=a`): each is tried with the tests that reach it, one by one,
// so these are tests of units and whole artifacts, and none that draws hundreds of policies.
export default defineConfig({
  test: {
    include: [
      "test/authority/*.test.ts",
      "test/lift/*.test.ts",
      "test/targets/*.test.ts",
      "test/laws/{seccomp,mounts}.test.ts",
      "test/conformance/*.test.ts",
      "test/cases.test.ts",
      "test/examples.test.ts",
    ],
    exclude: [
      "test/lift/*-mutants.test.ts",
      "test/lift/{sb,unit}-agree*.test.ts",
      "test/lift/*-emitted.test.ts",
      "test/lift/{compose,kubernetes}-agree.test.ts",
      "test/targets/{hostile,kubernetes-restricted}.test.ts",
      "**/node_modules/**",
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "threads",
    // Each mutant has a thread of its own, in which its tests share what they import and what is remembered: to import the
    // compiler anew for every file of tests takes longer than the tests do.
    isolate: false,
    setupFiles: ["test/mutants/ring-a/setup.ts"],
    sequence: { sequencer: QuickFirst },
  },
});
