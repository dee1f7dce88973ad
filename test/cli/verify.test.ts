import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli as run } from "../support/cli.ts";
import { workspace } from "../support/project.ts";

const space = workspace({
  "project/README.md": "",
  "project/out/x": "",
  "project/secret.txt": "",
  "notes.txt": "nothing\n",
});
afterAll(space.dispose);
const at = (name: string): string => join(space.directory, name);
const policy = `server fs <
  read ./project;
  write ./project/out;
  deny ./project/secret.txt;
  accept docker, systemd: deny.future;
  accept kubernetes: files.deny, files.exec;
>
`;

beforeAll(async () => {
  writeFileSync(at("policy.mcp"), policy);
  const { code, err } = await run("compile", at("policy.mcp"), "--target=all", `--out=${at("sandbox")}`);
  expect(err).not.toContain("error");
  expect(code).toBe(0);
});

/** A copy of the artifacts with one file changed. */
function edited(name: string, file: string, from: RegExp | string, to: string): string {
  const copy = at(`edited-${name}`);
  cpSync(at("sandbox"), copy, { recursive: true });
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  const changed = text.replace(from, to);
  expect(changed, name).not.toBe(text);
  writeFileSync(path, changed);
  return copy;
}

const verify = (...words: readonly string[]) => run("verify", at("policy.mcp"), ...words);

