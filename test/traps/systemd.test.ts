import { describe, expect, test } from "vitest";
import { edited, fileOf, type Output, outputOf } from "../support/outputs.ts";
import { policyText } from "../support/policies.ts";
import * as settings from "./systemd-checks.ts";
import * as files from "./systemd-files.ts";
import * as filter from "./systemd-filter.ts";
import { mainFile } from "./systemd-service.ts";
import { holdTraps, type Seed, type TrapTest } from "./trap.ts";

const unit =
  (from: string | RegExp, to: string): Seed["spoil"] =>
  (output: Output) =>
    edited(output, mainFile(output), from, to);
const run =
  (from: string | RegExp, to: string): Seed["spoil"] =>
  (output: Output) =>
    edited(output, "run.json", from, to);
const seed = (what: string, policy: string, spoil: Seed["spoil"], environment?: string): Seed => ({
  what,
  policy,
  spoil,
  ...(environment !== undefined && { environment }),
});
const line = (text: string): Seed["spoil"] => unit(/^\[Service\]$/m, `[Service]\n${text}`);
const last = (text: string): Seed["spoil"] => unit(/$(?![\s\S])/, `\n[Service]\n${text}\n`);

const tests: readonly TrapTest[] = [
  {
    trap: "1",
    check: files.rootIsEmpty,
    seeds: [
      seed("a tmpfs over the root", "program", line("TemporaryFileSystem=/:ro")),
      seed("the host's root", "program", unit(/^RootDirectory=.*\n/m, "")),
      seed("the host's root under systemd-run", "program", run(/ +"--property=RootDirectory=.*\n/, "")),
    ],
  },
  {
    trap: "2",
    check: files.pathsAreInTheRoot,
    seeds: [
      seed("NoExecPaths of the host", "program", unit("NoExecPaths=+/", "NoExecPaths=/")),
      seed("a mask of the host's path", "writes", unit(/^InaccessiblePaths="\+/m, 'InaccessiblePaths="')),
      seed("a plus in the wrong place", "program", unit("-+/tmp", "+-/tmp")),
    ],
  },
  {
    trap: "3",
    check: files.everyMountIsNoexec,
    seeds: [
      seed("the root alone", "writes", unit(/^NoExecPaths="\+.*project\/out"\n/m, "")),
      seed("an executable tmpfs", "writes", unit("mode=1777,noexec", "mode=1777")),
      seed("/dev/shm", "program", unit(" -+/dev/shm", "")),
      seed(
        "exec of data",
        "program",
        unit(/^NoExecPaths=("\+[^"]*\/project")$/m, "NoExecPaths=$1\nExecPaths=$1"),
      ),
    ],
  },
  {
    trap: "4",
    check: filter.deniesMemoryFiles,
    seeds: [
      seed("memfd_create", "program", unit(/^SystemCallFilter=([a-z])/m, "SystemCallFilter=memfd_create $1")),
    ],
  },
  {
    trap: "5",
    check: files.nothingElseIsWritable,
    seeds: [
      seed("devices", "program", unit("PrivateDevices=yes", "PrivateDevices=no")),
      seed("a home", "program", line("BindPaths=/home:/home:norbind")),
      seed("a state directory", "program", line("StateDirectory=x")),
    ],
  },
  {
    trap: "6",
    check: (o) => filter.filterIsExact(o) ?? filter.proxiesAreFiltered(o) ?? settings.dropInResets(o),
    seeds: [
      seed("a deny first", "program", line("SystemCallFilter=~mount")),
      seed("a proxy with a deny-list", "listen", (o) =>
        edited(o, "mcp-fs-8080.service", "=@system-service", "=~@mount"),
      ),
      seed("a drop-in that adds to the unit's list", "bare", unit(/^SystemCallFilter=\n/m, "")),
      seed("a drop-in that keeps the unit's user", "barePython", unit(/^User=\n/m, "")),
    ],
  },
  {
    trap: "7",
    check: filter.filterIsExact,
    seeds: [
      seed("@default stays", "exact", unit("SystemCallFilter=~@default\n", "")),
      seed(
        "@default stays under systemd-run",
        "exact",
        run(/ +"--property=SystemCallFilter=~@default",\n/, ""),
      ),
    ],
  },
  {
    trap: "8",
    check: filter.filterIsExact,
    seeds: [
      seed("a misspelt name", "program", unit(/^SystemCallFilter=([a-z])/m, "SystemCallFilter=raed $1")),
      seed("a misspelt group", "program", unit("~@default", "~@defualt")),
      seed("an errno", "program", unit(/ write /, " write:EPERM ")),
      seed("an empty line at the end", "program", last("SystemCallFilter=")),
    ],
  },
  {
    trap: "9",
    check: settings.everySettingIsRead,
    seeds: [
      seed("a key", "program", unit("ProtectSystem=", "ProtectSytem=")),
      seed("a value", "program", unit("ProtectSystem=strict", "ProtectSystem=stricct")),
      seed("a section", "program", unit("CollectMode=", "UMask=")),
      seed(
        "a path with ..",
        "writes",
        unit(/^InaccessiblePaths="\+(.*)"$/m, 'InaccessiblePaths="+/srv/..$1"'),
      ),
      seed("a relative path", "writes", unit(/^InaccessiblePaths="\+\//m, 'InaccessiblePaths="+')),
      seed("what 252 does not know", "program", line("PrivatePIDs=yes")),
    ],
  },
  {
    trap: "10",
    check: (o) => settings.nothingNeedsBpf(o) ?? settings.everySettingIsRead(o),
    seeds: [seed("ports", "listen", line("SocketBindDeny=any"))],
  },
  {
    trap: "11",
    check: settings.limitsAreAsserted,
    seeds: [
      seed("no assertion", "limited", unit(/^AssertControlGroupController=.*\n/m, "")),
      seed("no assertion in a drop-in", "bare", unit(/^\[Unit\]\nAssert.*\n/m, "")),
      seed(
        "no assertion under systemd-run",
        "run node ./dist/index.js; limits < memory 1MiB >",
        run(/ +"--property=Assert.*\n/, ""),
      ),
      seed("one controller of two", "limited", unit(" memory pids", " pids")),
      seed("swap", "limited", unit("MemorySwapMax=0\n", "")),
      seed("addresses by BPF alone", "program", unit("PrivateNetwork=yes", "PrivateNetwork=no")),
    ],
  },
  {
    trap: "12",
    check: settings.timeIsLimited,
    seeds: [
      seed("a oneshot", "limited", unit("Type=exec", "Type=oneshot")),
      seed("a unit's own type", "bare", unit("Type=exec\n", "")),
      seed("starting again", "limited", line("Restart=always")),
      seed(
        "a working directory that may be missing",
        "program",
        unit(/^WorkingDirectory=/m, "WorkingDirectory=-"),
      ),
    ],
  },
  {
    trap: "13",
    check: files.hostSocketsAreHidden,
    seeds: [
      seed("the manager's sockets", "program", line("BindReadOnlyPaths=/run/systemd:/run/systemd:norbind")),
      seed("AF_UNIX", "program", unit("RestrictAddressFamilies=none", "RestrictAddressFamilies=AF_UNIX")),
      seed("a socket in a granted tree", "unix", unit(/^InaccessiblePaths=.*other\.sock.*\n/m, "")),
    ],
  },
  {
    trap: "14",
    check: settings.commandsRunInside,
    seeds: [
      seed("as root", "program", unit("ExecStart=:", "ExecStart=+")),
      seed("before", "program", line("ExecStartPre=!/bin/true")),
      seed("silence about a unit's commands", "bare", unit(/^#.*prefix.*\n/m, "")),
    ],
  },
  {
    trap: "15",
    check: files.missingPathsFail,
    seeds: [
      seed("a bind", "program", unit(/^BindReadOnlyPaths=(.*project.*)$/m, "BindReadOnlyPaths=-$1")),
      seed("a mask", "writes", unit(/^InaccessiblePaths="\+/m, 'InaccessiblePaths="-+')),
    ],
  },
  {
    trap: "16",
    check: filter.writeXorExecuteFits,
    seeds: [
      seed("node", "program", unit("MemoryDenyWriteExecute=no", "MemoryDenyWriteExecute=yes")),
      seed("python", "barePython", unit("MemoryDenyWriteExecute=yes", "MemoryDenyWriteExecute=no")),
    ],
  },
  {
    trap: "17",
    check: settings.processesAreApart,
    seeds: [
      seed("silence", "writes", unit(/^#.*same user outside.*\n/m, "")),
      seed("PrivatePIDs for 252", "program", line("PrivatePIDs=yes")),
      seed("none for 257", "program", unit("PrivatePIDs=yes\n", ""), "systemd=257"),
      seed("a fresh user with an old name", "program", last("User=root")),
    ],
  },
  {
    trap: "18",
    check: settings.environmentIsExact,
    seeds: [
      seed("LOGNAME", "program", unit(" LOGNAME", "")),
      seed("a file", "program", line("EnvironmentFile=/etc/environment")),
      seed("a unit's file", "bare", unit("EnvironmentFile=\n", "")),
      seed("one more", "environment", line("PassEnvironment=SECRET")),
      seed("silence", "program", unit(/^#.*manager adds.*\n/m, "")),
    ],
  },
];

holdTraps("systemd", ["", "systemd=257"], tests, (space) => {
  describe("what systemd can't do is refused until it is accepted", () => {
    test.each([
      ["read ./project; deny ./project/.env", "deny.future"],
      ["run node ./dist/index.js; write ./project/out; user 1000:1000", "processes.other"],
      ["run node ./dist/index.js; limits < io 1MiB/s >", "limits.io"],
      ["run node ./dist/index.js; isolation container", "isolation"],
    ])("%s", (body, item) => {
      const output = outputOf(space(), body, policyText(body, false), "systemd");
      expect(output.files.size).toBe(0);
      expect(output.diagnostics.join("\n")).toMatch(new RegExp(`error MC4001.*accept systemd: ${item}`));
      expect(outputOf(space(), body, policyText(body), "systemd").files.size).toBeGreaterThan(0);
    });

    test("but other processes, from 257 on", () => {
      const body = "run node ./dist/index.js; write ./project/out; user 1000:1000";
      const output = outputOf(space(), body, policyText(body, false), "systemd", "systemd=257");
      expect(fileOf(output, "mcp-fs@.service")).toContain("PrivatePIDs=yes");
    });

    test("a list without execve, which systemd itself needs", () => {
      const body = "syscalls default-deny + [read, write, exit_group]";
      const output = outputOf(space(), body, policyText(body), "systemd");
      expect(output.files.size).toBe(0);
      expect(output.diagnostics.join("\n")).toMatch(/error MC4002.*`execve`/);
    });
  });
});
