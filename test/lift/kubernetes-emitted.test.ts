/** What the compiler emits for kubernetes is read without a finding, and is within its policy. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { examples } from "../../scripts/examples.ts";
import { openProject } from "../../src/cli/open.ts";
import { liftManifests } from "../../src/lift/kubernetes.ts";
import { emittedFrom, emittedPod, podEnvironment, podExcess, withImage } from "../support/pod-policy.ts";
import { acceptEverything, randomPolicies } from "../support/random-policies.ts";

const directory = join(dirname(fileURLToPath(import.meta.url)), "../../examples");
const runs = process.env.MCPC_LONG ? 2000 : 150;

describe("emitted manifests", () => {
  test("are read without a finding, and are within their policy", () => {
    const seen = { pods: 0, patches: 0, deployments: 0 };
    fc.assert(
      fc.property(randomPolicies(acceptEverything), fc.boolean(), ({ text }, isImage) => {
        const emitted = emittedPod(isImage ? withImage(text) : text);
        if (!emitted) return;
        const paths = emitted.texts.map(({ path }) => path);
        if (paths.includes("patch.yaml")) seen.patches++;
        else if (paths.includes("pod.yaml")) seen.pods++;
        else seen.deployments++;
        const pods = liftManifests(emitted.texts, podEnvironment(emitted.profile));
        expect(pods.map(({ name }) => name)).toEqual(["mcp-s/s"]);
        for (const pod of pods) {
          expect(pod.findings).toEqual([]);
          expect(podExcess(pod, emitted), text).toEqual([]);
        }
      }),
      { numRuns: runs },
    );
    expect(seen.pods).toBeGreaterThan(runs / 10);
    expect(seen.patches).toBeGreaterThan(runs / 10);
    expect(seen.deployments).toBeGreaterThan(0);
  });

  test.each(examples.map(({ name }) => name))("of examples/%s.mcp as well", async (name) => {
    const out = join(directory, "out", name);
    const opened = await openProject(join(directory, `${name}.mcp`), { out, host: join(out, "host.json") });
    if (!opened.ok) throw new Error(opened.diagnostics.map((d) => d.message).join("\n"));
    const emitted = emittedFrom(opened.opened.project);
    expect(emitted.length).toBeGreaterThan(0);
    for (const one of emitted) {
      const pods = liftManifests(one.texts, podEnvironment(one.profile));
      expect(pods.length).toBe(1);
      for (const pod of pods) {
        expect(pod.findings).toEqual([]);
        expect(podExcess(pod, one)).toEqual([]);
      }
    }
  });
});