describe("verify", () => {
  test("what was compiled is within its policy, each slice of each target", async () => {
    const { code, out, err } = await verify(at("sandbox"));
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).not.toMatch(/BEYOND|UNKNOWN/);
    for (const target of ["docker", "kubernetes", "sb", "seccomp", "systemd"])
      expect(out).toContain(`against \`fs\` (${target})`);
    expect(out).toContain("softly denied, and permitted: mprotect");
  });

  test("a call that is lost is slack, counted on every architecture that has it", async () => {
    const copy = edited("stricter", "fs/seccomp/seccomp.json", '"getrandom",', "");
    const { code, out } = await verify(join(copy, "fs/seccomp/seccomp.json"));
    expect(code).toBe(0);
    expect(out).toContain("within  granted, and denied: getrandom(0) on x86_64, the first of 3\n");
    const json = await verify(join(copy, "fs/seccomp/seccomp.json"), "--format=json");
    expect(json.out).toContain('"slackCount": "3"');
  });

  test("a bind of the parent is shown with a path, and where the policy denies it", async () => {
    const copy = edited(
      "parent",
      "fs/docker/compose.yaml",
      /"device": "[^"]*project"/,
      `"device": "${space.directory}"`,
    );
    const { code, out, err } = await verify(join(copy, "fs/docker/compose.yaml"));
    expect(code).toBe(1);
    expect(out).toMatch(/files +BEYOND +permits read /);
    expect(err).toContain(`permits what \`fs\` denies: \`read ${space.directory}\``);
    expect(err).toContain("nothing grants it");
  });

  test("a mask that is lost is shown with the clause that denies", async () => {
    const copy = edited(
      "mask",
      "fs/systemd/fs.service.d/50-mcpc.conf",
      /^InaccessiblePaths="[^"]*secret.*\n/m,
      "",
    );
    const { code, err } = await verify(join(copy, "fs/systemd"));
    expect(code).toBe(1);
    expect(err).toContain(`read ${space.directory}/project/secret.txt`);
    expect(err).toContain("denied here");
    expect(err).toContain("policy.mcp:4:");
  });

  test("a typo that systemd passes over is shown at its line", async () => {
    const copy = edited(
      "typo",
      "fs/systemd/fs.service.d/50-mcpc.conf",
      "NoNewPrivileges=",
      "NoNewPrivilege=",
    );
    const { code, err } = await verify(join(copy, "fs/systemd/fs.service.d/50-mcpc.conf"));
    expect(code).toBe(1);
    expect(err).toContain("is not what it looks like: systemd ignores `NoNewPrivilege=`");
    expect(err).toMatch(/50-mcpc\.conf:\d+:1/);
  });

  test("a call more is shown with its arguments", async () => {
    const copy = edited("call", "fs/seccomp/seccomp.json", '"names": ["', '"names": ["ptrace", "');
    const { code, err } = await verify(join(copy, "fs/seccomp/seccomp.json"));
    expect(code).toBe(1);
    expect(err).toContain("`ptrace(0) on x86_64`");
  });

  test("a key that nobody knows is an error, and not a smaller scope", async () => {
    const copy = edited("key", "fs/docker/compose.yaml", '"read_only"', '"read_olny"');
    const { code, err } = await verify(join(copy, "fs/docker/compose.yaml"));
    expect(code).toBe(1);
    expect(err).toContain("can't be read, so nothing is known of what it permits");
    expect(err).toContain("read_olny");
  });

  test("formats for programs", async () => {
    const copy = edited("json", "fs/seccomp/seccomp.json", '"names": ["', '"names": ["mount", "');
    const file = join(copy, "fs/seccomp/seccomp.json");
    const json = await verify(file, "--format=json");
    expect(json.code).toBe(1);
    const [bundle] = JSON.parse(json.out) as { parts: { slices: object[] }[] }[];
    expect(bundle?.parts[0]?.slices).toEqual([
      {
        slice: "syscalls",
        verdict: "beyond",
        permits: "mount(0) on x86_64",
        confirmed: { by: 2, doubted: false },
      },
    ]);
    expect((await verify(file, "--format=sarif")).out).toContain("MC5005");
    expect((await verify(file, "--format=github")).out).toContain("::error");
  });

  test("what is no artifact, is missing, or is of no server that is known", async () => {
    const odd = await verify(at("notes.txt"));
    expect(odd.code).toBe(2);
    expect(odd.err).toContain("is none of what can be read");
    expect((await verify(at("none.yaml"))).code).toBe(2);
    expect((await verify()).err).toContain("needs a policy and the files");
    const other = await verify(at("sandbox/fs/seccomp/seccomp.json"), "--server=ff");
    expect(other.code).toBe(2);
    expect(other.err).toContain("did you mean `fs`?");
  });

  test("a file that another tool made is read with what lies beside it", async () => {
    mkdirSync(at("hand"));
    cpSync(at("sandbox/fs/seccomp/seccomp.json"), at("hand/seccomp.json"));
    writeFileSync(
      at("hand/docker-compose.yml"),
      `services:
  fs:
    image: example.com/fs
    user: "1000:1000"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true", "seccomp:./seccomp.json"]
    network_mode: none
    ipc: none
    volumes:
      - ${space.directory}/project:${space.directory}/project:ro
`,
    );
    const { code, out, err } = await verify(at("hand/docker-compose.yml"));
    expect(code).toBe(1);
    expect(out).toMatch(/syscalls +within/);
    // The secret is not masked.
    expect(err).toContain(`read ${space.directory}/project/secret.txt`);
  });
});

