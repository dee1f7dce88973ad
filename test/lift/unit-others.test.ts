/** Units that other people wrote: those that this machine's packages install, and some in the style of what is written. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { countOf, intersection } from "../../src/authority/bdd.ts";
import { createCallDiagram, possibleCalls } from "../../src/authority/calls.ts";
import { createNetworkDiagram } from "../../src/authority/network.ts";
import { type PathRule, ruleMachine } from "../../src/authority/path-rules.ts";
import { type FileWitness, fileOutside, rights } from "../../src/authority/paths.ts";
import { type LiftedUnit, liftUnit } from "../../src/lift/unit.ts";

const directory = "/lib/systemd/system";
const installed = existsSync(directory)
  ? readdirSync(directory).filter((name) => /\.(?:service|socket)$/.test(name))
  : [];

/** Asks each slice something, so that all of it is made. */
function verdict({ authority, findings }: LiftedUnit): string {
  const calls = createCallDiagram();
  const root = authority.calls?.(calls);
  const count =
    root === undefined ? "all" : countOf(calls, intersection(calls, root, possibleCalls(calls, ["x86_64"])));
  const network = createNetworkDiagram();
  const nothing = ruleMachine([]);
  const file = authority.files && fileOutside(authority.files, nothing);
  return [
    count,
    authority.network ? countOf(network, authority.network(network)) : "all",
    file ? `${file.right} ${file.path}` : "all",
    JSON.stringify(authority.identity?.user ?? "anybody"),
    findings.length,
  ].join(" ");
}

describe("units that packages install", () => {
  test.runIf(installed.length > 0)("give a verdict each, and say what is not understood", () => {
    const ignored: string[] = [];
    let services = 0;
    for (const name of installed) {
      const unit = liftUnit([{ path: name, text: readFileSync(`${directory}/${name}`, "utf8") }], {
        release: 252,
      });
      expect(verdict(unit), name).toMatch(/^\S+ \S+ /);
      if (name.endsWith(".service")) services++;
      ignored.push(
        ...unit.findings
          .filter((f) => f.message.startsWith("systemd "))
          .map((f) => `${name}:${f.line}: ${f.message}`),
      );
    }
    expect(services).toBeGreaterThanOrEqual(20);
    // What Debian ships for its own systemd holds no line that it ignores.
    expect(ignored).toEqual([]);
  });
});

const read: PathRule = { pattern: "/", effect: { kind: "grant", rights: rights.read | rights.exec } };
const write = (pattern: string): PathRule => ({ pattern, effect: { kind: "grant", rights: rights.write } });
const hidden = (pattern: string): PathRule => ({ pattern, effect: { kind: "deny", rights: 7 } });

/** What a unit may be thought to allow of files, and what it allows beyond that. */
interface Written {
  readonly name: string;
  readonly lines: string;
  readonly thought: readonly PathRule[];
  readonly beyond: FileWitness | undefined;
  readonly findings?: number;
}

const kernel = ["/proc", "/sys", "/dev", "/run/user", "/home", "/root"].map(write);

const written: readonly Written[] = [
  {
    name: "a web server with its state",
    lines:
      "User=www-data\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nReadWritePaths=/var/log/web",
    thought: [
      read,
      ...["/proc", "/sys", "/dev"].map(write),
      write("/var/log/web"),
      ...["/home", "/root", "/tmp"].map(hidden),
    ],
    beyond: undefined,
  },
  {
    name: "the same without ProtectHome=",
    lines: "User=www-data\nProtectSystem=strict\nReadWritePaths=/var/log/web",
    thought: [read, ...["/proc", "/sys", "/dev"].map(write), write("/var/log/web")],
    beyond: { path: "/home", right: "write" },
  },
  {
    name: "a dynamic user with a state directory",
    lines: "DynamicUser=yes\nStateDirectory=app",
    thought: [read, ...["/proc", "/sys", "/dev", "/var/lib/app", "/var/lib/private/app"].map(write)],
    beyond: undefined,
  },
  {
    name: "ProtectSystem=full only",
    lines: "ProtectSystem=full\nNoNewPrivileges=yes",
    thought: [read, ...kernel, write("/var"), write("/tmp"), write("/srv")],
    beyond: { path: "/", right: "write" },
  },
  {
    name: "old names of directives",
    lines: "InaccessibleDirectories=/home\nReadOnlyDirectories=/",
    thought: [
      { pattern: "/", effect: { kind: "grant", rights: rights.read | rights.exec } },
      hidden("/home"),
    ],
    beyond: undefined,
  },
  {
    name: "a path that is missing on most machines",
    lines: "ReadOnlyPaths=/\nInaccessiblePaths=-/lost+found",
    thought: [read, hidden("/lost+found")],
    beyond: { path: "/lost+found", right: "read" },
  },
  {
    name: "noexec everywhere but where programs are",
    lines: "ReadOnlyPaths=/\nNoExecPaths=/\nExecPaths=/usr/bin",
    thought: [
      { pattern: "/", effect: { kind: "grant", rights: rights.read } },
      { pattern: "/usr/bin", effect: { kind: "grant", rights: 7 } },
    ],
    beyond: undefined,
  },
  {
    name: "comments at the end of a line are no comments",
    lines: "ProtectSystem=strict # all of it\nProtectHome=yes",
    thought: [read],
    beyond: { path: "/", right: "write" },
    findings: 1,
  },
  {
    name: "a bind over an inaccessible path",
    lines: "ReadOnlyPaths=/\nInaccessiblePaths=/srv\nBindPaths=/srv/data:/mnt",
    thought: [read, hidden("/srv")],
    beyond: { path: "/srv/data", right: "read" },
  },
];

