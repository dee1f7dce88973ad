import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { diagnosticsPage, targetsPage } from "../scripts/generate-docs.ts";
import { grammarFiles } from "../scripts/generate-grammar.ts";
import { stdAstModule } from "../scripts/generate-std-ast.ts";
import { hasErrors } from "../src/diagnostics/diagnostic.ts";
import { stdFiles } from "../src/policy/std.generated.ts";
import { stdAst } from "../src/policy/std-ast.ts";
import { targetNames } from "../src/policy/target-names.ts";
import { parse } from "../src/syntax/parse.ts";
import { targets } from "../src/targets/registry.ts";
import { version } from "../src/version.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const script = (name: string): string =>
  execFileSync(process.execPath, [join(root, "scripts", name), "--check"], {
    encoding: "utf8",
    stdio: "pipe",
  });

describe("what is generated is current", () => {
  test.each(["generate-std.mjs", "generate-templates.mjs"])("%s", (name) => {
    expect(() => script(name)).not.toThrow();
  });

  test("docs/diagnostics.md and the table of docs/targets.md", () => {
    const docs = (name: string): string => readFileSync(join(root, "docs", name), "utf8");
    expect(diagnosticsPage(), "run node scripts/run-ts.mjs scripts/generate-docs.ts --write").toBe(
      docs("diagnostics.md"),
    );
    expect(targetsPage(docs("targets.md"))).toBe(docs("targets.md"));
  });

  test("src/policy/std-ast.generated.ts", () => {
    expect(
      readFileSync(join(root, "src/policy/std-ast.generated.ts"), "utf8"),
      "run node scripts/run-ts.mjs scripts/generate-std-ast.ts --write",
    ).toBe(stdAstModule());
  });

  test.each(Object.entries(grammarFiles()))("grammar/%s", (name, text) => {
    expect(
      readFileSync(join(root, "grammar", name), "utf8"),
      "run node scripts/run-ts.mjs scripts/generate-grammar.ts --write",
    ).toBe(text);
  });

  test("the version is package.json's", () => {
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version).toBe(version);
  });

  test("the names of targets are the registry's", () => {
    expect(targets.map((target) => target.name)).toEqual(targetNames);
  });

  test.each(Object.entries(stdFiles))("std:%s has no errors", (name, text) => {
    const source = { name: `std:${name}`, text };
    const { value, diagnostics } = parse(source);
    expect(stdAst(name, source)).toStrictEqual(value);
    expect(hasErrors(diagnostics), JSON.stringify(diagnostics.map((d) => d.message))).toBe(false);
  });
});
