/** Artifacts on disk: written, or compared with what is there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Artifact } from "../compile/compile.ts";
import { configurationErrors as e } from "../diagnostics/catalogue/configuration.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { filesBelow, writeServer } from "./io.ts";

/** Writes artifacts below a directory, each server's whole or not at all; says what could not be written. */
export function writeArtifacts(out: string, artifacts: readonly Artifact[]): readonly Diagnostic[] {
  const failed: Diagnostic[] = [];
  for (const server of new Set(artifacts.map((artifact) => artifact.server))) {
    const reason = writeServer(
      out,
      artifacts.filter((artifact) => artifact.server === server),
    );
    if (reason !== undefined)
      failed.push(e.unwritable.report({ path: join(out, server), reason }, { server }));
  }
  return failed;
}

/** Differences between what is on disk and what the policy compiles to. */
export function staleArtifacts(out: string, artifacts: readonly Artifact[]): readonly Diagnostic[] {
  const expected = new Map(artifacts.map((artifact) => [artifact.path, artifact.content]));
  const found: Diagnostic[] = [];
  for (const [path, content] of expected) {
    let actual: string | undefined;
    try {
      actual = readFileSync(join(out, path), "utf8");
    } catch {
      actual = undefined;
    }
    const how = actual === undefined ? "is missing" : "is not what the policy compiles to";
    if (actual !== content) found.push(e.stale.report({ path: join(out, path), how }));
  }
  for (const directory of new Set(artifacts.map((a) => `${a.server}/${a.target}`))) {
    for (const file of filesBelow(join(out, directory))) {
      if (!expected.has(`${directory}/${file}`)) {
        found.push(
          e.stale.report({ path: join(out, directory, file), how: "is nothing that the policy compiles to" }),
        );
      }
    }
  }
  return found;
}
