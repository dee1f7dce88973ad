import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forgetTrees } from "../../src/host/walk.ts";
import { version } from "../../src/version.ts";
import { runCli as run } from "../support/cli.ts";
import { workspace } from "../support/project.ts";

const oneLine = "server fs < read ./project; net none; syscalls default-deny + [...] >\n";
const space = workspace({
  "policy.mcp": oneLine,
  "project/README.md": "",
  "bad.mcp": "server fs <\n  raed ./project;\n>\n",
});
const at = (name: string): string => join(space.directory, name);
afterAll(space.dispose);
beforeAll(forgetTrees);

describe("compile", () => {
  test("the line that everything starts from, to every target, without an accept", async () => {
    const { code, err } = await run("compile", at("policy.mcp"), "--target=all", `--out=${at("sandbox")}`);
    expect(err).not.toMatch(/error|warning/);
    expect(code).toBe(0);
    for (const file of [
      "docker/compose.yaml",
      "kubernetes/patch.yaml",
      "sb/profile.sb",
      "seccomp/seccomp.json",
      "systemd/fs.service.d/50-mcpc.conf",
    ]) {
      expect(existsSync(at(`sandbox/fs/${file}`)), file).toBe(true);
    }
  });

  test("--check: fine as written, findings when edited, missing or strange", async () => {
    const check = () =>
      run(
        "compile",
        "--check",
        at("policy.mcp"),
        "--target=seccomp",
        `--out=${at("sandbox")}`,
        "--format=json",
      );
    expect((await check()).code).toBe(0);
    const file = at("sandbox/fs/seccomp/seccomp.json");
    const written = readFileSync(file, "utf8");
    writeFileSync(file, written.replace("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"));
    const edited = await check();
    expect(edited.code).toBe(1);
    expect(JSON.parse(edited.out).diagnostics.map((d: { code: string }) => d.code)).toContain("MC9007");
    writeFileSync(file, written);
    writeFileSync(at("sandbox/fs/seccomp/extra.json"), "{}");
    expect((await check()).code).toBe(1);
    rmSync(at("sandbox/fs/seccomp"), { recursive: true });
    expect((await check()).code).toBe(1);
  });

  test("one target that refuses stops all artifacts of its server, and of no other", async () => {
    writeFileSync(at("two.mcp"), "server a < limits < time 1h > >\nserver b < net none >\n");
    const { code, err } = await run(
      "compile",
      at("two.mcp"),
      "--target=docker,seccomp",
      `--out=${at("two")}`,
    );
    expect(code).toBe(1);
    expect(err).toContain("accept docker: limits.time;");
    expect(existsSync(at("two/a"))).toBe(false);
    expect(existsSync(at("two/b/docker/compose.yaml"))).toBe(true);
  });

  test("a snapshot of the host gives the same bytes anywhere", async () => {
    const snapshot = (await run("compile", at("policy.mcp"), "--target=docker", "--emit=host")).out;
    writeFileSync(at("host.json"), snapshot);
    const first = await run("compile", at("policy.mcp"), "--emit=ir");
    const replayed = await run("compile", at("policy.mcp"), "--emit=ir", `--host=${at("host.json")}`);
    expect(replayed.out).toBe(first.out);
    writeFileSync(at("other.mcp"), "server fs < read ./elsewhere >\n");
    const stale = await run("compile", at("other.mcp"), "--emit=ir", `--host=${at("host.json")}`);
    expect(stale.code).toBe(2);
    expect(stale.err).toContain("MC9006");
  });
});

