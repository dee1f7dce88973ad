/**
 * Emitted profiles with one thing changed. What became more permissive than the policy is found, with an operation that the
 * concrete evaluator permits; what is let pass is tried with the evaluator on the paths of the policy's own words.
 */
import { expect, test } from "vitest";
import { fileOutside, namesOf, type PathMachine } from "../../src/authority/paths.ts";
import { compile } from "../../src/compile/compile.ts";
import { sbPermits } from "../../src/evaluate/sb.ts";
import { confirms } from "../../src/evaluate/sb-files.ts";
import { liftLauncher, temporaryPath } from "../../src/lift/launcher.ts";
import { liftProfile, SbError } from "../../src/lift/sb.ts";
import { targets } from "../../src/targets/registry.ts";
import { profileMutants } from "../mutants/sb.ts";
import { policyMachine, withRoot } from "../support/policy-machine.ts";
import { acceptEverything, world, worldProject, worldRoot } from "../support/random-policies.ts";

const sb = targets.filter(({ name }) => name === "sb");
/** Each policy, and about how many of its mutants are tried; all of them in the long run. */
const policies: readonly (readonly [string, number])[] = [
  ["read ./a; deny ./a/b; deny **/.env; net loopback;", 120],
  ["read ~/; read ./d; deny ./d/e; exec ./a;", 20],
  ["read ./a; write ./a/b; deny ./a/b/c; tmp 1MiB; unix /run/app/app.sock;", 12],
];

const probes = [
  ...Object.keys(world),
  ...["a", "a/b", "a/b/c/new", "ab", "d", "d/e/x", "a/.env/x", "program"].map(
    (path) => `${worldRoot}/${path}`,
  ),
  "/",
  "/etc/passwd",
  "/usr/lib/x",
  "/usr/libx",
  "/home/user/.ssh/new",
  "/home/username/x",
  "/dev/nullx",
  `${temporaryPath}/x`,
];

const operations = [
  ["file-read-data", "read"],
  ["file-write-data", "write"],
  ["file-write-create", "write"],
  ["process-exec*", "exec"],
  ["file-map-executable", "exec"],
] as const;

function permitted(machine: PathMachine, path: string): readonly string[] {
  let state = machine.start;
  for (const name of path === "/" ? [] : path.split("/").slice(1)) state = machine.step(state, name);
  return namesOf(machine.rightsAt(state));
}

/** What is changed elsewhere than with files: compared as a whole, with what was there before. */
function others(text: string, parameters: ReadonlyMap<string, string>): string {
  const { network, otherFamilies, authorities } = liftProfile(text, parameters);
  return JSON.stringify({ network, otherFamilies, authorities });
}

test("a changed profile is found by what it permits, or permits no more", () => {
  const counts = { found: 0, refused: 0, passed: 0 };
  const missed: string[] = [];
  for (const [body, most] of policies) {
    const compiled = compile(worldProject(`server s < ${body} ${acceptEverything}; >\n`), sb);
    const [server] = [...compiled.analysed.values()][0]?.ir.servers ?? [];
    const of = (name: string) =>
      compiled.artifacts.find(({ path }) => path === `s/sb/${name}`)?.content ?? "";
    if (!server) throw new Error(body);
    const profile = of("profile.sb");
    const { parameters } = liftLauncher(of("run.sh"));
    const policy = withRoot(policyMachine(server, temporaryPath));
    expect(fileOutside(liftProfile(profile, parameters).files, policy), body).toBeUndefined();
    const before = others(profile, parameters);
    const all = profileMutants(profile);
    const every = process.env.MCPC_LONG ? 1 : Math.ceil(all.length / most);
    const mutants = all.filter((_, at) => at % every === 0);
    for (const { what, text } of mutants) {
      let lifted: ReturnType<typeof liftProfile>;
      try {
        lifted = liftProfile(text, parameters);
      } catch (error) {
        if (!(error instanceof SbError)) throw error;
        counts.refused++;
        continue;
      }
      const witness = fileOutside(lifted.files, policy);
      if (witness) {
        counts.found++;
        // The policy denies it, and the profile that was changed permits it: by its rules, and not by a lifter's.
        expect(permitted(policy, witness.path), what).not.toContain(witness.right);
        expect(confirms(text, parameters, witness), `${what} ${witness.path}`).toBe(true);
        continue;
      }
      if (others(text, parameters) !== before) {
        counts.found++;
        continue;
      }
      counts.passed++;
      for (const path of probes)
        for (const [operation, right] of operations)
          if (
            !permitted(policy, path).includes(right) &&
            sbPermits(text, parameters, { operation, path, holds: "all" })
          )
            missed.push(`${what}: ${operation} ${path}`);
    }
  }
  expect(missed).toEqual([]);
  expect(counts.found).toBeGreaterThan(50);
  expect(counts.passed).toBeGreaterThan(20);
  expect(counts.refused).toBeGreaterThan(0);
  console.info(`profiles changed: ${JSON.stringify(counts)}`);
});
