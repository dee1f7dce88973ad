import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const src = join(dirname(fileURLToPath(import.meta.url)), "../src");

function sources(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? sources(path) : name.endsWith(".ts") ? [path] : [];
  });
}

/** What each folder may import: itself, and these. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  text: [],
  linux: [],
  diagnostics: ["text"],
  host: [],
  syntax: ["text", "diagnostics"],
  format: ["text", "diagnostics", "syntax"],
  policy: ["text", "diagnostics", "syntax", "host", "linux"],
  reference: ["text", "diagnostics", "syntax", "host", "linux"],
  evaluate: [],
  authority: ["text", "syntax", "host", "linux", "policy"],
  lift: ["text", "linux", "authority"],
  verify: ["text", "diagnostics", "host", "linux", "policy", "authority", "lift", "evaluate"],
  check: ["text", "diagnostics", "syntax", "host", "policy", "authority"],
  targets: ["text", "diagnostics", "host", "linux", "policy"],
  compile: [
    "text",
    "diagnostics",
    "host",
    "policy",
    "reference",
    "check",
    "authority",
    "targets",
    "verify",
    "version.ts",
  ],
  cli: [
    "text",
    "diagnostics",
    "syntax",
    "format",
    "host",
    "policy",
    "reference",
    "check",
    "targets",
    "compile",
    "verify",
    "version.ts",
  ],
};
const doorsToNode = [/^cli\//, /^host\/(?:live|walk|elf)\.ts$/];

const files = sources(src).map((path) => ({ name: relative(src, path), text: readFileSync(path, "utf8") }));
const importsOf = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)[^"';]*?from "([^"]+)"|^import "([^"]+)"/gm)].map(
    (m) => m[1] ?? m[2] ?? "",
  );

describe("the house", () => {
  test.each(files)("$name imports only what its folder may", ({ name, text }) => {
    const [folder = ""] = name.split("/");
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith("node:")) {
        expect(
          doorsToNode.some((door) => door.test(name)),
          `${name} imports ${specifier}`,
        ).toBe(true);
        continue;
      }
      if (!specifier.startsWith(".") || !name.includes("/")) continue;
      const target = relative(src, resolve(src, dirname(name), specifier));
      const [other = ""] = target.split("/");
      expect(other === folder || allowed[folder]?.includes(other), `${name} imports ${target}`).toBe(true);
    }
  });

  test("no file imports itself by way of others", () => {
    const graph = new Map(
      files.map(({ name, text }) => [
        name,
        importsOf(text)
          .filter((s) => s.startsWith("."))
          .map((s) => relative(src, resolve(src, dirname(name), s))),
      ]),
    );
    const done = new Set<string>();
    const visit = (name: string, path: readonly string[]): void => {
      expect(path.includes(name), `a ring: ${[...path, name].join(" → ")}`).toBe(false);
      if (done.has(name)) return;
      for (const next of graph.get(name) ?? []) visit(next, [...path, name]);
      done.add(name);
    };
    for (const name of graph.keys()) visit(name, []);
  });

  test("no default exports, no folders for leftovers", () => {
    for (const { name, text } of files) {
      expect(/^export default/m.test(text), name).toBe(false);
      expect(/(?:^|\/)(?:utils?|helpers?|manager)(?:\/|\.)/.test(name), name).toBe(false);
    }
  });
});
