import { describe, expect, test } from "vitest";
import type { Bdd } from "../../src/authority/bdd.ts";
import { callDeputies, socketDeputies } from "../../src/authority/deputies.ts";
import { verdictDiagnostics } from "../../src/cli/verdicts.ts";
import { compile } from "../../src/compile/compile.ts";
import { liftBpf } from "../../src/lift/bpf.ts";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import { targets } from "../../src/targets/registry.ts";
import { createWorkspace } from "../../src/verify/decide.ts";
import { deputiesOf } from "../../src/verify/deputies.ts";
import { failuresOf, isDoubted, isProven } from "../../src/verify/describe.ts";
import { nothing } from "../../src/verify/diff.ts";
import { type PartProof, proveBundle } from "../../src/verify/prove.ts";
import { worldProject } from "../support/random-policies.ts";

function partOf(target: string, files: Readonly<Record<string, string>>): PartProof {
  const bundle = {
    server: nothing,
    environment: defaultEnvironment,
    location: "/srv/app",
    files: new Map(Object.entries(files)),
  };
  const [part] = proveBundle(target, bundle).parts;
  if (!part || part.unreadable) throw new Error(`it can't be read: ${part?.unreadable?.reason}`);
  return part;
}

const namesIn = (part: PartProof): readonly string[] => part.deputies.map(({ name }) => name);

