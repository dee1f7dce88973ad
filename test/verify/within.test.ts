import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analyse } from "../../src/compile/analyse.ts";
import { referencePolicy } from "../../src/compile/reference.ts";
import { decide } from "../../src/reference/decide.ts";
import { randomPolicies, world, worldProject, worldRoot } from "../support/random-policies.ts";

/** What a server can do beyond its ceiling, in words. */
function beyond(ceiling: string, server: string): readonly string[] {
  const text = `profile org-ceiling <\n${ceiling};\n>\nserver s within org-ceiling <\n${server};\n>\n`;
  const { diagnostics } = analyse(worldProject(text), ["linux"]);
  const others = diagnostics.filter((d) => d.severity === "error" && !d.code.startsWith("MC5"));
  expect(others.map((d) => d.message)).toEqual([]);
  return diagnostics
    .filter((d) => d.code === "MC5001")
    .map((d) => /more: `(.*)`$/.exec(d.message)?.[1] ?? d.message);
}

describe("within", () => {
  test.each([
    ["read ./a", "read ./a/b"],
    ["write ./a; accept all: deny.future", "read ./a; deny ./a/b; accept all: deny.future"],
    ["read ./a; deny ./a/b; accept all: deny.future", "read ./a/bc"],
    ["net connect 10.0.0.0/8:5000-6000", "net connect 10.1.0.0/16:5432, 10.9.9.9:6000"],
    ["net any", "net connect api.example.com:443, 10.0.0.1:1"],
    ["net connect *.example.com:443", "net connect api.example.com:443"],
    ["net connect a.example.com:1-10, *.example.com:11-20", "net connect a.example.com:5-15"],
    [
      "limits < memory 64MiB; time 1h >; accept all: limits.time",
      "limits < memory 32MiB; time 1m >; accept docker: limits.time",
    ],
    ["tmp 2MiB", "tmp 1MiB"],
    ["env A, B=c", "env B=c"],
    ["syscalls default-deny + [..., fsync]", "syscalls default-deny + [...] - [chmod]"],
    ["net none", "net none; syscalls default-deny + [..., mount]"],
    ["isolation process", "isolation container"],
    ["read ./a; user 1:1", "read ./a; user 1:1"],
    ["write ./a", "write ./a/b"],
  ])("`%s` holds `%s`", (ceiling, server) => {
    expect(beyond(ceiling, server)).toEqual([]);
  });

  test.each([
    ["read ./a", "write ./a", `write ${worldRoot}/a`],
    ["read ./a", "read ./a, ./d", `read ${worldRoot}/d`],
    ["read ./a; deny **/.env; accept all: deny.future", "read ./a", `read ${worldRoot}/a/.env`],
    [
      "read ./a; deny *.key; accept all: deny.future",
      "read ./a; deny ./a/b/x.key; accept all: deny.future",
      `read ${worldRoot}/a/.key`,
    ],
    ["read ./a", "exec ./a", `exec ${worldRoot}/a`],
    ["net connect 10.0.0.0/8:5432", "net connect 10.0.0.0/8:5431-5432", "connect 10.0.0.0:5431"],
    ["net connect 10.0.0.0/9:1", "net connect 10.0.0.0/8:1", "connect 10.128.0.0:1"],
    ["net connect *.example.com:443", "net connect example.com:443", "connect example.com:443"],
    ["net none", "net loopback", "connect 127.0.0.1, its own loopback"],
    ["net connect 10.0.0.1:1", "net any", "connect 0.0.0.0:0"],
    ["net listen 8080", "net listen 0.0.0.0:8080", "listen 0.0.0.0:8080"],
    ["net none", "unix /run/app/app.sock", "unix /run/app/app.sock"],
    ["limits < memory 64MiB >", "read ./a", "memory without limit"],
    ["limits < files 10 >", "limits < files 11 >", "files above 10: 11"],
    ["tmp 1MiB", "tmp 2MiB", "tmp of 2097152 bytes"],
    ["env A", "env A=b", "env A=b"],
    ["isolation container", "net none", "isolation process"],
    ["user 1:1", "user 2:2", "user 2:2"],
    ["net none", "accept docker: unix", "accept docker: unix"],
    ["accept docker: unix", "accept all: unix", "accept all: unix"],
    ["write ./a; syscalls default-deny + [...] - [chmod]", "write ./a", "chmod(0) on x86_64"],
    [
      "syscalls default-deny + [..., ioctl(cmd = 1)]",
      "syscalls default-deny + [..., ioctl(cmd & 1 = 1)]",
      "ioctl(0, 3) on x86_64",
    ],
  ])("`%s` does not hold `%s`: %s", (ceiling, server, operation) => {
    expect(beyond(ceiling, server)).toContain(operation);
  });

  test("a profile that does not exist is named, with what was meant", () => {
    const text = "profile ceiling <\n  read ./a;\n>\nserver s within cieling <\n  read ./a;\n>\n";
    const { diagnostics } = analyse(worldProject(text), ["linux"]);
    expect(diagnostics.map((d) => d.code)).toContain("MC2001");
    expect(diagnostics.flatMap((d) => d.fixes.map((f) => f.title))).toContain("did you mean `ceiling`?");
  });

  test("agrees with the reference evaluator on files: a server within its ceiling reads nothing that the ceiling denies", () => {
    let within = 0;
    let beyondIt = 0;
    fc.assert(
      fc.property(randomPolicies(""), randomPolicies(""), (one, other) => {
        const clauses = (text: string): string =>
          text.slice(text.lastIndexOf("<") + 1, text.lastIndexOf(">"));
        const [ceiling, server] = [clauses(one.text), clauses(other.text)];
        if ([ceiling, server].some((t) => /limits|run |user|profile/.test(t))) return;
        const text = `profile c <\n${ceiling}>\nserver s within c <\n${server}>\nserver t extends c <\n>\n`;
        const project = worldProject(text);
        const { diagnostics } = analyse(project, ["linux"]);
        if (diagnostics.some((d) => d.severity === "error" && d.code !== "MC5001" && d.server !== "t"))
          return;
        const exceeded = diagnostics.some(
          (d) => d.code === "MC5001" && /`(?:read|write|exec) \//.test(d.message),
        );
        if (exceeded) {
          beyondIt++;
          return;
        }
        within++;
        const reference = referencePolicy(project);
        for (const path of [...Object.keys(world), `${worldRoot}/a`, `${worldRoot}/d/new`])
          for (const access of ["read", "write", "exec"] as const) {
            if (!decide(reference, "s", { kind: "file", access, path }).allowed) continue;
            // What a socket is, and what the program's own files are, the two say differently.
            if (world[path] === "socket") continue;
            expect(
              { path, access, ...decide(reference, "t", { kind: "file", access, path }) },
              text,
            ).toMatchObject({ allowed: true });
          }
      }),
      { numRuns: process.env.MCPC_LONG ? 4000 : 150 },
    );
    expect(within).toBeGreaterThan(5);
    expect(beyondIt).toBeGreaterThan(20);
  });
});