describe("units in the style of what is written", () => {
  test.each(written)("$name", ({ lines, thought, beyond, findings = 0 }) => {
    const text = `[Unit]\nDescription=x\n\n[Service]\nExecStart=/usr/bin/x --flag $OPTIONS\n${lines}\n`;
    const unit = liftUnit([{ path: "x.service", text }], { release: 252 });
    expect(unit.findings.length, JSON.stringify(unit.findings)).toBe(findings);
    expect(unit.authority.files && fileOutside(unit.authority.files, ruleMachine(thought))).toEqual(beyond);
    expect(verdict(unit)).toMatch(/^\S+ /);
  });
});

/** A line each that systemd 252 ignores, or may. */
const doubtful = `[Unit]
PrivateNetwork=yes
[Service]
ExecStart=/bin/true
ProtectSytem=strict
ProtectHome=maybe
InaccessiblePaths=etc
InaccessiblePaths=/a/../b
InaccessiblePaths=/c//d /e/./f
BindPaths=/a:/b:typo
BindPaths=/c:/d:norbind
BindPaths=rel
MemoryMax=0
MemoryMax=64M
TasksMax=0
CPUQuota=0%
SystemCallFilter=~@typo
SystemCallFilter=read:EPERM
SystemCallFilter=@mount write:EPERM
SystemCallFilter=foo
RestrictAddressFamilies=AF_TYPO
RestrictAddressFamilies=~AF_INET
RuntimeMaxSec=lots
RuntimeMaxSec=1h 5min
LimitNOFILE=128:64
LimitNOFILE=64:128
Environment=A
Environment=A=b
NoNewPrivileges=yess
NoNewPrivileges=on
IPAddressDeny=10.0.0
IPAddressDeny=10.0.0.0/8 localhost
TemporaryFileSystem=x:ro
TemporaryFileSystem=/x:ro
PrivatePIDs=yes
ProtectProc=foo
SystemCallArchitectures=foo
SystemCallArchitectures=native
RestrictNamespaces=foo
RestrictNamespaces=net user
RestrictNamespaces=~foo
nothing
[Typo]
User=root
`;

const analyze = spawnSync("systemd-analyze", ["--version"], { encoding: "utf8" });

test.runIf(analyze.stdout?.startsWith("systemd 252"))("systemd finds the same lines wrong", () => {
  const folder = mkdtempSync(join(tmpdir(), "mcpc-unit-"));
  const path = join(folder, "doubtful.service");
  writeFileSync(path, doubtful);
  const { stderr } = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  const theirs = new Set([...stderr.matchAll(/doubtful\.service:(\d+):/g)].map((m) => Number(m[1])));
  // A later value takes the place of an earlier one, so each line is read beside its section's head alone.
  const lines = doubtful.split("\n");
  const ours = new Set<number>();
  for (const [at, line] of lines.entries()) {
    if (!/=|^nothing$/.test(line)) continue;
    const section = lines.slice(0, at).findLast((l) => l.startsWith("[")) ?? "";
    const text = `${section}\n${line}\n${section === "[Service]" ? "" : "[Service]\nExecStart=/bin/true\n"}`;
    const unit = liftUnit([{ path: "a.service", text }], {
      release: 252,
      controllers: new Set(["memory", "pids", "cpu"]),
    });
    if (unit.findings.length > 0) ours.add(at + 1);
  }
  expect(theirs.size).toBeGreaterThan(20);
  // In a list of denials the error of line 18 is no mistake; systemd names an unknown section by its head.
  const head = lines.indexOf("[Typo]") + 1;
  const known = (set: ReadonlySet<number>): readonly number[] =>
    [...set].filter((line) => line < head && line !== 18 && line !== 19).sort((a, b) => a - b);
  expect(known(ours)).toEqual(known(theirs));
  expect([theirs.has(head), ours.has(head + 1)]).toEqual([true, true]);
});
