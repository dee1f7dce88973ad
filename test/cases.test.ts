/**
 * A case is a folder of `fixtures/cases/`: `input.mcp`, what is beside it, and what comes of it: `diagnostics.txt` as a
 * terminal shows it, so that its wording is read, and `expected/`, the artifacts. `options.json` names targets and says
 * what the host has. UPDATE=1 records them anew; a file that is missing, or that nothing made, fails.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { chosenTargets } from "../src/cli/chosen-targets.ts";
import { filesBelow } from "../src/cli/io.ts";
import { analyse } from "../src/compile/analyse.ts";
import { compile } from "../src/compile/compile.ts";
import type { Project } from "../src/compile/project.ts";
import { renderTerminal } from "../src/diagnostics/render/terminal.ts";
import { defaultEnvironment } from "../src/policy/environment.ts";
import { proofName } from "../src/verify/proof-file.ts";
import { memoryHost } from "./support/memory-host.ts";

const optionsSchema = z.strictObject({
  /** Targets to compile for; without any the policy is only checked. */
  targets: z.array(z.string()).default([]),
  /** What exists, and what it is; `project` and `dist/index.js` always do. */
  host: z.record(z.string(), z.enum(["file", "directory", "socket", "device"])).default({}),
});

const folder = join(import.meta.dirname, "fixtures", "cases");
const root = "/srv/house";
const known = /^(?:input\.mcp|options\.json|diagnostics\.txt|expected\/.+|[a-z-]+\.mcp)$/;

function projectOf(directory: string, host: z.infer<typeof optionsSchema>["host"]): Project {
  const read = (name: string): string => readFileSync(join(directory, name), "utf8");
  const entries = {
    [`${root}/project`]: "directory",
    [`${root}/dist/index.js`]: "file",
    "/usr/bin/node": "file",
    ...host,
  } as const;
  return {
    main: { path: `${root}/input.mcp`, source: { name: "input.mcp", text: read("input.mcp") } },
    root,
    home: "/home/someone",
    include: [],
    host: memoryHost(entries),
    readImport: (path) => {
      const name = path.slice(root.length + 1);
      return existsSync(join(directory, name))
        ? { ok: true, path, text: read(name) }
        : { ok: false, reason: "it does not exist" };
    },
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    environment: defaultEnvironment,
    location: `${root}/sandbox`,
  };
}

/** What a case gives, by path in its folder. */
function outcome(directory: string): ReadonlyMap<string, string> {
  const path = join(directory, "options.json");
  const options = optionsSchema.parse(existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {});
  const project = projectOf(directory, options.host);
  const chosen = chosenTargets(options.targets);
  if ("severity" in chosen) throw new Error(chosen.message);
  const { diagnostics, artifacts } =
    options.targets.length === 0
      ? { diagnostics: analyse(project, ["linux"]).diagnostics, artifacts: [] }
      : compile(project, chosen);
  return new Map([
    ["diagnostics.txt", renderTerminal(diagnostics)],
    // A proof repeats the policy in full, and has tests of its own.
    ...artifacts
      .filter(({ path }) => !path.endsWith(`/${proofName}`))
      .map((a) => [`expected/${a.path}`, a.content] as const),
  ]);
}

function record(directory: string, made: ReadonlyMap<string, string>): void {
  rmSync(join(directory, "expected"), { recursive: true, force: true });
  for (const [path, content] of made) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

describe.each(readdirSync(folder).sort())("%s", (name) => {
  const directory = join(folder, name);

  test("gives what is recorded", () => {
    const made = outcome(directory);
    if (process.env.UPDATE === "1") record(directory, made);
    for (const [path, content] of made) {
      expect(existsSync(join(directory, path)), `${path}: UPDATE=1 records it`).toBe(true);
      expect(readFileSync(join(directory, path), "utf8"), path).toBe(content);
    }
    const present = filesBelow(directory);
    expect(present).toContain("input.mcp");
    expect(
      present.filter((path) => !known.test(path) || (path.startsWith("expected/") && !made.has(path))),
    ).toEqual([]);
  });
});
