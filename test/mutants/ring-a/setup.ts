/**
 * For the tests of ring a, which share their modules within the run of one mutant: numbers by chance are the same each time,
 * and what each file of tests covers is counted once, not again with every file behind it.
 */
import fc from "fast-check";

interface Counts {
  static: Record<string, number>;
  perTest: Record<string, Record<string, number>>;
}

fc.configureGlobal({ seed: 20 });

const { mutantCoverage } =
  (globalThis as { readonly __stryker__?: { readonly mutantCoverage?: Counts } }).__stryker__ ?? {};
if (mutantCoverage) {
  mutantCoverage.static = {};
  mutantCoverage.perTest = {};
}
