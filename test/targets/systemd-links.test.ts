import { symlinkSync } from "node:fs";
import { afterAll, beforeEach, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import { targets } from "../../src/targets/registry.ts";
import { workspace } from "../support/project.ts";

const space = workspace({ "real/tool": "", "bin/other": "", "seen/file": "" });
const at = (name: string): string => `${space.directory}/${name}`;
symlinkSync("../real/tool", at("bin/tool"));
symlinkSync("../real/tool", at("seen/tool"));
afterAll(space.dispose);
beforeEach(forgetTrees);

function unit(policy: string): string {
  const systemd = targets.filter(({ name }) => name === "systemd");
  const { artifacts } = compile(space.project(policy), systemd);
  return artifacts.find(({ path }) => path.endsWith(".conf") && path.includes("service"))?.content ?? "";
}

test("a program that is named by a link is there by both names, from what the link led to", () => {
  const text = unit("server s < exec ./bin/tool >");
  expect(text).toContain(`BindReadOnlyPaths=${at("real/tool")}:${at("real/tool")}:norbind`);
  expect(text).toContain(`BindReadOnlyPaths=${at("real/tool")}:${at("bin/tool")}:norbind`);
  expect(text).not.toContain(`=${at("bin/tool")}:`);
  expect(text).toContain(`ExecPaths="+${at("bin/tool")}"`);
});

test("a link to read is not, and what is denied is not", () => {
  expect(unit("server s < read ./bin/tool >")).not.toContain(at("bin/tool"));
  expect(unit("server s < exec ./bin/tool; deny ./real/tool >")).not.toContain(at("bin/tool"));
  expect(unit("server s < exec ./bin/tool; deny exec ./real/tool >")).not.toContain(at("bin/tool"));
});

test("a link inside what is mounted is seen as it is", () => {
  const text = unit("server s < exec ./seen/tool; read ./seen >");
  expect(text).toContain(at("seen"));
  expect(text).not.toContain(at("seen/tool"));
});
