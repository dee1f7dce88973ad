/** `user dynamic`: a target that has no such user says so, and nobody is surprised by a proof that fails. */
import { expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { targets } from "../../src/targets/registry.ts";
import { worldProject } from "../support/random-policies.ts";

const errors = (target: string, accept: string): readonly string[] =>
  compile(
    worldProject(`server s <\n  run node ./program/index.js;\n  user dynamic;\n  ${accept}\n>\n`),
    targets.filter(({ name }) => name === target),
  )
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ message }) => message);

test.each(["docker", "kubernetes", "sb"])("%s refuses it until that is accepted", (target) => {
  const [first = "", ...others] = errors(target, "");
  expect(first).toMatch(/new at each start|whoever starts it/);
  expect(first).toContain(`accept ${target}: user`);
  expect(others).toEqual([]);
  expect(errors(target, `accept ${target}: user;`)).toEqual([]);
});

test("systemd has one", () => {
  expect(errors("systemd", "accept systemd: syscalls.arguments;")).toEqual([]);
});
