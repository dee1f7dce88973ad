import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { referencePolicy } from "../../src/cli/answer.ts";
import { compile } from "../../src/compile/compile.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import { decide } from "../../src/reference/decide.ts";
import { targets } from "../../src/targets/registry.ts";
import { composeAllows, type FileAccess, profileAllows, unitAllows } from "../support/evaluate-artifacts.ts";
import { workspace } from "../support/project.ts";

const space = workspace({
  "a/b/c/file.txt": "",
  "a/b/.env": "",
  "a/b/x.key": "",
  "a/bc/file.txt": "",
  "a/.git/hooks/pre-commit": "",
  "d/e/.env": "",
  "d/file.txt": "",
});
afterAll(space.dispose);
beforeEach(forgetTrees);

const paths = ["./a", "./a/b", "./a/b/c", "./a/bc", "./d", "./d/e", "./d/file.txt", "./a/b/.env"];
const patterns = [...paths, "**/.env", "*.key", "./a/**/file.txt", "./*/b", "./a/b*"];
const calls = [
  "mount()",
  "socket(AF_INET)",
  "socket(AF_UNIX)",
  "chmod()",
  "fsync()",
  "vfork()",
  "connect()",
  "mprotect(_,_,7)",
  "clone(0x10000011)",
  "bpf()",
  "read()",
  "prctl(4)",
];

const clause = fc.oneof(
  fc
    .tuple(fc.constantFrom("read", "write", "exec"), fc.constantFrom(...paths))
    .map(([verb, path]) => `${verb} ${path}`),
  fc
    .tuple(fc.constantFrom("deny", "deny write", "deny exec"), fc.constantFrom(...patterns))
    .map(([verb, path]) => `${verb} ${path}`),
  fc.constantFrom(
    "net none",
    "tmp 1MiB",
    "net loopback",
    "syscalls default-deny + [...] - [chmod, prctl(option = 15)]",
    "syscalls default-deny + [..., fsync, mount]",
    "runtime node",
    "runtime python",
    "env A, B=c",
  ),
);
const policies = fc.uniqueArray(clause, {
  minLength: 1,
  maxLength: 6,
  selector: (c) => /^(?:net|tmp|syscalls|runtime|env)/.exec(c)?.[0] ?? c,
});
const accept =
  "accept all: deny.future, files.exec, files.deny, processes.other, syscalls.arguments, tmp.size, unix, net.loopback";

/** Every existing path, one beside each, and places outside. */
const probes = [
  "a",
  "a/b",
  "a/b/c",
  "a/b/c/file.txt",
  "a/b/c/new",
  "a/b/.env",
  "a/b/x.key",
  "a/b/.env/below",
  "a/bc",
  "a/bc/file.txt",
  "a/.git/hooks/pre-commit",
  "d",
  "d/e",
  "d/e/.env",
  "d/file.txt",
  "d/new",
  "",
  "policy.mcp",
];
const outside = ["/etc/shadow", "/root/.ssh/id_rsa", "/home/user/.aws/credentials", "/tmp/x", "/usr/bin/env"];

interface Seen {
  compiled: number;
  refused: number;
  denied: number;
  allowed: number;
}

describe("no output is more permissive than its source", () => {
  test("what the reference evaluator denies, each artifact denies", () => {
    const seen: Seen = { compiled: 0, refused: 0, denied: 0, allowed: 0 };
    const numRuns = process.env.MCPC_LONG ? 5000 : 400;
    fc.assert(
      fc.property(policies, (clauses) => {
        const text = `server s <\n${[...clauses, accept].join(";\n")};\n>`;
        const project = space.project(text);
        const { artifacts } = compile(project, targets);
        const byName = new Map(artifacts.map((a) => [a.path, a.content]));
        const compose = byName.get("s/docker/compose.yaml");
        if (compose === undefined) {
          seen.refused++;
          return;
        }
        seen.compiled++;
        const unit = byName.get("s/systemd/s.service.d/50-mcpc.conf") ?? "";
        const profile = byName.get("s/sb/profile.sb") ?? "";
        const launcher = byName.get("s/sb/run.sh") ?? "";
        const parameters = new Map(
          [...launcher.matchAll(/-D '(P\d+)=([^']*)'/g)].map((m) => [m[1] ?? "", m[2] ?? ""]),
        );
        const reference = referencePolicy(project);
        const ask = [
          ...probes.map((p) => (p === "" ? space.directory : `${space.directory}/${p}`)),
          ...outside,
        ];
        for (const path of ask) {
          for (const access of ["read", "write", "exec"] as const satisfies readonly FileAccess[]) {
            const { allowed } = decide(reference, "s", { kind: "file", access, path });
            const answers = {
              docker: composeAllows(compose, access, path),
              systemd: unitAllows(unit, access, path),
              sb: profileAllows(profile, parameters, access, path),
            };
            if (allowed) {
              seen.allowed++;
              continue;
            }
            seen.denied++;
            // Writable mounts of docker can't be noexec: accepted above as files.exec. macOS has its own runtime files.
            const dockerExec = access === "exec" && composeAllows(compose, "read", path);
            const mac = path.startsWith("/usr/");
            expect(
              { path, access, ...answers, ...(dockerExec && { docker: false }), ...(mac && { sb: false }) },
              text,
            ).toEqual({
              path,
              access,
              docker: false,
              systemd: false,
              sb: false,
            });
          }
        }
        const seccomp = JSON.parse(byName.get("s/seccomp/seccomp.json") ?? "{}") as {
          syscalls: { names: string[]; action: string }[];
        };
        for (const question of calls) {
          const [, name = "", words = ""] = /^(\w+)\((.*)\)$/.exec(question) ?? [];
          const asked = words.split(",").map((w) => (w === "" || w === "_" ? undefined : w));
          const { allowed } = decide(reference, "s", { kind: "call", name, words: asked });
          const unconditional = seccomp.syscalls.some(
            (r) => r.action === "SCMP_ACT_ALLOW" && r.names.includes(name) && !("args" in r),
          );
          if (!allowed) expect({ question, unconditional }, text).toEqual({ question, unconditional: false });
        }
      }),
      { numRuns },
    );
    // A law that never sees a case proves nothing.
    expect(seen.compiled).toBeGreaterThan(numRuns / 6);
    expect(seen.denied).toBeGreaterThan(numRuns);
    expect(seen.allowed).toBeGreaterThan(numRuns);
  });
});
