import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readImport } from "../../src/cli/io.ts";
import type { Project } from "../../src/compile/project.ts";
import { liveHost } from "../../src/host/live.ts";
import { defaultEnvironment } from "../../src/policy/environment.ts";

/** A directory for one test, with files in it; removed by `dispose`. */
export interface Workspace {
  readonly directory: string;
  readonly project: (policy: string, overrides?: Partial<Project>) => Project;
  readonly dispose: () => void;
}

/** A place for workspaces that no sandbox replaces by a directory of its own, as /tmp and /var/tmp are. */
function baseDirectory(): string {
  for (const candidate of ["/srv", homedir()]) {
    try {
      accessSync(candidate, constants.W_OK);
      return candidate;
    } catch {}
  }
  return tmpdir();
}

/** Makes a workspace; a file's content of undefined makes a directory. */
export function workspace(files: Readonly<Record<string, string | undefined>> = {}): Workspace {
  const directory = realpathSync(mkdtempSync(join(baseDirectory(), "mcpc-test-")));
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(content === undefined ? path : dirname(path), { recursive: true });
    if (content !== undefined) writeFileSync(path, content);
  }
  return {
    directory,
    project: (policy, overrides = {}) => ({
      main: { path: join(directory, "policy.mcp"), source: { name: "policy.mcp", text: policy } },
      root: directory,
      home: `${directory}-home`,
      include: [],
      host: liveHost(),
      readImport,
      hash: (text) => createHash("sha256").update(text).digest("hex"),
      environment: defaultEnvironment,
      location: join(directory, "sandbox"),
      ...overrides,
    }),
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}
