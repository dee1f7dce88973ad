import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { applyChange, composeValidator, readPatch } from "../support/compose-schema.ts";
import { composeFile } from "../support/container.ts";
import { fileOf, type Output, outputOf } from "../support/outputs.ts";
import { policyBodies, policyText, policyWorkspace } from "../support/policies.ts";
import type { Workspace } from "../support/project.ts";
import { objectsIn, patternOf, withKey } from "../support/unknown-keys.ts";

const modern = composeValidator(["compose.patch.json"]);
const old = composeValidator(["compose.patch.json", "compose-1.29.patch.json"]);

let space: Workspace;
const outputs: { modern: Output[]; old: Output[] } = { modern: [], old: [] };
beforeAll(async () => {
  space = await policyWorkspace();
  for (const [name, body] of Object.entries(policyBodies)) {
    const of = (environment: string) => outputOf(space, name, policyText(body), "docker", environment);
    outputs.modern.push(of(""), of("compose=2.30,docker=28"));
    outputs.old.push(of("compose=1.29,docker=20.10,runc=1.1"));
  }
});
afterAll(() => space?.dispose());

type Json = { [key: string]: unknown };

/** Objects whose keys are names that somebody chooses. */
const named = [/^services$/, /^volumes$/, /^volumes\/[^/]+\/driver_opts$/];

describe("compose files", () => {
  test("are valid by the published schema and its patch", () => {
    expect(outputs.modern.length).toBeGreaterThan(30);
    for (const output of outputs.modern)
      expect(modern(parseYaml(fileOf(output, "compose.yaml"))), output.title).toEqual([]);
  });

  test("for compose 1.29 hold nothing that it can't read", () => {
    for (const output of outputs.old)
      expect(old(parseYaml(fileOf(output, "compose.yaml"))), output.title).toEqual([]);
  });

  test("for compose 2 hold create_host_path, which 1.29 refuses", () => {
    const writing = outputs.modern.filter((o) => o.title.startsWith("writes "));
    for (const output of writing) {
      const document = parseYaml(fileOf(output, "compose.yaml"));
      expect(fileOf(output, "compose.yaml")).toContain('"create_host_path": false');
      expect(old(document).join("\n")).toContain("create_host_path");
    }
    expect(writing.length).toBeGreaterThan(0);
  });

  test("with an unknown key in any object are refused", () => {
    const seen = new Set<string>();
    for (const output of outputs.modern) {
      const document: unknown = parseYaml(fileOf(output, "compose.yaml"));
      for (const path of objectsIn(document)) {
        const at = patternOf(path);
        if (seen.has(at) || named.some((pattern) => pattern.test(at))) continue;
        seen.add(at);
        expect(modern(withKey(document, path, "read_olny")), at).not.toEqual([]);
      }
    }
    for (const part of [
      "",
      "services/fs",
      "services/fs/build",
      "services/fs/ulimits",
      "services/fs/ulimits/nofile",
    ])
      expect(seen).toContain(part);
    expect(seen).toContain("services/fs/volumes/*/bind");
    expect(seen).toContain("services/fs/volumes/*/volume");
  });

  test.each<readonly [string, (service: Json) => void]>([
    ["a misspelt security option", (s) => Object.assign(s, { security_opt: ["no-new-privilege:true"] })],
    ["new privileges", (s) => Object.assign(s, { security_opt: ["no-new-privileges:false"] })],
    ["a network beside none", (s) => Object.assign(s, { networks: ["x"] })],
    ["a misspelt network mode", (s) => Object.assign(s, { network_mode: "non" })],
    ["a misspelt limit", (s) => Object.assign(s, { ulimits: { corre_: 0 } })],
    [
      "a misspelt kind of mount",
      (s) => Object.assign(s, { volumes: [{ type: "bnd", source: "/a", target: "/a" }] }),
    ],
    [
      "a misspelt propagation",
      (s) => Object.assign(s, { volumes: [{ type: "bind", bind: { propagation: "rpriv" } }] }),
    ],
    ["a misspelt ipc", (s) => Object.assign(s, { ipc: "nome" })],
    ["a port that is none", (s) => Object.assign(s, { ports: ["localhost:x"] })],
    ["a wrong type", (s) => Object.assign(s, { read_only: "yes please" })],
  ])("with %s are refused", (_, spoil) => {
    const [output] = outputs.modern;
    if (!output) throw new Error("no output");
    const document = structuredClone(composeFile(output)) as unknown as { services: Record<string, Json> };
    expect(modern(document)).toEqual([]);
    spoil(document.services.fs ?? {});
    expect(modern(document)).not.toEqual([]);
  });
});

describe("the patches", () => {
  test.each(["compose.patch.json", "compose-1.29.patch.json"])(
    "%s names a source for each change",
    (name) => {
      for (const change of readPatch(name)) expect(change.source).toMatch(/ompose|Docker/);
    },
  );

  test("change what is there: one that the schema has outgrown is an error", () => {
    const change = { path: "/a", value: 1, source: "" };
    expect(() => applyChange({}, { ...change, op: "replace" })).toThrow();
    expect(() => applyChange({ a: 2 }, { ...change, op: "add" })).toThrow();
    expect(() => applyChange({}, { ...change, op: "remove" })).toThrow();
  });
});
