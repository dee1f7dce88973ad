import { afterAll, beforeEach, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import { targets } from "../../src/targets/registry.ts";
import { workspace } from "../support/project.ts";

const space = workspace({ "data/file": "" });
afterAll(space.dispose);
beforeEach(forgetTrees);

/** What is said of accepts without effect. */
const dead = (policy: string): readonly string[] =>
  compile(space.project(policy), targets)
    .diagnostics.filter(({ code }) => code === "MC4008")
    .map(({ message }) => message.split(":")[0] ?? "");

test.each([
  ["what is needed", "server s < limits < time 8h >; accept docker: limits.time >", []],
  ["what nothing asks for", "server s < accept docker: limits.time >", ["docker"]],
  ["one target of two", "server s < limits < memory 1GiB >; accept sb, docker: limits.memory >", ["docker"]],
  ["a grant that is denied until it is accepted", "server s < net any; accept kubernetes: net.connect >", []],
  ["exec that is soft", "server s < read ./data; accept kubernetes: files.exec >", ["kubernetes"]],
  ["for every target", "server s < accept all: limits.time >", []],
  ["in a profile", "profile p < accept docker: limits.time > server s extends p < net none >", []],
])("%s", (_, policy, expected) => {
  expect(dead(policy)).toEqual(expected);
});
