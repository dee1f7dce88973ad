import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runCli as run } from "../support/cli.ts";
import { workspace } from "../support/project.ts";

const space = workspace({ "project/README.md": "", "project/out/x": "" });
afterAll(space.dispose);
const at = (name: string): string => join(space.directory, name);

async function diff(old: string, now: string, ...words: string[]) {
  writeFileSync(at("old.mcp"), old);
  writeFileSync(at("new.mcp"), now);
  return run("diff", at("old.mcp"), at("new.mcp"), ...words);
}

const narrow = "server fs <\n  read ./project;\n  net connect 10.0.0.0/8:443;\n>\n";
const wide = "server fs <\n  read ./project;\n  write ./project/out;\n  net connect 10.0.0.0/7:443;\n>\n";

describe("diff", () => {
  test("shows an operation for each dimension that widened, with its clause, and exits 1", async () => {
    const { code, out } = await diff(narrow, wide);
    expect(code).toBe(1);
    expect(out).toContain(`+ files     write ${space.directory}/project/out`);
    expect(out).toContain("new.mcp:3:3");
    expect(out).toContain("+ network   connect 11.0.0.0:443");
    expect(out).not.toContain("  - ");
  });

  test("shows what narrowed, and exits 0 for that alone", async () => {
    const { code, out } = await diff(wide, narrow);
    expect(code).toBe(0);
    expect(out).toContain(`- files     write ${space.directory}/project/out`);
    expect(out).toContain("old.mcp:3:3");
  });

  test("only reports with --allow-widening", async () => {
    expect((await diff(narrow, wide, "--allow-widening")).code).toBe(0);
  });

  test("finds a deny that was lost, at a path that does not exist", async () => {
    const denied = "server fs <\n  read ./project;\n  deny **/.env;\n  accept all: deny.future;\n>\n";
    const { code, out } = await diff(denied, denied.replace("  deny **/.env;\n", ""));
    expect(code).toBe(1);
    expect(out).toContain(`+ files     read ${space.directory}/project/.env`);
  });

  test.each([
    ["reordered", "server fs <\n  net connect 10.0.0.0/8:443;\n  read ./project;\n>\n"],
    ["on one line, with comments", "server fs < read ./project; net connect 10.0.0.0/8:443 > # the same\n"],
    [
      "split into a profile",
      "profile p <\n  read ./project;\n>\nserver fs extends p <\n  net connect 10.0.0.0/8:443;\n>\n",
    ],
    [
      "said in two halves",
      "server fs <\n  read ./project;\n  net connect 10.0.0.0/9:443, 10.128.0.0/9:443;\n>\n",
    ],
    ["said twice", "server fs <\n  read ./project, ./project/README.md;\n  net connect 10.0.0.0/8:443;\n>\n"],
  ])("a policy that is %s is unchanged", async (_, same) => {
    const { code, out } = await diff(narrow, same);
    expect(out).toBe("server fs: unchanged\n");
    expect(code).toBe(0);
  });

  test("a new server widens, one that is gone narrows", async () => {
    const two = `${narrow}server other <\n  read ./project;\n>\n`;
    const added = await diff(narrow, two);
    expect(added.code).toBe(1);
    expect(added.out).toContain("server other: added\n");
    const removed = await diff(two, narrow);
    expect(removed.code).toBe(0);
    expect(removed.out).toContain("server other: removed\n");
  });

  test("a new accept is a widening", async () => {
    const accepting = narrow.replace(">", "  accept docker: net.connect;\n>");
    expect((await diff(narrow, accepting)).out).toContain("+ accept    accept docker: net.connect");
  });

  test("as JSON, SARIF, for GitHub, and as a table for a pull request", async () => {
    const json = JSON.parse((await diff(narrow, wide, "--format=json")).out);
    expect(json.widened).toBe(true);
    expect(json.changes[0]).toMatchObject({ server: "fs", change: "widened", dimension: "files" });
    const sarif = JSON.parse((await diff(narrow, wide, "--format=sarif")).out);
    expect(sarif.runs[0].results[0].ruleId).toBe("MC5003");
    expect((await diff(narrow, wide, "--format=github")).out).toMatch(/^::error file=.*new\.mcp,line=3/);
    const table = (await diff(narrow, wide, "--format=markdown")).out;
    expect(table).toContain("| `fs` | **widened** | files |");
    expect((await diff(narrow, narrow, "--format=markdown")).out).toContain("exactly what it did before");
  });

  test("a policy with errors is no difference: its errors are shown", async () => {
    const { code, err } = await diff(narrow, "server fs <\n  raed ./project;\n>\n");
    expect(code).toBe(1);
    expect(err).toContain("did you mean `read`?");
    expect((await run("diff", at("old.mcp"))).code).toBe(2);
    expect((await run("diff", at("old.mcp"), at("new.mcp"), "--format=xml")).code).toBe(2);
  });

  test("against a revision of git, with what it imported then", async () => {
    const git = (...words: string[]): void => {
      const { status, stderr } = spawnSync(
        "git",
        ["-c", "user.name=t", "-c", "user.email=t@example.com", "-C", space.directory, ...words],
        { encoding: "utf8" },
      );
      if (status !== 0) throw new Error(stderr);
    };
    const policy = "import ./house.mcp;\nserver fs extends house <\n  net none;\n>\n";
    writeFileSync(at("policy.mcp"), policy);
    writeFileSync(at("house.mcp"), "profile house <\n  read ./project/README.md;\n>\n");
    git("init", "--quiet");
    git("add", "policy.mcp", "house.mcp");
    git("commit", "--quiet", "-m", "x");
    expect((await run("diff", `HEAD:${at("policy.mcp")}`, at("policy.mcp"))).out).toBe(
      "server fs: unchanged\n",
    );
    writeFileSync(at("house.mcp"), "profile house <\n  read ./project;\n>\n");
    const { code, out } = await run("diff", `HEAD:${at("policy.mcp")}`, at("policy.mcp"));
    expect(code).toBe(1);
    expect(out).toContain(`+ files     read ${space.directory}/project`);
    const missing = await run("diff", `no-such-revision:${at("policy.mcp")}`, at("policy.mcp"));
    expect(missing.code).toBe(2);
    expect(missing.err).toContain("no-such-revision");
  });
});

