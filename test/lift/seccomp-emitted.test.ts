/** The profiles that the compiler writes, read back: random policies, and one with each of its rules loosened. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { intersection, never, union, without } from "../../src/authority/bdd.ts";
import {
  createCallDiagram,
  describeCall,
  exempt,
  leastCall,
  policyCalls,
  possibleCalls,
} from "../../src/authority/calls.ts";
import { compile } from "../../src/compile/compile.ts";
import { liftSeccomp, readSeccomp } from "../../src/lift/seccomp.ts";
import { targets } from "../../src/targets/registry.ts";
import { parseProfile, profilePermits } from "../support/evaluate/calls.ts";
import { acceptEverything, randomPolicies, worldProject } from "../support/random-policies.ts";

const seccomp = targets.filter((target) => target.name === "seccomp");

describe("what is emitted", () => {
  test("is contained in its policy, the whole of it, and equal where nothing is narrowed", () => {
    let equal = 0;
    let made = 0;
    fc.assert(
      fc.property(randomPolicies(acceptEverything), ({ text }) => {
        const { artifacts, analysed, diagnostics } = compile(worldProject(text), seccomp);
        const server = analysed.get("linux")?.ir.servers[0];
        const [artifact] = artifacts;
        if (!artifact || !server) return;
        made++;
        const bdd = createCallDiagram();
        const domain = possibleCalls(bdd, ["x86_64", "i386", "aarch64", "riscv64"]);
        const permitted = intersection(bdd, domain, liftSeccomp(bdd, readSeccomp(artifact.content)));
        const allowed = intersection(
          bdd,
          domain,
          union(bdd, policyCalls(bdd, server.systemCalls, "soft"), exempt(bdd)),
        );
        const wider = leastCall(bdd, without(bdd, permitted, allowed));
        expect(wider && describeCall(wider), text).toBeUndefined();
        const narrowed = diagnostics.some((d) => d.message.includes("some granted arguments"));
        if (!narrowed) {
          const slack = leastCall(bdd, without(bdd, allowed, permitted));
          expect(slack && describeCall(slack), text).toBeUndefined();
          equal++;
        }
      }),
      { numRuns: process.env.MCPC_LONG ? 5000 : 200 },
    );
    expect(equal).toBeGreaterThan(made / 2);
  });

  test("and each loosened rule is found, with a call that gets through", () => {
    const { artifacts, analysed } = compile(
      worldProject("server s <\n  runtime node;\n  tmp 1MiB;\n>\n"),
      seccomp,
    );
    const text = artifacts[0]?.content ?? "";
    const server = analysed.get("linux")?.ir.servers[0];
    if (!server) throw new Error("no server");
    const lines = text.split("\n");
    let found = 0;
    let equivalent = 0;
    for (const [at, line] of lines.entries()) {
      for (const [from, to] of [
        [/"SCMP_ACT_ERRNO"/, '"SCMP_ACT_ALLOW"'],
        [/, "args": \[.*\]/, ""],
        [/"value": \d+/, '"value": 0'],
        [/"valueTwo": (\d+)/, '"valueTwo": 99'],
        [/"names": \["/, '"names": ["ptrace", "'],
        [/"SCMP_ARCH_X86_64"/, '"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"'],
      ] as const) {
        if (!from.test(line)) continue;
        const mutated = lines.map((l, index) => (index === at ? l.replace(from, to) : l)).join("\n");
        if (mutated === text) continue;
        const bdd = createCallDiagram();
        const root = liftSeccomp(bdd, readSeccomp(mutated));
        const wider = without(
          bdd,
          root,
          union(bdd, policyCalls(bdd, server.systemCalls, "soft"), exempt(bdd)),
        );
        const witness = leastCall(bdd, wider);
        if (wider === never || !witness) {
          equivalent++;
          continue;
        }
        found++;
        // The witness is confirmed by an evaluator that knows nothing of diagrams.
        if (witness.entry === "x86_64" && witness.name !== undefined && !witness.name.startsWith("x32:"))
          expect(
            profilePermits(parseProfile(mutated), witness.name, witness.words),
            describeCall(witness),
          ).toBe(true);
      }
    }
    expect(found).toBeGreaterThan(20);
    expect(equivalent).toBeLessThan(found);
  });
});
