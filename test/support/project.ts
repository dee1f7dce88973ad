import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readImport } from "../../src/cli/io.ts";
import type { Project } from "../../src/compile/project.ts";
import { liveHost } from "../../src/host/live.ts";
import { defaultEnvironment } from "../../src/targets/environment.ts";

/** A directory for one test, with files in it; removed by `dispose`. */
export interface Workspace {
  readonly directory: string;
  readonly project: (policy: string, overrides?: Partial<Project>) => Project;
  readonly dispose: () => void;
}

// Not /tmp, which sandboxes replace by a directory of their own.
const base = existsSync("/var/tmp") ? "/var/tmp" : tmpdir();

/** Makes a workspace; a file's content of undefined makes a directory. */
export function workspace(files: Readonly<Record<string, string | undefined>> = {}): Workspace {
  const directory = realpathSync(mkdtempSync(join(base, "mcpc-test-")));
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
