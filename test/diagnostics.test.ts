import { afterEach, describe, expect, test } from "vitest";
import { analyse } from "../src/compile/analyse.ts";
import { compile } from "../src/compile/compile.ts";
import { configurationErrors } from "../src/diagnostics/catalogue/configuration.ts";
import { meaningErrors } from "../src/diagnostics/catalogue/meaning.ts";
import { catalogue } from "../src/diagnostics/catalogue.ts";
import type { Diagnostic } from "../src/diagnostics/diagnostic.ts";
import type { Example } from "../src/diagnostics/entry.ts";
import { forgetTrees } from "../src/host/walk.ts";
import { targets } from "../src/targets/registry.ts";
import { workspace } from "./support/project.ts";

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
  forgetTrees();
});

/** Compiles an example as its reader would: the paths that it names exist, the host is this one. */
function diagnose(example: Example): readonly Diagnostic[] {
  const policy = example.policy ?? "";
  const named = [...policy.matchAll(/(?:^|[\s"])\.\/([\w.#-]+(?:\/[\w.#-]+)*)/g)]
    .map((match) => match[1] ?? "")
    .filter((path) => !path.startsWith("no-such") && !path.endsWith(".mcp") && !path.includes("projcet"));
  const files = Object.keys(example.files ?? {});
  const directories = named.filter((path) => !files.includes(path) && !/\.js$/.test(path));
  const scripts = named.filter((path) => /\.js$/.test(path) && !files.includes(path));
  const space = workspace({
    ...Object.fromEntries(directories.map((path) => [path, undefined])),
    ...Object.fromEntries(scripts.map((path) => [path, ""])),
    ...example.files,
  });
  disposals.push(space.dispose);
  const project = space.project(policy);
  const target = example.options?.target;
  if (target === undefined) return analyse(project, ["linux"]).diagnostics;
  return compile(
    project,
    targets.filter((t) => t.name === target),
  ).diagnostics;
}

// Said about the machine that the test runs on, not about the example.
const isAboutTheHost = ({ code, message }: Diagnostic): boolean =>
  code === meaningErrors.rootOwned.code ||
  (code === meaningErrors.absent.code && message.includes("docker.sock"));

describe("each diagnostic's examples", () => {
  for (const [code, entry] of catalogue) {
    const bad = entry.bad.policy;
    if (bad !== undefined && code !== configurationErrors.nothing.code) {
      test(`${code}: bad gives it`, () => {
        expect(diagnose(entry.bad).map((d) => d.code)).toContain(code);
      });
    }
    if (entry.good.policy !== undefined && code !== configurationErrors.nothing.code) {
      test(`${code}: good gives none`, () => {
        const found = diagnose(entry.good).filter((d) => !isAboutTheHost(d) && d.severity !== "note");
        expect(found.map((d) => `${d.code}: ${d.message}`)).toEqual([]);
      });
    }
  }

  test("codes are in the order of their tables, and none is used twice", () => {
    const codes = [...catalogue.keys()];
    expect(codes).toEqual([...codes].sort());
    for (const code of codes) expect(code).toMatch(/^MC[1-9]\d{3}$/);
  });

  test("what can't be shown by a policy is shown by a command", () => {
    for (const entry of catalogue.values()) {
      expect(entry.bad.policy ?? entry.bad.command, entry.code).toBeTruthy();
      expect(entry.good.policy ?? entry.good.command, entry.code).toBeTruthy();
    }
  });
});
