import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Attacked, expectAllowed, expectDenied } from "./attack.ts";
import { type Attempt, denied, granted } from "./attempts.ts";
import { attemptCommand, mustRun } from "./command.ts";
import { canary, checkout, compileScene, installFilesystemServer, type Scene, setScene } from "./scene.ts";
import { runInMachine } from "./systemd/machine.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await setScene();
  installFilesystemServer(scene);
});

afterAll(() => scene?.dispose());

interface Answer {
  readonly id: number;
  readonly result?: { readonly content?: readonly { readonly text?: string }[] };
}

/** Boots, connects to the server's socket, calls tools, one list a connection; gives the texts of the answers. */
function askServer(
  units: string,
  server: string,
  lists: readonly (readonly unknown[])[],
): readonly (readonly (string | undefined)[])[] {
  // The machine has a /tmp of its own, where the checkout may lie.
  copyFileSync(join(checkout, "test/system/systemd/ask.mjs"), join(scene.directory, "ask.mjs"));
  const file = join(scene.directory, "requests.json");
  writeFileSync(
    file,
    JSON.stringify(lists.map((requests) => ({ socket: `/run/mcp-${server}.sock`, requests }))),
  );
  const script = `
systemctl start mcp-${server}.socket
${process.execPath} ${join(scene.directory, "ask.mjs")} ${file}
journalctl --no-pager -n 30 -u 'mcp-${server}*'
`;
  const output = runInMachine(units, script, ["GRANTED=yes", `UNGRANTED=${canary}`]);
  const line = output.split("\n").find((l) => l.startsWith("ANSWERS "));
  if (line === undefined) throw new Error(output);
  const answers = JSON.parse(line.slice("ANSWERS ".length)) as Answer[][];
  return answers.map((list, index) =>
    (lists[index] ?? []).map((_, n) =>
      list
        .find((a) => a.id === n + 1)
        ?.result?.content?.map((c) => c.text ?? "")
        .join("\n"),
    ),
  );
}

// A container's systemd enforces no cgroup limits, and would refuse a unit that asserts their controllers.
const withoutLimits = (policy: string): string => policy.replace(/^ *limits .*$/m, "");

describe("a unit of a policy without network", () => {
  test("passes systemd-analyze verify and is hardly exposed", () => {
    const policy = readFileSync(join(checkout, "examples/filesystem.mcp"), "utf8");
    const units = join(compileScene(scene, policy, "systemd", "systemd=252"), "fs/systemd");
    const verify = attemptCommand(
      [
        "/usr/bin/systemd-analyze",
        "verify",
        "--man=no",
        "--recursive-errors=no",
        "./mcp-fs@.service",
        "./mcp-fs.socket",
      ],
      { cwd: units },
    );
    expect(verify.output).toBe("");
    expect(verify.status).toBe(0);
    const security = attemptCommand(
      ["/usr/bin/systemd-analyze", "security", "--offline=true", "--threshold=5", "./mcp-fs@.service"],
      { cwd: units },
    );
    expect(security.output).toMatch(/Overall exposure level for mcp-fs@i\.service: 0\.[0-5] /);
  });
});