describe("what goes wrong is said", () => {
  test.each([
    [["compile", "policy.mcp"], 2, "--target"],
    [["compile", "no-such.mcp", "--target=docker"], 2, "MC9001"],
    [["compile", "policy.mcp", "--target=dokcer"], 2, "did you mean `docker`?"],
    [["compile", "policy.mcp", "--tagret=docker"], 2, "did you mean `--target`?"],
    [["compile", "policy.mcp", "--target=docker", "--env=dokcer=1"], 2, "did you mean `docker`?"],
    [["compile", "policy.mcp", "--target=seccomp", "--out=/proc/nowhere"], 2, "MC9002"],
    [["chekc", "policy.mcp"], 2, "did you mean `check`?"],
    [["check", "bad.mcp"], 1, "did you mean `read`?"],
    [["check"], 2, "needs a policy file"],
    [["explain", "MC9999"], 2, "no diagnostic"],
    [["explain", "policy.mcp", "fly"], 2, "a question is"],
    [["check", "policy.mcp", "--format=xml"], 2, "--format xml"],
  ])("%j", async (words, expected, text) => {
    const { code, err } = await run(...words.map((word) => (word.endsWith(".mcp") ? at(word) : word)));
    expect(err).toContain(text);
    expect(code).toBe(expected);
  });

  test("in each format", async () => {
    const sarif = JSON.parse((await run("check", at("bad.mcp"), "--format=sarif")).out);
    expect(sarif.runs[0].results[0].ruleId).toBe("MC1005");
    const json = JSON.parse((await run("check", at("bad.mcp"), "--format=json")).out);
    expect(json.diagnostics[0]).toMatchObject({
      code: "MC1005",
      severity: "error",
      location: { start: { line: 2, column: 3 } },
    });
    expect((await run("check", at("bad.mcp"), "--format=github")).out).toMatch(/^::error file=.*,line=2,/);
  });
});

describe("the other commands", () => {
  test("version, help, targets", async () => {
    expect((await run("--version")).out).toBe(`${version}\n`);
    expect((await run("help")).out).toContain("compile");
    expect((await run("help", "compile")).out).toContain("--target");
    expect((await run("targets")).out).toContain("net.connect");
  });

  test("explain answers with the clause that decides", async () => {
    const ask = async (question: string): Promise<string> =>
      (await run("explain", at("policy.mcp"), ...question.split(" "))).out;
    expect(await ask("read ./project/x")).toMatch(/^allowed: .*\n.*policy\.mcp:1:13: read \.\/project$/m);
    expect(await ask("write ./project/x")).toMatch(/^denied/);
    expect(await ask("connect evil.com:443")).toMatch(/^denied: the policy has no network/);
    expect(await ask("socket(AF_INET)")).toMatch(/^denied/);
    writeFileSync(at("hooks.mcp"), "server s < write ./project; >");
    expect((await run("explain", at("hooks.mcp"), "write", "./project/.git/hooks/x")).out).toMatch(
      /^allowed: .*\n.*write \.\/project\nbut denied wherever a target can hold that.*\n {2}std:protected\.mcp:/,
    );
    expect((await run("explain", at("policy.mcp"))).out).toContain(`read ${space.directory}/project`);
    expect((await run("explain", "MC1005")).out).toContain("unknown clause");
  });

  test("explain --target: what a target itself brings, and what it does not hold", async () => {
    const docker = (await run("explain", at("policy.mcp"), "--target=docker")).out;
    expect(docker).toContain("docker itself brings, whatever the policy says:");
    expect(docker).toContain("object /proc");
    expect(docker).toMatch(/object \/ .*copies of the program's; whatever is in it can be executed/);
    expect(docker).toContain("call openat2");
    const old = (await run("explain", at("policy.mcp"), "--target=docker", "--env=runc=1.1")).out;
    expect(old).not.toContain("call openat2  #");
    expect((await run("explain", at("policy.mcp"), "--target=dokcer")).err).toContain(
      "did you mean `docker`?",
    );
  });

  test("a call that is taken away and was never granted is a dead clause", async () => {
    writeFileSync(at("dead.mcp"), "server a < syscalls default-deny + [...] - [mount, umask] >\n");
    const { err } = await run("check", at("dead.mcp"));
    expect(err).toContain("`- [mount]` takes nothing away");
    expect(err).not.toContain("`- [umask]`");
  });

  test("init writes policies that compile", async () => {
    writeFileSync(
      at("mcp.json"),
      JSON.stringify({
        mcpServers: { "My FS": { command: "node", args: ["x.js", "--a b"], env: { TOKEN: "secret" } } },
      }),
    );
    const { code, out } = await run("init", at("mcp.json"));
    expect(code).toBe(0);
    expect(out).toContain("server my-fs <");
    expect(out).toContain('run node x.js "--a b";');
    expect(out).toContain("env TOKEN;");
    expect(out).not.toContain("secret");
  });
});
