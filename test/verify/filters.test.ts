import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { targets } from "../../src/targets/registry.ts";
import type { Target } from "../../src/targets/target.ts";
import { describeVerdict, verifyFilter } from "../../src/verify/filters.ts";
import { worldProject } from "../support/random-policies.ts";

const project = worldProject(
  "server s <\n  runtime node;\n  net connect 10.0.0.1:443;\n  write ./d;\n  accept all: processes.other;\n>\n",
);
const filters = targets.filter(({ name }) => name === "seccomp");
const { artifacts, analysed } = compile(project, filters);
const text = artifacts[0]?.content ?? "";
const calls = analysed.get("linux")?.ir.servers[0]?.systemCalls ?? { exact: true, allow: [], denied: [] };

/** The seccomp target with a bug in what it prints. */
function broken(edit: (text: string) => string): readonly Target[] {
  return filters.map((target) => ({
    ...target,
    print: (model, context) =>
      target.print(model, context).map((file) => ({ ...file, content: edit(file.content) })),
  }));
}

describe("each filter is proven on each compile", () => {
  test("what is printed is within its policy", () => {
    expect(verifyFilter(text, calls)).toEqual({ kind: "within" });
  });

  test.each<[string, (text: string) => string, RegExp]>([
    ["a call more", (t) => t.replace('"names": ["', '"names": ["mount", "'), /mount\(0\) on x86_64/],
    [
      "a condition less",
      (t) => t.replace(/("names": \["ioctl"\], "action": "SCMP_ACT_ALLOW"), "args": \[.*?\]/, "$1"),
      /ioctl\(0\) on x86_64/,
    ],
    [
      "a mask of less bits",
      (t) => t.replace(/("names": \["socket"\].*?"value": )4294967295/, "$14294967294"),
      /socket\(/,
    ],
    [
      "a comparison at the wrong argument",
      (t) => t.replace(/("names": \["socket"\].*?"index": )0/, "$11"),
      /socket\(/,
    ],
    [
      "another default",
      (t) => t.replace('"defaultAction": "SCMP_ACT_ERRNO"', '"defaultAction": "SCMP_ACT_LOG"'),
      /on x86_64/,
    ],
    ["a key that no runtime knows", (t) => t.replace('"syscalls"', '"sycalls"'), /there is no such key/],
    ["half of it", (t) => t.slice(0, t.length / 2), /can't be read back/],
  ])("with %s the compile stops, says what gets through, and gives no artifact", (_, edit, says) => {
    expect(edit(text)).not.toBe(text);
    const verdict = verifyFilter(edit(text), calls);
    expect(describeVerdict(verdict)).toMatch(says);
    if (verdict.kind === "beyond") expect(verdict.confirmed).toBe(true);
    expect(() => compile(project, broken(edit))).toThrow(says);
  });

  test("a stricter filter passes", () => {
    const stricter = text.replace(/\{ "names": \["socket"\].*?\},\n/, "");
    expect(stricter).not.toBe(text);
    expect(verifyFilter(stricter, calls)).toEqual({ kind: "within" });
  });
});