describe("a booted systemd", () => {
  test("serves the official filesystem server over its socket", () => {
    const policy = withoutLimits(readFileSync(join(checkout, "examples/filesystem.mcp"), "utf8"));
    const units = join(compileScene(scene, policy, "systemd", "systemd=252"), "fs/systemd");
    const tool = (name: string, parameters: Record<string, unknown>) => ({ name, arguments: parameters });
    const [answers = []] = askServer(units, "fs", [
      [
        tool("list_directory", { path: scene.project }),
        tool("write_file", { path: `${scene.out}/unit.txt`, content: "x" }),
        tool("write_file", { path: `${scene.project}/no.txt`, content: "x" }),
      ],
    ]);
    expect(answers[0]).toContain("README.md");
    expect(answers[1]).toContain("Successfully");
    expect(answers[2]).toMatch(/EROFS|EACCES|denied/);
  });

  test("denies an attacker everything but what was granted", () => {
    const policy = `server attack <
  run    node ./attacker/server.mjs;
  read   ./project;
  write  ./project/out;
  deny   ./project/hidden, ./project/**/*.key;
  tmp    16MiB;
  net    none;
  env    GRANTED;
  accept systemd: deny.future, processes.other;
>
`;
    const units = join(compileScene(scene, policy, "systemd", "systemd=252"), "attack/systemd");
    const allowed = granted(scene);
    const refused = denied(scene, "/mcp-tmp", { limits: false, calls: false });
    const calls = (attempts: readonly Attempt[]) =>
      attempts.map(({ attempt, args }) => ({ name: "attempt", arguments: { attempt, ...args } }));
    const fatal = refused.filter((a) => a.fatal);
    const lists = [
      calls(allowed),
      calls(refused.filter((a) => !a.fatal)),
      ...fatal.map((a) => calls([a])),
      calls([{ title: "", attempt: "read", args: { path: `${scene.project}/local.key` } }]),
    ];
    const answers = askServer(units, "attack", lists);
    const results = (
      attempts: readonly Attempt[],
      texts: readonly (string | undefined)[],
    ): ReadonlyMap<string, Attacked> =>
      new Map(
        attempts.map((a, index) => {
          const text = texts[index];
          return [
            a.title,
            text === undefined
              ? { ok: false, detail: "the server was ended" }
              : (JSON.parse(text) as Attacked),
          ];
        }),
      );
    expectAllowed(results(allowed, answers[0] ?? []), "unit");
    const living = refused.filter((a) => !a.fatal);
    const unanswered = living.filter((_, index) => answers[1]?.[index] === undefined).map((a) => a.title);
    expect(unanswered, "the server lives through what is not fatal").toEqual([]);
    expectDenied(
      results(
        refused.filter((a) => !a.fatal),
        answers[1] ?? [],
      ),
      "unit",
    );
    expectDenied(results(fatal, answers.slice(2).flat()), "unit");
    expect(answers.at(-1)?.[0]).not.toContain(canary);
  });
});

/** Says who it is, what its variables are, and what it can look at. */
const reporter = `#include <stdio.h>
#include <unistd.h>
extern char **environ;
int main(void) {
  printf("ran as %d:%d\\n", getuid(), getgid());
  for (char **v = environ; *v; v++) printf("variable %s\\n", *v);
  if (access("/etc/shadow", F_OK) == 0) puts("sees /etc/shadow");
  if (access("/var/lib/foreign", F_OK) == 0) puts("sees its state");
  return 0;
}
`;

describe("a drop-in, and the systemd-run form", () => {
  test("confine what somebody else wrote: its user, its variables and its directories do not count", () => {
    const tools = join(scene.app, "tools");
    mkdirSync(tools, { recursive: true });
    writeFileSync(join(scene.directory, "report.c"), reporter);
    mustRun(["/usr/bin/gcc", "-static", "-o", join(tools, "report"), join(scene.directory, "report.c")]);
    const policy = `server foreign <
  runtime native;
  exec    ./tools;
  env     GIVEN=yes;
>
`;
    const units = join(compileScene(scene, policy, "systemd", "systemd=252"), "foreign/systemd");
    writeFileSync(
      join(units, "foreign.service"),
      `[Service]
User=root
Environment=LEAKED=1
EnvironmentFile=/etc/os-release
StateDirectory=foreign
StandardOutput=file:/root/report.txt
ExecStart=${tools}/report
`,
    );
    writeFileSync(join(units, "none.socket"), "[Socket]\nListenStream=/run/none\n");
    const known =
      'systemd-run --quiet --pipe --wait --property="AssertControlGroupController=no-such" -- /bin/true';
    const output = runInMachine(
      units,
      `cp -r ${units}/foreign.service.d /etc/systemd/system/
systemctl daemon-reload
systemctl start foreign.service
sleep 1
cat /root/report.txt
systemctl show foreign.service --property=Result,ExecMainStatus
${known}
echo "known: $?"
${known.replace("Controller", "Controler")}
echo "misspelt: $?"
`,
      [],
    );
    expect(output).toMatch(/^ran as [1-9]\d*:[1-9]\d*$/m);
    expect(output).toContain("variable GIVEN=yes");
    for (const leak of ["LEAKED", "PRETTY_NAME", "STATE_DIRECTORY", "LOGNAME"])
      expect(output).not.toContain(`variable ${leak}`);
    expect(output).not.toContain("sees ");
    // An assertion is a property of transient units too, where a property that is none is refused.
    expect(output).toContain("known: 0");
    expect(output).toMatch(/misspelt: [1-9]/);
  });
});