describe("verify --proof", () => {
  const proof = (target: string, below = at("sandbox")): string =>
    join(below, `fs/${target}/mcpc.proof.json`);

  test.each(["docker", "kubernetes", "sb", "seccomp", "systemd"])(
    "%s: the whole decision again",
    async (target) => {
      const { code, err, out } = await run("verify", at("policy.mcp"), `--proof=${proof(target)}`);
      expect(err).toBe("");
      expect(code).toBe(0);
      expect(out).toContain(`(${target})`);
    },
  );

  test("elsewhere, without the policy and the files that it speaks of", async () => {
    const far = workspace({});
    cpSync(at("sandbox"), join(far.directory, "moved"), { recursive: true });
    const { code, err } = await run("verify", `--proof=${proof("docker", join(far.directory, "moved"))}`);
    far.dispose();
    expect(err).toBe("");
    expect(code).toBe(0);
  });

  test("a file that was changed, added or lost, and another policy", async () => {
    const copy = edited(
      "proof",
      "fs/docker/compose.yaml",
      '"stdin_open"',
      '"oom_score_adj": 1\n    "stdin_open"',
    );
    writeFileSync(join(copy, "fs/docker/compose.override.yaml"), "services: {}\n");
    const changed = await run("verify", `--proof=${proof("docker", copy)}`);
    expect(changed.code).toBe(1);
    expect(changed.err).toContain("compose.yaml` is not the file that was proven");
    expect(changed.err).toContain("compose.override.yaml` is no file of the proof");
    writeFileSync(at("other.mcp"), policy.replace("out", "else"));
    const other = await run("verify", at("other.mcp"), `--proof=${proof("seccomp")}`);
    expect(other.code).toBe(1);
    expect(other.err).toContain("is not the policy that the proof is of");
  });

  test("a record whose hash was made to fit is decided, and not believed", async () => {
    const copy = edited("forged", "fs/seccomp/seccomp.json", '"names": ["', '"names": ["mount", "');
    const path = proof("seccomp", copy);
    const { createHash } = await import("node:crypto");
    const text = readFileSync(join(copy, "fs/seccomp/seccomp.json"), "utf8");
    const hash = createHash("sha256").update(text).digest("hex");
    writeFileSync(path, readFileSync(path, "utf8").replace(/"sha256": "[^"]*"/, `"sha256": "${hash}"`));
    const { code, err } = await run("verify", `--proof=${path}`);
    expect(code).toBe(1);
    expect(err).toContain("mount(0) on x86_64");
  });

  test("what is no proof", async () => {
    const { code, err } = await run("verify", `--proof=${at("policy.mcp")}`);
    expect(code).toBe(2);
    expect(err).toContain("it is no JSON");
  });
});

describe("lift", () => {
  test("shows what a file permits in the words of the language", async () => {
    const { code, out } = await run("lift", at("sandbox/fs/systemd/fs.service.d/50-mcpc.conf"));
    expect(code).toBe(0);
    expect(out).toContain(`  read ${space.directory}/project;\n`);
    expect(out).toContain(`  write ${space.directory}/project/out;\n`);
    expect(out).toContain(`  deny ${space.directory}/project/secret.txt;\n`);
    expect(out).toContain("  net none;\n");
    expect(out).toContain("arch_prctl");
    const sb = await run("lift", at("sandbox/fs/sb/profile.sb"));
    expect(sb.out).toContain(`  deny write ${space.directory}/project/out/**/.git/hooks;\n`);
    const filter = await run("lift", at("sandbox/fs/seccomp/seccomp.json"));
    expect(filter.out).toContain("arch_prctl(code = 0x1002)");
    expect(filter.out).toContain("socketpair(domain = 1)");
  });

  test("says what is not held, and why a file can't be read", async () => {
    writeFileSync(at("a.service"), "[Service]\nExecStart=+/bin/x\nNoNewPrivilege=yes\n");
    const { out } = await run("lift", at("a.service"));
    expect(out).toContain("# not held: files");
    expect(out).toContain("runs with all privileges");
    writeFileSync(at("bad.json"), '{ "defaultAction": "SCMP_ACT_ERRNO", "x": 1 }\n');
    const bad = await run("lift", at("bad.json"));
    expect(bad.out).toContain("can't be read");
    expect(bad.code).toBe(1);
  });

  test("what is too large to decide is said to be, and is no bug", async () => {
    const binds = Array.from({ length: 7 }, (_, at) => `BindPaths=-/a${at}:/b\n`).join("");
    writeFileSync(at("large.service"), `[Service]\nExecStart=/bin/x\n${binds}`);
    for (const words of [["lift"], ["verify", at("policy.mcp")]]) {
      const { code, out, err } = await run(...words, at("large.service"));
      expect(out + err).toContain("too large to decide: more than 6 mounts that may be missing at /b");
      expect(code).toBe(1);
    }
  });

  test.each([
    ['{"argv":["docker","run",1]}', "`argv` is no list of words"],
    ['{"mcpServers":{"a":null,"b":{"command":"docker"}}}', "`mcpServers.a` is no table"],
    ['{"mcpServers":{"a":{"command":["x"]},"b":{"command":"docker"}}}', "`mcpServers.a.command` is no word"],
    ['{"mcpServers":{"a":{"command":"docker","args":[null]}}}', "`mcpServers.a.args` is no list of words"],
    ['{"argv":["docker","run"],"mcpServers":["docker"]}', "`mcpServers` is no table of servers"],
    ['{"x":{"command":"docker"},"y":"docker","argv":null}', "`argv` is no list of words"],
    ['{"argv":["docker","run"],"argv":["docker"]}', "stands twice"],
  ])("a file of command lines that says %s is refused", async (text, why) => {
    const directory = at("command-lines");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "run.json"), text);
    const { code, out } = await run("lift", join(directory, "run.json"));
    expect(out).toContain(`can't be read: `);
    expect(out).toContain(why);
    expect(code).toBe(1);
  });

  test("the command lines of a client's configuration are read as they stand, those of other programs not", async () => {
    const directory = at("client");
    mkdirSync(directory, { recursive: true });
    const configuration = {
      mcpServers: {
        a: { command: "/usr/bin/docker", args: ["run", "--privileged", "x"] },
        b: { command: "npx", args: ["docker"] },
        c: { type: "http", url: "https://mcp.example.com" },
      },
    };
    writeFileSync(join(directory, "run.json"), JSON.stringify(configuration));
    const { code, out } = await run("lift", join(directory, "run.json"));
    expect(out.match(/^server /gm)).toHaveLength(1);
    expect(out).toContain("privileged");
    expect(code).toBe(0);
  });
});