describe("diff of two versions of the standard library", () => {
  const std = join(import.meta.dirname, "../../std");

  /** A copy of the library, with one text in the place of another. */
  function edited(
    name: string,
    edits: readonly (readonly [file: string, from: string, to: string])[],
  ): string {
    const copy = at(name);
    cpSync(std, copy, { recursive: true });
    for (const [file, from, to] of edits) {
      const text = readFileSync(join(copy, file), "utf8");
      expect(text, `${file} holds ${from}`).toContain(from);
      writeFileSync(join(copy, file), text.replace(from, to));
    }
    return copy;
  }

  test("a copy is unchanged, comments and order aside", async () => {
    const copy = edited("same", [
      ["protected.mcp", "**/.vscode, **/.idea,", "**/.idea, **/.vscode, # editors\n"],
    ]);
    const { code, out } = await run("diff", std, copy);
    expect(code).toBe(0);
    expect(out).toMatch(/^(\d+) of \1 profiles and groups are unchanged\n$/);
  });

  test("a credential that is not protected any more widens, and so does what a runtime reads", async () => {
    const copy = edited("wider", [
      ["credentials.mcp", "~/.ssh, ", ""],
      ["linux/runtimes.mcp", "/dev/zero;", "/dev/zero, /dev/kmsg;"],
      ["protected.mcp", "**/.git/config, ", ""],
    ]);
    const { code, out } = await run("diff", std, copy);
    expect(code).toBe(1);
    expect(out).toMatch(/server denied on linux\n(?: .*\n)* {2}\+ files {5}read \/root\/\.ssh\n/);
    expect(out).toMatch(/ {2}\+ files {5}write \/\.git\/config\n/);
    expect(out).toMatch(
      /server profile-runtime-node on linux\n {2}\+ files {5}read \/dev\/kmsg {3}\(.*runtimes\.mcp:9:3\)\n/,
    );
    expect(out).not.toContain("group-");
  });

  test("a call that a group loses narrows it and the runtimes that use it, and exits 0", async () => {
    const { code, out } = await run("diff", std, edited("narrower", [["groups.mcp", "getrandom, ", ""]]));
    expect(code).toBe(0);
    expect(out).toContain("server group-start on linux\n  - syscalls  getrandom(0) on x86_64");
    expect(out).toContain("server profile-runtime-node on linux\n  - syscalls  getrandom(0) on x86_64");
    expect(out).not.toContain(" + ");
  });

  test("a profile that is new is said to be", async () => {
    const more = [
      [
        "linux/runtimes.mcp",
        "profile runtime-none <",
        "profile extra < read /srv; >\nprofile runtime-none <",
      ],
    ] as const;
    const { code, out } = await run("diff", std, edited("more", more));
    expect(code).toBe(1);
    expect(out).toContain("server profile-extra on linux: added\n  + files     read /srv");
  });

  test("a file that can't be read is an error that quotes it", async () => {
    const { code, err } = await run(
      "diff",
      std,
      edited("broken", [["protected.mcp", "profile protected <", "profle protected <"]]),
    );
    expect(code).toBe(1);
    expect(err).toContain("broken/protected.mcp:4:1");
  });
});
