/** The policies of examples/: what each needs on a machine that records it, and what it compiles to. */

import { resolve } from "node:path";
import { type OpenedProject, openProject } from "../src/cli/open.ts";
import { compile } from "../src/compile/compile.ts";
import type { Project } from "../src/compile/project.ts";
import type { Diagnostic } from "../src/diagnostics/diagnostic.ts";
import { renderTerminal } from "../src/diagnostics/render/terminal.ts";
import type { HostSnapshot } from "../src/host/snapshot.ts";
import { targets } from "../src/targets/registry.ts";
import { proofName } from "../src/verify/proof-file.ts";

/** An example, and what must be on a machine for its snapshot to be recorded there. */
export interface Example {
  readonly name: string;
  /** The package that `run` starts, as npm installs it. */
  readonly package?: string;
  /** Directories that the policy grants, which belong to an unprivileged user. */
  readonly directories: readonly string[];
  /** Files of examples/ that the policy names. */
  readonly files?: readonly string[];
}

/** All examples. */
export const examples: readonly Example[] = [
  { name: "browser", package: "@modelcontextprotocol/server-puppeteer@2025.5.12", directories: [] },
  { name: "everything", package: "@modelcontextprotocol/server-everything@2026.8.31", directories: [] },
  { name: "fetch", package: "mcp-fetch-server@1.1.2", directories: [] },
  {
    name: "filesystem",
    package: "@modelcontextprotocol/server-filesystem@2026.8.31",
    directories: ["project", "project/out"],
    files: ["project/README.md"],
  },
  { name: "git", package: "@cyanheads/git-mcp-server@2.15.3", directories: ["repository"] },
  { name: "http", package: "@modelcontextprotocol/server-everything@2026.8.31", directories: [] },
  { name: "memory", package: "@modelcontextprotocol/server-memory@2026.8.31", directories: ["graph"] },
  { name: "one-line", directories: ["project"], files: ["project/README.md"] },
  { name: "postgres", package: "@modelcontextprotocol/server-postgres@0.6.2", directories: [] },
  {
    name: "python",
    directories: ["notes", "notes/private"],
    files: ["notes-server/server.py", "notes/shopping.md", "notes/private/diary.md"],
  },
  {
    name: "sequential-thinking",
    package: "@modelcontextprotocol/server-sequential-thinking@2026.8.31",
    directories: [],
  },
  { name: "sqlite", package: "mcp-server-sqlite-npx@0.8.0", directories: ["data"] },
  {
    name: "subprocess",
    package: "mcp-ripgrep@0.4.0",
    directories: ["project"],
    files: ["project/README.md"],
  },
];

/** Where the examples lie on every machine that their artifacts are for, a directory each; and whose they are. */
export const place = { root: "/srv/mcp", home: "/home/user", uid: 1000, gid: 1000 } as const;

/** A file of examples/out/NAME/. */
export interface Recorded {
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
}

/** What an example compiles to. */
export interface CompiledExample {
  readonly files: readonly Recorded[];
  readonly diagnostics: readonly Diagnostic[];
  readonly snapshot: HostSnapshot;
}

/** Opens an example: against its snapshot, or, without one, against this host. */
export async function openExample(
  checkout: string,
  name: string,
  fromSnapshot: boolean,
): Promise<OpenedProject> {
  const out = resolve(checkout, "examples/out", name);
  const result = await openProject(resolve(checkout, "examples", `${name}.mcp`), {
    out,
    ...(fromSnapshot
      ? { host: resolve(out, "host.json") }
      : { root: `${place.root}/${name}`, home: place.home }),
  });
  if (!result.ok) throw new Error(renderTerminal(result.diagnostics, { color: false }));
  return result.opened;
}

/** Compiles an example to every target; `edit` changes its text first. */
export async function compileExample(
  checkout: string,
  name: string,
  fromSnapshot: boolean,
  edit: (text: string) => string = (text) => text,
): Promise<CompiledExample> {
  const { project, recording } = await openExample(checkout, name, fromSnapshot);
  const { path, source } = project.main;
  const named: Project = {
    ...project,
    main: { path, source: { name: `examples/${name}.mcp`, text: edit(source.text) } },
  };
  const { artifacts, diagnostics } = compile(named, targets);
  const snapshot = recording.snapshot(project.root, project.home);
  const text = (path: string, content: string): Recorded => ({ path, content, executable: false });
  const files = [
    text("host.json", `${JSON.stringify(snapshot, null, 2)}\n`),
    text("diagnostics.txt", renderTerminal(diagnostics, { color: false })),
    // One example shows proofs: they repeat the policy in full.
    ...artifacts
      .filter(({ path }) => name === "filesystem" || !path.endsWith(`/${proofName}`))
      .map(({ path, content, executable = false }) => ({ path, content, executable })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, diagnostics, snapshot };
}
