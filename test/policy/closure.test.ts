import { afterAll, beforeEach, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import type { Host } from "../../src/host/host.ts";
import { liveHost } from "../../src/host/live.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import type { FileGrant } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import { workspace } from "../support/project.ts";

const space = workspace({ "tools/one": "", "scripts/two": "" });
afterAll(space.dispose);
beforeEach(forgetTrees);

const tools = `${space.directory}/tools`;
const modules = "/usr/lib/python3.11/lib-dynload";
const library = "/usr/lib/libone.so.1";

/** This host, with Python's modules, and with programs that are linked. */
const host: Host = {
  ...liveHost(),
  lookup: (path) =>
    path === modules
      ? { kind: "found", path, type: "directory", uid: 0, gid: 0, executable: false }
      : liveHost().lookup(path),
  libraries: (path) => (path === modules || path === tools ? [library] : undefined),
};

function compiled(policy: string) {
  const linux = targets.filter(({ platform }) => platform === "linux");
  return compile(space.project(policy, { host }), linux);
}

function grantsOf(policy: string): ReadonlyMap<string, FileGrant> {
  const [server] = compiled(policy).analysed.get("linux")?.ir.servers ?? [];
  return new Map(server?.files.grants.map((grant) => [grant.path, grant]));
}

test("a directory that may be executed brings the libraries of its programs", () => {
  expect(grantsOf("server s < exec ./tools >").get(library)).toMatchObject({
    access: ["read", "exec"],
    by: "closure",
  });
  expect(grantsOf("server s < read ./tools >").has(library)).toBe(false);
  expect(grantsOf("server s < exec ./scripts >").has(library)).toBe(false);
});

test("Python maps the modules that are written in C, without a right to start programs", () => {
  const policy = "server s < run /usr/bin/python3 -c pass >";
  const grants = grantsOf(policy);
  expect(grants.get(modules)).toMatchObject({ access: ["read", "exec"], by: "runtime" });
  expect(grants.get(library)).toMatchObject({ access: ["read", "exec"], by: "closure" });
  const [server] = compiled(policy).analysed.get("linux")?.ir.servers ?? [];
  expect(server?.systemCalls.allow.some(({ name }) => name === "vfork")).toBe(false);
});
