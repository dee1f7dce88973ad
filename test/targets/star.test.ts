/** Names with a `*` in them, which are literal where they stand in quotes, and patterns for whoever reads mounts and rules. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "../support/cli.ts";
import { workspace } from "../support/project.ts";

const space = workspace({ "project/a*b.env": "", "a*b/project/x": "", "a*b/server.js": "" });
afterAll(space.dispose);

async function compiled(policy: string, target: string, directory = space.directory) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "policy.mcp");
  writeFileSync(path, policy);
  return runCli("compile", path, `--target=${target}`, `--out=${join(directory, "out")}`);
}

describe.each(["docker", "kubernetes", "sb", "seccomp", "systemd"])("%s", (target) => {
  test.each([
    'read "/srv/*"',
    'write "./a*b"',
    'exec "/srv/a*b/tool"',
    'deny "./project/a*b.env"',
    'unix "/run/*.sock"',
  ])("refuses %s, by its name", async (clause) => {
    const { code, err } = await compiled(`server s < read ./project; ${clause} >`, target);
    expect(err).toContain("error[MC3034]");
    expect(err).toContain("has a `*` in its name");
    expect(err).not.toContain("bug in mcpc");
    expect(code).toBe(1);
  });

  test("refuses a program and a grant in a directory with such a name", async () => {
    const directory = join(space.directory, "a*b");
    const policy = "server s < run node ./server.js; read ./project; deny ./project/*.env >";
    const { code, err } = await compiled(policy, target, directory);
    for (const name of ["server.js", "project"])
      expect(err).toContain(`\`${join(directory, name)}\` has a \`*\` in its name`);
    expect(code).toBe(1);
  });
});

test("a file with such a name that is to be masked can't be named by a mount, and needs none in a profile", async () => {
  const policy = `server s <
  read ./project;
  deny ./project/*.env;
  accept docker, systemd: deny.future;
>
`;
  for (const target of ["docker", "systemd"]) {
    const { code, err } = await compiled(policy, target);
    expect(err).toContain(`${target}: the path \`${space.directory}/project/a*b.env\` can't be written`);
    expect(code).toBe(1);
  }
  expect((await compiled(policy, "sb")).code).toBe(0);
});