/** A profile that lets some calls through. */
function profile(...calls: readonly object[]): Readonly<Record<string, string>> {
  const syscalls = calls.map((call) => ({ action: "SCMP_ACT_ALLOW", ...call }));
  return { "seccomp.json": JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", architectures: [], syscalls }) };
}

const plain = (pattern: string): string => pattern.replaceAll("*", "1000");

describe("deputies that an artifact leads to", () => {
  test.each(
    socketDeputies.flatMap(({ name, patterns }) =>
      patterns.map((pattern) => [name, plain(pattern)] as const),
    ),
  )("the socket of %s at %s, bound into a container", (name, path) => {
    const compose = `services:\n  app:\n    image: app@sha256:${"0".repeat(64)}\n    volumes:\n      - "${path}:/s"\n`;
    const part = partOf("docker", { "compose.yaml": compose });
    const found = part.deputies.find((one) => one.name === name);
    expect(found?.operation).toBe(`unix ${path}`);
    expect(found?.granted).toBe(false);
  });

  test("the directory above a socket leads to it too", () => {
    const compose = `services:\n  app:\n    image: app@sha256:${"0".repeat(64)}\n    volumes:\n      - "/run:/host"\n`;
    expect(namesIn(partOf("docker", { "compose.yaml": compose }))).toEqual(
      expect.arrayContaining(["docker", "containerd", "dbus-system", "systemd"]),
    );
  });

  test.each(callDeputies.flatMap(({ name, calls }) => calls.map((call) => [name, call.name] as const)))(
    "%s by the call %s",
    (name, call) => {
      expect(namesIn(partOf("seccomp", profile({ names: [call] })))).toContain(name);
    },
  );

  test.each([
    ["io-uring", "i386", 0x40000003, 425],
    ["trace", "i386", 0x40000003, 26],
    ["terminal", "i386", 0x40000003, 54],
    ["bpf", "x32", 0xc000003e, 0x40000000 + 321],
  ])("%s by %s alone", (name, _, architecture, number) => {
    const steps = [
      [0x20, 0, 4],
      [0x15, 3, architecture],
      [0x20, 0, 0],
      [0x15, 1, number],
      [0x06, 0, 0x7fff0000],
      [0x06, 0, 0],
    ];
    const program = steps.map(([code = 0, jf = 0, k = 0]) => ({ code, jt: 0, jf, k }));
    const authority = { calls: (bdd: Bdd) => liftBpf(bdd, program).permitted };
    const found = deputiesOf(authority, ["syscalls"], createWorkspace());
    expect(found.map((deputy) => deputy.name)).toEqual([name]);
  });

  const argument = (index: number, value: number, valueTwo: number): object => ({
    index,
    value,
    valueTwo,
    op: "SCMP_CMP_MASKED_EQ",
  });
  test.each([
    ["new user namespaces", { names: ["unshare"], args: [argument(0, 0x10000000, 0)] }],
    ["threads that are new namespaces of users", { names: ["clone"], args: [argument(0, 0x7e020000, 0)] }],
    ["asking a terminal for its size", { names: ["ioctl"], args: [argument(1, 0xffffffff, 0x5413)] }],
    ["calls of every day", { names: ["read", "openat", "execve", "socket"] }],
  ])("none by a filter without %s", (_, rule) => {
    expect(namesIn(partOf("seccomp", profile(rule)))).toEqual([]);
  });

  test("an operation and a service of a sandbox profile", () => {
    const text =
      '(version 1)\n(deny default)\n(allow appleevent-send)\n(allow mach-lookup (global-name "com.apple.secd"))\n';
    const found = partOf("sb", { "profile.sb": text }).deputies.filter(({ slice }) => slice === "services");
    expect(found.map(({ name, authority }) => `${name}: ${authority}`)).toEqual(
      expect.arrayContaining([
        "com.apple.secd: reads the keychain",
        "appleevent-send: tells other programs what to do",
        // `(deny default)` does not reach it.
        "nvram-set: changes how the machine starts",
      ]),
    );
    expect(found.map(({ name }) => name)).not.toContain("lsopen");
  });

  test("a socket by the path that macOS knows it by", () => {
    const rules = '(allow network-outbound (literal "/private/var/run/docker.sock"))';
    const part = partOf("sb", { "profile.sb": `(version 1)\n(deny default)\n${rules}\n` });
    expect(namesIn(part)).toContain("docker");
  });

  test("tracing leads nowhere where no process outside is in reach, and somewhere in the host's namespace", () => {
    const compose = (more: string): Readonly<Record<string, string>> => ({
      ...profile({ names: ["ptrace"] }),
      "compose.yaml": `services:\n  app:\n    image: app@sha256:${"0".repeat(64)}\n    security_opt: ["seccomp=seccomp.json"]\n${more}`,
    });
    expect(namesIn(partOf("docker", compose("")))).not.toContain("trace");
    expect(namesIn(partOf("docker", compose('    pid: "host"\n')))).toContain("trace");
  });
});

describe("deputies of a policy", () => {
  const text =
    "server s <\n  unix /run/docker.sock;\n  accept all: deputy.docker;\n  accept kubernetes, sb, systemd: unix;\n>\n";

  test("are in the proof of what was written, and no failure", () => {
    const project = worldProject(text);
    const { artifacts, diagnostics } = compile(
      project,
      targets.filter(({ name }) => name === "docker"),
    );
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const proof = artifacts.find(({ path }) => path.endsWith("docker/mcpc.proof.json"));
    expect(proof?.content).toContain("unix /run/docker.sock: the docker engine's: root on the host");
  });

  test("that nobody granted stop everything, whatever the slices say", () => {
    const part: PartProof = {
      ...partOf("seccomp", profile({ names: ["io_uring_setup"] })),
      slices: [{ slice: "syscalls", verdict: "within" }],
    };
    const proof = { target: "seccomp", server: "s", parts: [part] };
    expect(failuresOf(proof)).toEqual([
      expect.objectContaining({
        kind: "beyond",
        doubted: true,
        message: expect.stringContaining("hands over"),
      }),
    ]);
    expect(isDoubted(proof)).toBe(true);
    const said = verdictDiagnostics({
      proof,
      title: "it",
      nameOf: (path) => path,
      textOf: () => undefined,
      decisionOf: () => undefined,
    });
    expect(said.map(({ message }) => message).join()).toContain(
      "permits what `s` denies: `io_uring_setup(0)",
    );
    const untold = {
      ...proof,
      parts: [{ ...part, deputies: part.deputies.map((d) => ({ ...d, undecided: true as const })) }],
    };
    expect(failuresOf(untold).map(({ kind }) => kind)).toEqual(["unknown"]);
    const granted = {
      ...proof,
      parts: [{ ...part, deputies: part.deputies.map((d) => ({ ...d, granted: true })) }],
    };
    expect(isProven(granted)).toBe(true);
  });
});
