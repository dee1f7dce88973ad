/** The filters that are tried: by hand, from profiles through libseccomp, and mutants of all of these. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { filesBelow } from "../../src/cli/io.ts";
import { compile } from "../../src/compile/compile.ts";
import type { Instruction } from "../../src/lift/bpf.ts";
import { targets } from "../../src/targets/registry.ts";
import { mutant } from "../mutants/bpf.ts";
import { createRandom } from "../support/random.ts";
import { acceptEverything, randomPolicies, worldProject } from "../support/random-policies.ts";
import { compileProfile } from "./libseccomp.ts";
import { programs, undecided } from "./programs.ts";

const checkout = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** A filter, and where it comes from. */
export interface Filter {
  readonly name: string;
  readonly program: readonly Instruction[];
}

/** Docker's default profile; see the README beside it for what it is. */
export const dockerDefault = readFileSync(
  join(checkout, "test/fixtures/seccomp/docker-default.json"),
  "utf8",
);

/** The recorded profiles of the examples, by their path. */
export function exampleProfiles(): readonly (readonly [string, string])[] {
  const out = join(checkout, "examples/out");
  return filesBelow(out)
    .filter((path) => path.endsWith("/seccomp/seccomp.json"))
    .map((path) => [path, readFileSync(join(out, path), "utf8")]);
}

const seccomp = targets.filter((target) => target.name === "seccomp");

/** Profiles compiled of random policies, all different. */
export function randomProfiles(count: number, seed: number): readonly string[] {
  const texts = new Set<string>();
  for (const { text } of fc.sample(randomPolicies(acceptEverything), { numRuns: count * 2, seed })) {
    const [artifact] = compile(worldProject(text), seccomp).artifacts;
    if (artifact && texts.size < count) texts.add(artifact.content);
  }
  return [...texts];
}

const keyOf = (program: readonly Instruction[]): string =>
  program.map(({ code, jt, jf, k }) => `${code} ${jt} ${jf} ${k >>> 0}`).join();

function fromProfiles(exporter: string, randomCount: number, seed: number): readonly Filter[] {
  const profiles = [
    ["docker-default", dockerDefault] as const,
    ...exampleProfiles(),
    ...randomProfiles(randomCount, seed).map((text, at) => [`policy ${at}`, text] as const),
  ];
  return profiles.flatMap(([name, text]) =>
    ([1, 2] as const).map((optimize) => ({
      name: `${name}, optimize ${optimize}`,
      program: compileProfile(text, { exporter, optimize, timeout: 20_000 }).program,
    })),
  );
}

/** So many different filters: those by hand and of profiles, then mutants, which the kernel may refuse. */
export function makeFilters(
  exporter: string,
  count: number,
  randomCount: number,
  seed: number,
): readonly Filter[] {
  const byHand = [...programs, ...undecided].map((program, at) => ({ name: `by hand ${at}`, program }));
  const bases = [...byHand, ...fromProfiles(exporter, randomCount, seed)];
  const found = new Map(bases.map((filter) => [keyOf(filter.program), filter]));
  const random = createRandom(seed);
  // A division by 0 kills, which the prober can't rewrite: no mutant may lose what keeps a divisor from being 0.
  const mutable = bases.filter(({ program }) => program.every(({ code }) => code !== 0x3c));
  while (found.size < count) {
    const base = random.one(mutable);
    const program = mutant(base.program, random);
    if (!found.has(keyOf(program)))
      found.set(keyOf(program), { name: `mutant ${found.size} of ${base.name}`, program });
  }
  return [...found.values()];
}
