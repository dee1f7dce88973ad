import fc from "fast-check";
import { expect, test } from "vitest";
import { analyse } from "../../src/compile/analyse.ts";
import type { Project } from "../../src/compile/project.ts";
import { referencePolicy } from "../../src/compile/reference.ts";
import type { PolicyIr } from "../../src/policy/ir.ts";
import { decide } from "../../src/reference/decide.ts";
import { readConnect, readListen } from "../../src/syntax/endpoints.ts";
import { diffPolicies } from "../../src/verify/diff.ts";
import { randomPolicies, world, worldProject, worldRoot } from "../support/random-policies.ts";

interface Side {
  readonly project: Project;
  readonly ir: PolicyIr;
}

function sideOf(text: string): Side | undefined {
  const project = worldProject(text);
  const { results, diagnostics } = analyse(project, ["linux"]);
  const ir = results.get("linux")?.ir;
  return !ir || diagnostics.some((d) => d.severity === "error") ? undefined : { project, ir };
}

const paths = [
  ...Object.keys(world),
  worldRoot,
  ...["a", "a/b", "a/new", "a/b/.env", "d/x.key", "gone"].map((p) => `${worldRoot}/${p}`),
].filter((path) => world[path] !== "socket");

/** What the new policy permits on the universe and the old one denies, by the reference evaluator. */
function bruteForce(old: Side, now: Side): readonly string[] {
  const [before, after] = [referencePolicy(old.project), referencePolicy(now.project)];
  return paths.flatMap((path) =>
    (["read", "write", "exec"] as const)
      .filter((access) => {
        const question = { kind: "file" as const, access, path };
        return decide(after, "s", question).allowed && !decide(before, "s", question).allowed;
      })
      .map((access) => `${access} ${path}`),
  );
}

test("diff says widened wherever brute force finds something, and what it shows the reference evaluator confirms", () => {
  let widened = 0;
  let same = 0;
  fc.assert(
    fc.property(randomPolicies(""), randomPolicies(""), (a, b) => {
      const [old, now] = [sideOf(a.text), sideOf(b.text)];
      if (!old || !now) return;
      const [difference] = diffPolicies(old.ir, now.ir);
      const shown = difference?.widened ?? [];
      const found = bruteForce(old, now);
      if (found.length > 0)
        expect(
          shown.some((e) => e.dimension === "files"),
          found.join(),
        ).toBe(true);
      if (shown.length > 0) widened++;
      else same++;
      const [before, after] = [referencePolicy(old.project), referencePolicy(now.project)];
      for (const { dimension, operation } of shown) {
        const [verb, operand = ""] = operation.split(" ");
        if (dimension === "files" && (verb === "read" || verb === "write" || verb === "exec")) {
          const access: "read" | "write" | "exec" = verb;
          const question = { kind: "file" as const, access, path: operand };
          expect(
            {
              operation,
              now: decide(after, "s", question).allowed,
              before: decide(before, "s", question).allowed,
            },
            `${a.text}${b.text}`,
          ).toEqual({ operation, now: true, before: false });
        }
        if (
          dimension === "network" &&
          (verb === "connect" || verb === "listen") &&
          !operation.includes("loopback")
        ) {
          const read = verb === "connect" ? readConnect(operand) : readListen(operand);
          // To the reference evaluator a sandbox's own loopback is 127.0.0.1, where `listen` means the host's.
          if (!read.ok || operation.startsWith("listen 127.")) continue;
          const question = { kind: verb, endpoint: read.value } as const;
          expect({
            operation,
            now: decide(after, "s", question).allowed,
            before: decide(before, "s", question).allowed,
          }).toEqual({ operation, now: true, before: false });
        }
      }
    }),
    { numRuns: process.env.MCPC_LONG ? 5000 : 100 },
  );
  expect(widened).toBeGreaterThan(20);
  expect(widened + same).toBeGreaterThan(30);
});
