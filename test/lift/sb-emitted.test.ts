/** Profiles that the compiler emits, lifted: what they permit with files is within the policy. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ruleMachine } from "../../src/authority/path-rules.ts";
import { everyRight, fileOutside } from "../../src/authority/paths.ts";
import { compile } from "../../src/compile/compile.ts";
import { liftLauncher, temporaryPath } from "../../src/lift/launcher.ts";
import { type LiftedProfile, liftProfile } from "../../src/lift/sb.ts";
import type { ServerIr } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import { policyMachine, withRoot } from "../support/policy-machine.ts";
import { acceptEverything, randomPolicies, worldProject } from "../support/random-policies.ts";

const runs = process.env.MCPC_LONG ? 2_000 : 40;
const sb = targets.filter(({ name }) => name === "sb");

interface Emitted {
  readonly server: ServerIr;
  readonly profile: LiftedProfile;
}

function emit(text: string): Emitted | undefined {
  const compiled = compile(worldProject(text), sb);
  const byPath = new Map(compiled.artifacts.map((a) => [a.path, a.content]));
  const [profile, launcher] = [byPath.get("s/sb/profile.sb"), byPath.get("s/sb/run.sh")];
  const [server] = [...compiled.analysed.values()][0]?.ir.servers ?? [];
  if (profile === undefined || launcher === undefined || !server) return undefined;
  return { server, profile: liftProfile(profile, liftLauncher(launcher).parameters) };
}

test("what an emitted profile permits with files is within the policy", () => {
  let emitted = 0;
  fc.assert(
    fc.property(randomPolicies(acceptEverything), ({ text }) => {
      const found = emit(text);
      if (!found) return;
      emitted++;
      const policy = withRoot(policyMachine(found.server, temporaryPath));
      expect(fileOutside(found.profile.files, policy), text).toBeUndefined();
    }),
    { numRuns: runs },
  );
  expect(emitted).toBeGreaterThan(runs / 2);
});

test("what is denied anywhere is denied in the temporary directory, where it could be moved", () => {
  const found = emit(`server s < write ./a; deny **/.env; tmp 1MiB; ${acceptEverything}; >`);
  const denied = ruleMachine([
    { pattern: "/", effect: { kind: "grant", rights: everyRight } },
    { pattern: "/srv/world/a/**/.env", effect: { kind: "deny", rights: everyRight } },
  ]);
  if (!found) throw new Error("nothing was emitted");
  expect(fileOutside(found.profile.moved(), denied)).toBeUndefined();
});

test("a granted directory can't be renamed away from what is denied in it", () => {
  const found = emit(`server s < write ./a; write ./d; deny ./a/b/c; ${acceptEverything}; >`);
  const denied = ruleMachine([
    { pattern: "/", effect: { kind: "grant", rights: everyRight } },
    { pattern: "/srv/world/a/b/c", effect: { kind: "deny", rights: everyRight } },
  ]);
  if (!found) throw new Error("nothing was emitted");
  expect(fileOutside(found.profile.moved(), denied)).toBeUndefined();
});
