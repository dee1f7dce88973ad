import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compileExample, examples, place } from "../scripts/examples.ts";
import { checkedFormat } from "../src/cli/commands/fmt.ts";
import { filesBelow } from "../src/cli/io.ts";
import { targets } from "../src/targets/registry.ts";

const checkout = join(dirname(fileURLToPath(import.meta.url)), "..");
const directory = join(checkout, "examples");
const names = examples.map(({ name }) => name);
const policy = (name: string): string => readFileSync(join(directory, `${name}.mcp`), "utf8");

/** A recorded file, with what a shell asks of it before it starts it. */
const content = (path: string): string => readFileSync(path, "utf8");
const isExecutable = (path: string): boolean => (statSync(path).mode & 0o100) !== 0;

async function update(name: string): Promise<void> {
  const out = join(directory, "out", name);
  const { files } = await compileExample(checkout, name, true);
  rmSync(out, { recursive: true, force: true });
  for (const file of files) {
    mkdirSync(dirname(join(out, file.path)), { recursive: true });
    writeFileSync(join(out, file.path), file.content, { mode: file.executable ? 0o755 : 0o644 });
  }
}

test("each policy of examples/ is listed, shown in the README, and has outputs; and nothing else has", () => {
  const policies = readdirSync(directory).filter((name) => name.endsWith(".mcp"));
  expect(policies.map((name) => name.replace(/\.mcp$/, "")).sort()).toEqual(names);
  expect(readdirSync(join(directory, "out")).sort()).toEqual(names);
  const rows = [...content(join(directory, "README.md")).matchAll(/^\| \[`([^`]+)`\]\(\1\.mcp\)/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual(names);
});

describe.each(names)("%s", (name) => {
  const out = join(directory, "out", name);

  test("compiles to every target, to the bytes that are committed", async () => {
    if (process.env.UPDATE === "1") await update(name);
    const { files, diagnostics } = await compileExample(checkout, name, true);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(filesBelow(out), "UPDATE=1 records them anew").toEqual(files.map(({ path }) => path));
    for (const { path, content: expected, executable } of files) {
      expect(content(join(out, path)), path).toBe(expected);
      expect(isExecutable(join(out, path)), path).toBe(executable);
    }
    const made = new Set(files.flatMap(({ path }) => path.split("/").slice(1, -1)));
    for (const target of targets) expect(made).toContain(target.name);
  });

  // The one line stands as the documentation has it.
  test.runIf(name !== "one-line")("is formatted", () => {
    const text = policy(name);
    expect(checkedFormat(name, text).text).toBe(text);
  });

  test("tells nothing of the machine that recorded it", () => {
    for (const path of filesBelow(out)) {
      for (const [what, pattern] of machineTraces) {
        expect(content(join(out, path)).match(pattern)?.[0], `${path}: ${what}`).toBeUndefined();
      }
    }
  });
});

const literally = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));

/** What would betray a machine, its user or a checkout. Names of one short word occur in kernel paths too. */
const machineTraces: readonly (readonly [string, RegExp])[] = [
  ["the checkout", literally(checkout)],
  // The lists of credentials name the home of root for every machine.
  ...(["/", "/root", place.home].includes(homedir()) ? [] : [["the home", literally(homedir())] as const]),
  ...(hostname().length > 4 ? [["the host", literally(hostname())] as const] : []),
  ["a home", /\/(?:home|Users)\/(?!user\b|\*|\[)[^/\s"*]+/],
  ["something of root's home", /\/root\/(?!\.)[^/\s"]+/],
  [
    "a directory that is no home of servers",
    /["\s=:](?:\/work|\/build|\/builds|\/workspace|\/github|\/data)\//,
  ],
  ["a temporary directory", /\/tmp\/(?!mcpc\.X{8})[\w.-]+|\/var\/folders|mcpc-(?:test|run)-/],
  ["a process", /\/proc\/[0-9]+/],
  ["a version manager", /\.(?:nvm|pyenv|volta|asdf|nodenv|fnm)\b|\/nix\/store|\/opt\/homebrew/],
  ["a registry", /registry|npmjs/],
];

test("what would betray a machine is found", () => {
  for (const text of [
    `${checkout}/examples`,
    "/home/alice/project",
    "/Users/alice/x",
    "/root/project",
    '"/work/x"',
    "/tmp/build-1/x",
    "/proc/4711/maps",
    "/home/user/.nvm/versions",
  ]) {
    expect(
      machineTraces.some(([, pattern]) => pattern.test(text)),
      text,
    ).toBe(true);
  }
});