describe("diff of artifacts", () => {
  const pair = (name: string, file: string, from: RegExp | string, to: string): readonly [string, string] => [
    at(`sandbox/fs/${file}`),
    join(edited(`diff-${name}`, `fs/${file}`, from, to), `fs/${file}`),
  ];

  test.each([
    ["filter", "seccomp/seccomp.json", '"names": ["', '"names": ["mount", "', "syscalls  mount(0) on x86_64"],
    ["compose", "docker/compose.yaml", '"read_only": true', '"read_only": false', "limits"],
    ["run", "docker/run.json", /"--rm",/g, '"--rm", "--pid=host",', "+ "],
    ["patch", "kubernetes/patch.yaml", '"hostPID": false', '"hostPID": true', "processes"],
    ["drop-in", "systemd/fs.service.d/50-mcpc.conf", "BindReadOnlyPaths=/", "BindPaths=/", "files     write"],
  ])("%s: what widened, with an operation", async (name, file, from, to, says) => {
    const [old, now] = pair(name, file, from, to);
    const there = await run("diff", old, now);
    expect(there.code).toBe(1);
    expect(there.out).toContain(says);
    const back = await run("diff", now, old);
    expect(back.code).toBe(0);
    expect(back.out).toContain("  - ");
    expect((await run("diff", old, old)).out).toContain("unchanged");
  });

  test("formats, and kinds that can't be compared", async () => {
    const [old, now] = pair("formats", "seccomp/seccomp.json", '"names": ["', '"names": ["mount", "');
    expect((await run("diff", old, now, "--format=markdown")).out).toContain("| **widened** | syscalls |");
    expect(JSON.parse((await run("diff", old, now, "--format=json")).out)).toMatchObject({ widened: true });
    expect((await run("diff", old, now, "--allow-widening")).code).toBe(0);
    const other = await run("diff", old, at("sandbox/fs/docker/compose.yaml"));
    expect(other.code).toBe(2);
    expect(other.err).toContain("can't be compared");
  });
});
