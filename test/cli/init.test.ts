import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPolicy } from "../../src/policy/load.ts";
import { runCli } from "../support/cli.ts";
import { workspace } from "../support/project.ts";

const space = workspace();
afterAll(space.dispose);

async function init(...words: string[]): Promise<string> {
  const { code, out, err } = await runCli("init", ...words);
  expect([code, err]).toEqual([0, ""]);
  expect(loadPolicy(space.project(out)).diagnostics).toEqual([]);
  return out;
}

async function initOf(mcpServers: object): Promise<string> {
  const path = join(space.directory, "mcp.json");
  writeFileSync(path, JSON.stringify({ mcpServers }));
  return init(path);
}

const docker = [
  "docker",
  "run",
  "-i",
  "--rm",
  "--platform",
  "linux/amd64",
  "-v",
  "/a:/b",
  "-e",
  "KEY=secret",
];

describe("nothing of a configuration is lost without a word", () => {
  test("a server without a program", async () => {
    const text = await initOf({ far: { url: "https://example.com/mcp" }, near: { command: "x" } });
    expect(text).toContain("# far: it is reached at https://example.com/mcp");
    expect(text).toContain("server near <");
  });

  test("docker's options, and the words behind the image", async () => {
    const text = await initOf({
      d: { command: docker[0], args: [...docker.slice(1), "a/b:1", "/projects"] },
    });
    expect(text).toContain("image a/b:1;");
    expect(text).toContain("# left out of docker's options: --platform linux/amd64 -v /a:/b\n");
    expect(text).toContain("# the image's own program was given /projects");
    expect(text).toContain("env KEY;");
    expect(text).not.toMatch(/secret|run docker|^ {2}run/m);
  });

  test("the working directory", async () => {
    expect(await initOf({ a: { command: "x", cwd: "/data" } })).toContain("# it was started in /data");
  });

  test("two names that become one", async () => {
    const text = await initOf({ "A B": { command: "x" }, "a-b": { command: "y" } });
    expect(text).toContain("server a-b <");
    expect(text).toContain("server a-b-2 <");
  });

  test("a remark can't end its comment", async () => {
    const text = await initOf({ "x\nserver y < net any >": { url: "u\u2028net any" }, a: { command: "b" } });
    expect(text).not.toMatch(/^\s*(?:server y|net any)/m);
  });
});

test.each([
  [["npx", "-y", "@scope/server-files@1.2", "./p"], "files"],
  [["node", "./dist/index.js"], "index"],
  [[...docker, "registry.example.com:5000/mcp/time:latest"], "time"],
])("the name of the server in %j", async (argv, name) => {
  expect(await init("--", ...argv)).toContain(`server ${name} <`);
});
