import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaProblems, schemaVersion } from "../support/kubernetes-schema.ts";
import { manifestsOf } from "../support/manifests.ts";
import { type Output, outputOf } from "../support/outputs.ts";
import { policyBodies, policyText, policyWorkspace } from "../support/policies.ts";
import type { Workspace } from "../support/project.ts";
import { objectsIn, patternOf, withKey } from "../support/unknown-keys.ts";

let space: Workspace;
let outputs: readonly Output[];
beforeAll(async () => {
  space = await policyWorkspace();
  outputs = Object.entries(policyBodies)
    .flatMap(([name, body]) =>
      ["", "kubernetes=1.21", "kubernetes=1.34"].map((environment) =>
        outputOf(space, name, policyText(body), "kubernetes", environment),
      ),
    )
    .filter((output) => output.files.size > 0);
});
afterAll(() => space?.dispose());

type Json = { [key: string]: unknown };

/** Objects whose keys are names that somebody chooses. */
const named = /(?:^|\/)(?:labels|matchLabels|annotations|limits|requests)$/;

describe(`manifests by Kubernetes' schemas (kubernetes-models ${schemaVersion()})`, () => {
  test("of every kind are valid, without an unknown field", () => {
    const kinds = new Set<string>();
    for (const output of outputs) {
      for (const [path, document] of manifestsOf(output)) {
        kinds.add(String((document as Json).kind));
        expect(schemaProblems(document), `${output.title}: ${path}`).toEqual([]);
      }
    }
    expect([...kinds].sort()).toEqual(["Component", "Deployment", "Namespace", "NetworkPolicy", "Pod"]);
  });

  test("with an unknown field in any object are refused", () => {
    const seen = new Set<string>();
    for (const output of outputs) {
      for (const document of manifestsOf(output).values()) {
        for (const path of objectsIn(document)) {
          const at = `${(document as Json).kind}/${patternOf(path)}`;
          if (seen.has(at) || named.test(at)) continue;
          seen.add(at);
          expect(schemaProblems(withKey(document, path, "runAsNonroot")), at).not.toEqual([]);
        }
      }
    }
    for (const at of [
      "Pod/spec/containers/*/securityContext/capabilities",
      "Pod/spec/containers/*/env/*/valueFrom/secretKeyRef",
      "Pod/spec/volumes/*/emptyDir",
      "Pod/spec/containers/*/volumeMounts/*",
      "Deployment/spec/template/spec/containers/*/ports/*",
      "NetworkPolicy/spec/egress/*/to/*/ipBlock",
      "Component/patches/*",
      "Namespace/metadata",
    ])
      expect(seen, at).toContain(at);
  });

  test.each<readonly [string, string, (document: Json) => void]>([
    ["a wrong type", "Pod", (d) => Object.assign(d.spec as Json, { hostPID: "no" })],
    ["a missing name", "Pod", (d) => Object.assign(d.spec as Json, { containers: [{ image: "a" }] })],
    ["a value out of its list", "Pod", (d) => Object.assign(d.spec as Json, { restartPolicy: "Nevr" })],
    ["no selector", "Deployment", (d) => Reflect.deleteProperty(d.spec as Json, "selector")],
    ["a kind without a schema", "Pod", (d) => Object.assign(d, { kind: "Pood" })],
    [
      "a component that resets nothing",
      "Component",
      (d) => Object.assign(d, { kind: "Component", patches: {} }),
    ],
  ])("with %s are refused", (_, kind, spoil) => {
    const documents = outputs.flatMap((o) => [...manifestsOf(o).values()]) as Json[];
    const found = documents.find((d) => d.kind === kind);
    const document = structuredClone(found) as Json;
    expect(schemaProblems(document)).toEqual([]);
    spoil(document);
    expect(schemaProblems(document)).not.toEqual([]);
  });
});
