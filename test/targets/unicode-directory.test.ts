/** A project whose directory has a name that YAML, units and profiles each escape in a way of their own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/cli.ts";
import { workspace } from "../support/project.ts";

const space = workspace({});
afterAll(space.dispose);

test.each(["prüf", "項目", "a b", "it's", "😀"])(
  "a server in `%s` compiles for every target",
  async (name) => {
    const directory = join(space.directory, name);
    mkdirSync(join(directory, "project"), { recursive: true });
    writeFileSync(join(directory, "server.js"), "");
    const policy = join(directory, "policy.mcp");
    writeFileSync(
      policy,
      `server s <
  run node ./server.js;
  read ./project;
>
`,
    );
    const { code, err } = await runCli("compile", policy, "--target=all", `--out=${join(directory, "out")}`);
    expect(err).not.toMatch(/bug in mcpc/);
    expect(code, err).toBe(0);
  },
);
