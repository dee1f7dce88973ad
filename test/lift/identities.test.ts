/** Who runs, with what capabilities, and which processes outside are in reach: tables, from the manual pages. */
import { describe, expect, test } from "vitest";
import { liftDockerRun } from "../../src/lift/docker-run.ts";
import { liftUnit } from "../../src/lift/unit.ts";
import { environmentWith } from "../support/container-witness.ts";

function container(options: string) {
  const words = options.split(" ").filter((word) => word !== "");
  return liftDockerRun(["docker", "run", ...words, "image"], environmentWith());
}

/** As docker gives them without a word: moby's `oci/caps/defaults.go`. */
const defaults = [
  "CAP_AUDIT_WRITE",
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_MKNOD",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];
const without = (...names: readonly string[]): readonly string[] =>
  defaults.filter((name) => !names.includes(name));

describe("capabilities of a container that runs as root", () => {
  test.each([
    ["", defaults],
    ["--cap-drop ALL", []],
    ["--cap-drop all --cap-add net_raw", ["CAP_NET_RAW"]],
    ["--cap-drop NET_RAW --cap-drop CAP_MKNOD", without("CAP_NET_RAW", "CAP_MKNOD")],
    ["--cap-add SYS_ADMIN", [...defaults, "CAP_SYS_ADMIN"]],
    ["--cap-drop ALL --cap-add CAP_SYS_ADMIN --cap-add kill", ["CAP_KILL", "CAP_SYS_ADMIN"]],
  ])("%s", (options, expected) => {
    const { capabilities } = container(`-u 0:0 ${options}`).authority.identity ?? {};
    expect([...(capabilities ?? [])].sort()).toEqual([...expected].sort());
  });

  test("all that are added outdo all that are dropped, and single ones are taken out of them", () => {
    const most = container("-u 0:0 --cap-add ALL --cap-drop ALL").authority.identity?.capabilities;
    expect(most).toContain("CAP_SYS_ADMIN");
    expect(most).toContain("CAP_CHECKPOINT_RESTORE");
    const less = container("-u 0:0 --cap-add ALL --cap-drop SYS_ADMIN --cap-drop CHOWN").authority.identity;
    expect(less?.capabilities).not.toContain("CAP_SYS_ADMIN");
    expect(less?.capabilities).not.toContain("CAP_CHOWN");
    expect(less?.capabilities).toContain("CAP_SYS_MODULE");
  });
});

test.each([
  ["-u 1000:1000", { kind: "ids", uid: 1000, gid: 1000 }],
  ["-u 0:5", { kind: "ids", uid: 0, gid: 5 }],
  ["-u root:root", { kind: "ids", uid: 0, gid: 0 }],
  // Of a user that the image does not know.
  ["-u 1000", { kind: "ids", uid: 1000, gid: 0 }],
  ["-u someone:1000", { kind: "any" }],
  ["-u 2147483648:1000", { kind: "any" }],
  ["", { kind: "any" }],
])("the user of a container: %s", (options, user) => {
  expect(container(options).authority.identity?.user).toEqual(user);
});

function unit(lines: string) {
  return liftUnit([{ path: "a.service", text: `[Service]\n${lines.replaceAll("; ", "\n")}\n` }], {
    release: 257,
  });
}

describe("processes outside that a unit reaches", () => {
  // Sockets are made by `socket` alone here: io_uring and the i386 door would make any.
  // A fresh user is nobody else's, so that nothing outside may be signalled or traced without capabilities (kill(2), ptrace(2)).
  const fresh =
    "DynamicUser=yes; CapabilityBoundingSet=; PrivateIPC=yes; SystemCallFilter=read socket; SystemCallArchitectures=native; RestrictAddressFamilies=AF_INET";
  const known =
    "User=1000; Group=1000; CapabilityBoundingSet=; PrivateIPC=yes; SystemCallFilter=read socket; SystemCallArchitectures=native; RestrictAddressFamilies=AF_INET";
  test.each([
    [`${fresh}; ProtectProc=invisible`, []],
    [`${fresh}; ProtectProc=noaccess`, []],
    [`${fresh}; ProtectProc=ptraceable`, []],
    [`${fresh}; ProtectProc=default`, ["inspect"]],
    [`${fresh}; ProtectProc=hidden`, ["inspect"]],
    [fresh, ["inspect"]],
    [`${known}; ProtectProc=invisible`, ["signal", "trace"]],
    [`${known}; PrivatePIDs=yes`, []],
    [`${known}; PrivatePIDs=no; ProtectProc=invisible`, ["signal", "trace"]],
    [known, ["inspect", "signal", "trace"]],
    [`${fresh}; ProtectProc=invisible; IPCNamespacePath=/run/x`, ["ipc"]],
    [`${fresh}; ProtectProc=invisible; PrivateIPC=no`, ["ipc"]],
    // Abstract sockets are of the network namespace (unix(7)), which is the host's here.
    [`${fresh}; ProtectProc=invisible; RestrictAddressFamilies=AF_UNIX`, ["ipc"]],
    [`${fresh}; ProtectProc=invisible; RestrictAddressFamilies=AF_UNIX; PrivateNetwork=yes`, []],
    [
      "DynamicUser=yes; CapabilityBoundingSet=CAP_KILL; AmbientCapabilities=CAP_KILL; PrivateIPC=yes; SystemCallFilter=read socket; SystemCallArchitectures=native; RestrictAddressFamilies=AF_INET; ProtectProc=invisible",
      ["signal"],
    ],
    [
      "DynamicUser=yes; CapabilityBoundingSet=CAP_SYS_PTRACE; AmbientCapabilities=CAP_SYS_PTRACE; PrivateIPC=yes; SystemCallFilter=read socket; SystemCallArchitectures=native; RestrictAddressFamilies=AF_INET; ProtectProc=invisible",
      ["inspect", "trace"],
    ],
  ])("%s", (lines, expected) => {
    expect([...(unit(lines).authority.processes ?? [])].sort()).toEqual(expected);
  });
});

describe("who runs a unit, with what capabilities", () => {
  test.each([
    ["User=1000; Group=1000", { kind: "ids", uid: 1000, gid: 1000 }],
    ["User=1000", { kind: "any" }],
    ["User=1000; Group=staff", { kind: "any" }],
    ["User=someone", { kind: "named", name: "someone" }],
    ["User=root", { kind: "ids", uid: 0, gid: 0 }],
    ["User=%i", { kind: "any" }],
    ["DynamicUser=yes", { kind: "fresh" }],
    ["Type=exec", { kind: "ids", uid: 0, gid: 0 }],
  ])("%s", (lines, user) => {
    expect(unit(lines).authority.identity?.user).toEqual(user);
  });

  test.each([
    ["User=1000; Group=1000; NoNewPrivileges=yes", []],
    [
      "User=1000; Group=1000; NoNewPrivileges=yes; AmbientCapabilities=CAP_KILL CAP_CHOWN",
      ["CAP_CHOWN", "CAP_KILL"],
    ],
    [
      "User=1000; Group=1000; NoNewPrivileges=yes; AmbientCapabilities=CAP_KILL; CapabilityBoundingSet=CAP_CHOWN",
      [],
    ],
    // Without no-new-privileges a set-user-ID program takes what the bounding set leaves (capabilities(7)).
    ["User=1000; Group=1000; CapabilityBoundingSet=CAP_CHOWN", ["CAP_CHOWN"]],
    ["NoNewPrivileges=yes; CapabilityBoundingSet=CAP_CHOWN", ["CAP_CHOWN"]],
    ["NoNewPrivileges=yes; CapabilityBoundingSet=", []],
  ])("%s", (lines, expected) => {
    const { capabilities } = unit(lines).authority.identity ?? {};
    expect([...(capabilities ?? ["none"])].sort()).toEqual(expected);
  });

  test.each([
    ["NoNewPrivileges=yes", true],
    ["DynamicUser=yes", true],
    ["User=1000; Group=1000", false],
    ["User=1000; Group=1000; PrivateDevices=yes", true],
    ["User=1000; Group=1000; RestrictSUIDSGID=yes", true],
    ["User=1000; Group=1000; SystemCallFilter=read", true],
    ["User=1000; Group=1000; SystemCallArchitectures=native", true],
    ["User=1000; Group=1000; RestrictAddressFamilies=AF_UNIX", true],
    ["User=1000; Group=1000; RestrictNamespaces=yes", true],
    // systemd sets it for filters only where the unit has no privileges of its own.
    ["SystemCallFilter=read", false],
    ["User=1000; Group=1000; NoNewPrivileges=no; LockPersonality=yes", true],
  ])("no new privileges: %s", (lines, expected) => {
    expect(unit(lines).authority.identity?.noNewPrivileges).toBe(expected);
  });
});
