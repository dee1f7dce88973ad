/** Units that are not what they look like, each with the operation that shows it. */
import { describe, expect, test } from "vitest";
import { always, holds, intersection, never, without } from "../../src/authority/bdd.ts";
import {
  bitOfCall,
  createCallDiagram,
  describeCall,
  type Entry,
  leastCall,
  possibleCalls,
} from "../../src/authority/calls.ts";
import { createNetworkDiagram, leastPeer, peersIn } from "../../src/authority/network.ts";
import { type PathRule, ruleMachine } from "../../src/authority/path-rules.ts";
import { everyRight, type FileWitness, fileOutside, rights } from "../../src/authority/paths.ts";
import { type LiftedUnit, liftUnit, type UnitEnvironment } from "../../src/lift/unit.ts";
import { i386Calls, systemCall } from "../../src/linux/index.ts";

const environment: UnitEnvironment = { release: 252, emptyDirectories: new Set(["/srv/empty"]) };

function lifted(lines: string, more: Partial<UnitEnvironment> = {}): LiftedUnit {
  const text = lines.includes("[") ? lines : `[Service]\n${lines}`;
  return liftUnit([{ path: "a.service", text }], { ...environment, ...more });
}

const messages = (unit: LiftedUnit): string => unit.findings.map((f) => `${f.line}: ${f.message}`).join("\n");

const usual: readonly PathRule[] = ["/usr", "/lib", "/proc", "/sys", "/dev"].map((pattern) => ({
  pattern,
  effect: { kind: "grant", rights: everyRight },
}));

/** A file operation beyond /usr and what is granted besides; "everything" where files are not mediated. */
function fileBeyond(unit: LiftedUnit, ...granted: readonly string[]): FileWitness | "everything" | undefined {
  if (!unit.authority.files) return "everything";
  const more = granted.map(
    (pattern): PathRule => ({ pattern, effect: { kind: "grant", rights: rights.read } }),
  );
  return fileOutside(unit.authority.files, ruleMachine([...usual, ...more]));
}

function permits(
  unit: LiftedUnit,
  name: string,
  words: readonly bigint[] = [],
  entry: Entry = "x86_64",
): boolean {
  const bdd = createCallDiagram();
  const number = entry === "i386" ? i386Calls().get(name) : systemCall(name)?.numbers.x86_64;
  if (number === undefined || !unit.authority.calls) return true;
  return holds(bdd, unit.authority.calls(bdd), bitOfCall({ entry, number, words }));
}

/** The least call through int 0x80. */
function least386(unit: LiftedUnit): string | undefined {
  const bdd = createCallDiagram();
  const root = unit.authority.calls?.(bdd) ?? 1;
  const call = leastCall(bdd, intersection(bdd, root, possibleCalls(bdd, ["i386"])));
  return call && describeCall(call);
}

function peerOf(unit: LiftedUnit): string | undefined {
  if (!unit.authority.network) return "everything";
  const bdd = createNetworkDiagram();
  return leastPeer(bdd, unit.authority.network(bdd));
}

describe("lines that systemd ignores do not hold", () => {
  test("a typo in a directive", () => {
    const unit = lifted("ProtectSytem=strict\nProtectHome=yes");
    expect(messages(unit)).toBe("2: systemd ignores `ProtectSytem=`, which it does not know");
    expect(fileBeyond(unit)).toEqual({ path: "/", right: "read" });
    expect(fileBeyond(unit, "/")).toMatchObject({ right: "write" });
  });

  test("a directive in [Unit] that belongs to [Service]", () => {
    const unit = lifted("[Unit]\nPrivateNetwork=yes\n[Service]\nExecStart=/bin/true\n");
    expect(messages(unit)).toContain(
      "2: systemd ignores `PrivateNetwork=` in [Unit]: it belongs to [Service]",
    );
    expect(peerOf(unit)).toBe("everything");
    expect(peerOf(lifted("PrivateNetwork=yes"))).toBe(undefined);
  });

  test("a value that is none", () => {
    const unit = lifted("ProtectSystem=stricct\nNoNewPrivileges=yess\nUser=1000\nGroup=1000");
    expect(unit.findings.map((f) => f.line)).toEqual([3, 2]);
    expect(unit.authority.identity?.noNewPrivileges).toBe(false);
    expect(fileBeyond(unit, "/")).toMatchObject({ right: "write" });
  });

  test("a path that is relative, or has two dots", () => {
    const unit = lifted("InaccessiblePaths=etc /a/../etc /b//./c");
    expect(unit.findings.map((f) => f.line)).toEqual([2, 2]);
    expect(fileBeyond(unit, "/home")).toEqual({ path: "/", right: "read" });
  });

  test("a directive of a later release", () => {
    const unit = lifted("PrivatePIDs=yes\nUser=1000\nGroup=1000");
    expect(messages(unit)).toBe("2: systemd 252 ignores `PrivatePIDs=`, which came with 257");
    expect(unit.authority.processes?.has("signal")).toBe(true);
    const later = lifted("PrivatePIDs=yes\nUser=1000\nGroup=1000", { release: 257 });
    expect([...(later.authority.processes ?? [])]).toEqual(["ipc"]);
  });
});

describe("files", () => {
  const root = "RootDirectory=/srv/empty\nMountAPIVFS=yes\nPrivateDevices=yes\n";
  const masks = "InaccessiblePaths=-+/dev/shm -+/dev/mqueue -+/dev/hugepages\n";
  const closed = `${root}${masks}ProtectSystem=strict\nProtectHome=no\n`;

  test("an empty root shows what is bound into it, and no more", () => {
    const unit = lifted(`${closed}BindReadOnlyPaths=/srv/data:/data:norbind\nNoExecPaths=+/data`);
    expect(fileBeyond(unit, "/srv/data")).toBe(undefined);
    expect(fileBeyond(unit)).toEqual({ path: "/srv/data", right: "read" });
  });

  test("a bind of the parent", () => {
    const unit = lifted(`${closed}BindReadOnlyPaths=/srv:/data:norbind\nNoExecPaths=+/data`);
    expect(fileBeyond(unit, "/srv/data")).toEqual({ path: "/srv", right: "read" });
  });

  test("TemporaryFileSystem=/ is dropped next to DynamicUser=", () => {
    const alone = lifted("TemporaryFileSystem=/:ro\nBindReadOnlyPaths=/usr");
    expect(fileBeyond(alone)).toBe(undefined);
    const unit = lifted("TemporaryFileSystem=/:ro\nBindReadOnlyPaths=/usr\nDynamicUser=yes");
    expect(fileBeyond(unit)).toEqual({ path: "/", right: "read" });
    expect(fileBeyond(unit, "/")).toMatchObject({ right: "exec" });
  });

  test("NoExecPaths= without + means the host's path", () => {
    const binds = "BindReadOnlyPaths=/srv/data\n";
    expect(fileBeyond(lifted(`${closed}${binds}NoExecPaths=+/srv/data`), "/srv/data")).toBe(undefined);
    const unit = lifted(`${closed}${binds}NoExecPaths=/srv/data`);
    expect(fileBeyond(unit, "/srv/data")).toEqual({ path: "/srv/data", right: "exec" });
    expect(messages(unit)).toContain(
      "is the host's path, outside of the unit's root: it has no effect without `+`",
    );
  });

  test("NoExecPaths=/ does not reach other mounts", () => {
    const unit = lifted(`${closed}BindReadOnlyPaths=/srv/data\nNoExecPaths=+/`);
    expect(fileBeyond(unit, "/srv/data")).toEqual({ path: "/srv/data", right: "exec" });
  });

  test("a path with - may not be there when the unit starts", () => {
    const unit = lifted("InaccessiblePaths=-/secret\nReadOnlyPaths=/\nNoExecPaths=/");
    expect(
      unit.authority.files &&
        fileOutside(
          unit.authority.files,
          ruleMachine([
            { pattern: "/", effect: { kind: "grant", rights: rights.read } },
            { pattern: "/secret", effect: { kind: "deny", rights: everyRight } },
          ]),
        ),
    ).toEqual({ path: "/secret", right: "read" });
    const there = lifted("InaccessiblePaths=-/secret\nReadOnlyPaths=/\nNoExecPaths=/", {
      present: new Set(["/secret"]),
    });
    expect(
      there.authority.files &&
        fileOutside(
          there.authority.files,
          ruleMachine([
            { pattern: "/", effect: { kind: "grant", rights: rights.read } },
            { pattern: "/secret", effect: { kind: "deny", rights: everyRight } },
          ]),
        ),
    ).toBe(undefined);
  });

  test("ProtectSystem=strict leaves the homes writable", () => {
    const unit = lifted("ProtectSystem=strict");
    expect(
      unit.authority.files &&
        fileOutside(
          unit.authority.files,
          ruleMachine([
            ...usual,
            { pattern: "/", effect: { kind: "grant", rights: rights.read | rights.exec } },
          ]),
        ),
    ).toEqual({ path: "/home", right: "write" });
  });

  test("what systemd opens for a unit counts, wherever it lies", () => {
    const unit = lifted(`${closed}LoadCredential=token:/etc/token\nStandardError=append:/var/log/x`);
    expect(fileBeyond(unit)).toEqual({ path: "/etc/token", right: "read" });
    expect(fileBeyond(unit, "/etc/token", "/var/log/x")).toEqual({ path: "/var/log/x", right: "write" });
  });

  test("a specifier that is not known: any path may be bound, and none is hidden", () => {
    const bound = lifted(`${closed}BindReadOnlyPaths=/srv/%m`);
    expect(fileBeyond(bound)).toEqual({ path: "/", right: "read" });
    expect(messages(bound)).toContain("has a specifier whose value is not known here");
    expect(fileBeyond(lifted("InaccessiblePaths=/%m"))).toEqual({ path: "/", right: "read" });
  });

  test("a user's manager can't make mounts", () => {
    const unit = lifted(`${closed}PrivateNetwork=yes`, { manager: "user" });
    expect(unit.authority.files).toBe(undefined);
    expect(unit.authority.network).toBe(undefined);
  });

  test.each(["+", "!", "!!", "-+", "@!"])("a command with %s runs outside of it all", (prefix) => {
    const unit = lifted(`${closed}ExecStartPre=${prefix}/bin/chown x /y\nExecStart=/bin/true`);
    expect(unit.authority).toEqual({});
    expect(messages(unit)).toContain("runs with all privileges");
  });

  test("only the main command sees the root", () => {
    expect(fileBeyond(lifted(`${closed}RootDirectoryStartOnly=yes\nExecStartPre=/bin/x`))).toBe("everything");
  });
});

describe("system calls", () => {
  test("families are not compared behind int 0x80", () => {
    const open = lifted("RestrictAddressFamilies=AF_UNIX");
    expect(permits(open, "socket", [2n])).toBe(false);
    expect(permits(open, "socketcall", [1n], "i386")).toBe(true);
    expect(peerOf(open)).toBe("everything");
    const closed = lifted("RestrictAddressFamilies=AF_UNIX\nSystemCallArchitectures=native");
    expect(permits(closed, "socketcall", [1n], "i386")).toBe(false);
    expect(least386(closed)).toBe(undefined);
    // io_uring makes sockets without `socket`.
    expect(peerOf(closed)).toBe("everything");
    const filtered = lifted(
      "RestrictAddressFamilies=AF_UNIX\nSystemCallArchitectures=native\nSystemCallFilter=~io_uring_setup",
    );
    expect(peerOf(filtered)).toBe(undefined);
  });

  test("to allow one call of sockets allows all of them behind int 0x80", () => {
    const unit = lifted("SystemCallFilter=bind");
    expect(permits(unit, "socket", [2n])).toBe(false);
    expect(permits(unit, "socketcall", [1n], "i386")).toBe(true);
    expect(peerOf(unit)).toBe("everything");
    expect(peerOf(lifted("SystemCallFilter=bind\nSystemCallArchitectures=native"))).toBe(undefined);
    expect(peerOf(lifted("SystemCallFilter=read"))).toBe(undefined);
  });

  test("a list of denied families compares 64 bits of which the kernel takes 32", () => {
    const unit = lifted("RestrictAddressFamilies=~AF_INET\nSystemCallArchitectures=native");
    expect(permits(unit, "socket", [2n])).toBe(false);
    expect(permits(unit, "socket", [0x100000002n])).toBe(true);
    const allowed = lifted("RestrictAddressFamilies=AF_UNIX\nSystemCallArchitectures=native");
    expect(permits(allowed, "socket", [0x100000002n])).toBe(false);
    expect(permits(allowed, "socket", [1n])).toBe(true);
  });

  test("deny first makes a list of denials", () => {
    const unit = lifted("SystemCallFilter=~@mount\nSystemCallFilter=read write");
    expect(permits(unit, "ptrace")).toBe(true);
    expect(permits(unit, "mount")).toBe(false);
    expect(permits(lifted("SystemCallFilter=read write\nSystemCallFilter=~@mount"), "ptrace")).toBe(false);
  });

  test("an unknown group filters nothing", () => {
    const unit = lifted("SystemCallFilter=~@typo");
    expect(messages(unit)).toContain("2: systemd ignores `@typo`");
    expect(permits(unit, "mount")).toBe(true);
  });

  test("an allow-list has @default, and an empty value takes all of it back", () => {
    expect(permits(lifted("SystemCallFilter=read"), "mmap")).toBe(true);
    expect(permits(lifted("SystemCallFilter=read\nSystemCallFilter=~@default"), "mmap")).toBe(false);
    expect(permits(lifted("SystemCallFilter=read\nSystemCallFilter="), "mount")).toBe(true);
  });

  test("an error belongs to what is denied", () => {
    const unit = lifted("SystemCallFilter=read mount:EPERM");
    expect(permits(unit, "mount")).toBe(false);
    expect(messages(unit)).toContain("systemd ignores `mount:EPERM`");
    expect(permits(lifted("SystemCallFilter=~mount:EPERM @clock:kill"), "clock_settime")).toBe(false);
  });

  test("an allow-list also holds by int 0x80 and for x32, unless the architecture is native", () => {
    const unit = lifted("SystemCallFilter=read");
    expect(permits(unit, "read", [], "i386")).toBe(true);
    expect(permits(unit, "mount", [], "i386")).toBe(false);
    expect(permits(lifted("SystemCallFilter=read\nSystemCallArchitectures=native"), "read", [], "i386")).toBe(
      false,
    );
  });

  test("an architecture or a namespace that is not known restricts nothing", () => {
    const unit = lifted("SystemCallArchitectures=typo\nRestrictNamespaces=~user typo");
    expect(permits(unit, "read", [], "i386")).toBe(true);
    expect(permits(unit, "unshare", [0x10000000n])).toBe(true);
    expect(unit.findings.map((f) => f.line)).toEqual([2, 3]);
  });

  test("namespaces, personality, writable and executable memory", () => {
    const unit = lifted(
      "RestrictNamespaces=net\nLockPersonality=yes\nMemoryDenyWriteExecute=yes\nRestrictRealtime=yes",
    );
    expect(permits(unit, "unshare", [0x40000000n])).toBe(true);
    expect(permits(unit, "unshare", [0x50000000n])).toBe(false);
    expect(permits(unit, "clone", [0x10000011n])).toBe(false);
    expect(permits(unit, "clone3")).toBe(false);
    expect(permits(unit, "setns", [3n, 0n])).toBe(false);
    expect(permits(unit, "personality", [0n])).toBe(true);
    expect(permits(unit, "personality", [0x40000n])).toBe(false);
    expect(permits(unit, "mmap", [0n, 1n, 7n])).toBe(false);
    expect(permits(unit, "mmap", [0n, 1n, 5n])).toBe(true);
    expect(permits(unit, "sched_setscheduler", [0n, 1n])).toBe(false);
    expect(permits(unit, "sched_setscheduler", [0n, 3n])).toBe(true);
    expect(permits(lifted("RestrictNamespaces=~user"), "unshare", [0x40000000n])).toBe(true);
    expect(permits(lifted("RestrictNamespaces=~user"), "unshare", [0x10000000n])).toBe(false);
  });
});

describe("the network", () => {
  test("no addresses are denied unless the machine filters packets", () => {
    const text = "IPAddressDeny=any\nIPAddressAllow=10.0.0.0/8";
    expect(peerOf(lifted(text))).toBe("everything");
    expect(peerOf(lifted(text, { filtersPackets: true }))).toBe("connect 10.0.0.0:0");
    expect(peerOf(lifted("IPAddressDeny=any", { filtersPackets: true }))).toBe(undefined);
    expect(peerOf(lifted("IPAddressDeny=10.0.0.0/8", { filtersPackets: true }))).toBe("connect 0.0.0.0:0");
    const wrong = lifted("IPAddressDeny=any\nIPAddressAllow=10.0.0", { filtersPackets: true });
    expect(peerOf(wrong)).toBe(undefined);
    expect(messages(wrong)).toContain("systemd ignores `10.0.0`");
  });

  test("in the host's network a unit listens unless every way to is cut off", () => {
    const without = (calls: string): ReturnType<typeof lifted> =>
      lifted(`SystemCallArchitectures=native\nSystemCallFilter=~${calls}`);
    const listensOn = ({ authority }: LiftedUnit): string | undefined => {
      const bdd = createNetworkDiagram();
      const root = authority.network?.(bdd);
      return root === undefined
        ? "everything"
        : leastPeer(bdd, intersection(bdd, root, peersIn(bdd, { direction: "listen" })));
    };
    expect(listensOn(without("bind"))).toBe("everything");
    expect(listensOn(without("bind listen"))).toBe("everything");
    expect(listensOn(without("bind listen io_uring_setup"))).toBe(undefined);
    expect(listensOn(lifted("SystemCallFilter=~bind listen io_uring_setup"))).toBe("everything");
    expect(peerOf(without("bind listen io_uring_setup"))).toBe("connect 0.0.0.0:0");
  });

  test("abstract sockets belong to the network: without one of its own a unit reaches those of others", () => {
    const alone =
      "DynamicUser=yes\nNoNewPrivileges=yes\nCapabilityBoundingSet=\nPrivateIPC=yes\nProtectProc=invisible\n";
    const reached = (lines: string): readonly string[] => [
      ...(lifted(alone + lines).authority.processes ?? []),
    ];
    expect(reached("")).toEqual(["ipc"]);
    expect(reached("PrivateNetwork=yes")).toEqual([]);
    const closed = "SystemCallArchitectures=native\nSystemCallFilter=~io_uring_setup\n";
    expect(reached(`${closed}RestrictAddressFamilies=AF_INET`)).toEqual([]);
    expect(reached(`${closed}RestrictAddressFamilies=AF_INET AF_UNIX`)).toEqual(["ipc"]);
  });

  test("a network that another unit brings is not this one's own", () => {
    expect(peerOf(lifted("PrivateNetwork=yes\nNetworkNamespacePath=/run/netns/x"))).toBe("everything");
    expect(
      peerOf(lifted("[Unit]\nJoinsNamespaceOf=b.service\n[Service]\nPrivateNetwork=yes\nExecStart=/bin/x")),
    ).toBe("everything");
  });
});

describe("identity", () => {
  const capability = "User=1000\nGroup=1000\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n";

  test("without NoNewPrivileges= a program may get all that the bounding set holds", () => {
    expect(lifted(capability).authority.identity?.capabilities).toBe("all");
    const bounded = lifted(`${capability}CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_CHOWN`);
    expect(bounded.authority.identity?.capabilities).toEqual(new Set(["CAP_NET_BIND_SERVICE", "CAP_CHOWN"]));
    expect(lifted(`${capability}NoNewPrivileges=yes`).authority.identity?.capabilities).toEqual(
      new Set(["CAP_NET_BIND_SERVICE"]),
    );
  });

  test("lists of capabilities: joined, taken away, unknown", () => {
    const of = (text: string): unknown =>
      lifted(`NoNewPrivileges=no\n${text}`).authority.identity?.capabilities;
    expect(of("CapabilityBoundingSet=")).toEqual(new Set());
    expect(of("CapabilityBoundingSet=CAP_FOO")).toEqual(new Set());
    expect(of("CapabilityBoundingSet=CAP_CHOWN\nCapabilityBoundingSet=CAP_KILL")).toEqual(
      new Set(["CAP_CHOWN", "CAP_KILL"]),
    );
    expect((of("CapabilityBoundingSet=~CAP_CHOWN") as ReadonlySet<string>).has("CAP_CHOWN")).toBe(false);
    expect((of("CapabilityBoundingSet=~CAP_FOO") as ReadonlySet<string>).has("CAP_SYS_ADMIN")).toBe(true);
  });

  test("root without User=; a name; a number; a fresh one", () => {
    expect(lifted("ExecStart=/bin/x").authority.identity?.user).toEqual({ kind: "ids", uid: 0, gid: 0 });
    expect(lifted("User=www").authority.identity?.user).toEqual({ kind: "named", name: "www" });
    expect(lifted("User=7").authority.identity?.user).toEqual({ kind: "any" });
    const fresh = lifted("DynamicUser=yes").authority.identity;
    expect(fresh).toEqual({ user: { kind: "fresh" }, capabilities: new Set(), noNewPrivileges: true });
    expect(lifted("DynamicUser=yes\nUser=root").authority.identity?.user).toMatchObject({ uid: 0 });
  });

  test("filters set no-new-privileges, but not for root", () => {
    expect(lifted("User=a\nSystemCallFilter=~@mount").authority.identity?.noNewPrivileges).toBe(true);
    expect(lifted("SystemCallFilter=~@mount").authority.identity?.noNewPrivileges).toBe(false);
    // Of these no filter is left.
    for (const line of [
      "SystemCallFilter=~@typo",
      "SystemCallArchitectures=typo",
      "RestrictNamespaces=~typo",
    ])
      expect(lifted(`User=a\n${line}`).authority.identity?.noNewPrivileges, line).toBe(false);
  });
});

describe("limits", () => {
  const all = { controllers: new Set(["memory", "pids", "cpu"]) };

  test.each(["MemoryMax=0", "MemoryMax=infinity", "MemoryMax=50%", "MemoryMax=lots", ""])(
    "%s is none",
    (line) => {
      expect(lifted(`${line}\nMemorySwapMax=0`, all).authority.limits?.memory).toBe(undefined);
    },
  );

  test("memory is bounded with its swap, and where the controller is", () => {
    expect(lifted("MemoryMax=64M", all).authority.limits?.memory).toBe(undefined);
    expect(lifted("MemoryMax=64M\nMemorySwapMax=1M", all).authority.limits?.memory).toBe(65 << 20);
    const text = "MemoryMax=64M\nMemorySwapMax=0\nExecStart=/bin/x\n";
    expect(lifted(text).authority.limits?.memory).toBe(undefined);
    const asserted = lifted(`[Unit]\nAssertControlGroupController=memory\n[Service]\n${text}`);
    expect(asserted.authority.limits?.memory).toBe(64 << 20);
    const either = lifted(`[Unit]\nAssertControlGroupController=|memory\n[Service]\n${text}`);
    expect(either.authority.limits?.memory).toBe(undefined);
  });

  test("tasks, processors, descriptors, time", () => {
    const unit = lifted("TasksMax=16\nCPUQuota=150%\nLimitNOFILE=64:128\nRuntimeMaxSec=90s", all);
    expect(unit.authority.limits).toEqual({ processes: 16, cpu: 150, files: 128, time: 90_000, tmp: 0 });
    const none = lifted("TasksMax=0\nCPUQuota=0%\nLimitNOFILE=infinity\nRuntimeMaxSec=infinity", all);
    expect(none.authority.limits).toEqual({ tmp: 0 });
    expect(none.findings.map((f) => f.line)).toEqual([2, 3]);
  });

  test("RuntimeMaxSec= has no effect with Type=oneshot", () => {
    const unit = lifted("Type=oneshot\nRuntimeMaxSec=5");
    expect(unit.authority.limits?.time).toBe(undefined);
    expect(messages(unit)).toContain("no effect with `Type=oneshot`");
  });

  test("a temporary directory is bounded by its size", () => {
    expect(lifted("TemporaryFileSystem=/mnt:size=1m").authority.limits?.tmp).toBe(1 << 20);
    expect(lifted("TemporaryFileSystem=/mnt").authority.limits?.tmp).toBe(undefined);
    expect(lifted("TemporaryFileSystem=/mnt:size=0").authority.limits?.tmp).toBe(undefined);
    expect(lifted("PrivateTmp=yes").authority.limits?.tmp).toBe(undefined);
    expect(lifted("PrivateTmp=yes\nInaccessiblePaths=/tmp /var/tmp").authority.limits?.tmp).toBe(0);
  });
});

describe("the environment", () => {
  const of = (text: string): unknown => lifted(text).authority.environment;

  test("what is no name is passed over, and found", () => {
    const unit = lifted("PassEnvironment=1A B");
    expect(messages(unit)).toContain("`1A`, which is no name of a variable");
    const { environment: variables } = unit.authority;
    if (!(variables instanceof Map)) throw new Error("nothing is known of the variables");
    expect(variables.has("B")).toBe(true);
    expect(variables.has("1A")).toBe(false);
  });

  test("what is set, passed, and taken away", () => {
    const unit = of('Environment=A=b "C=d e"\nPassEnvironment=F\nUnsetEnvironment=LANG A') as ReadonlyMap<
      string,
      string
    >;
    expect([...unit].filter(([name]) => /^(?:[ACF]|LANG|PATH)$/.test(name))).toEqual([
      ["PATH", undefined],
      ["F", undefined],
      ["C", "d e"],
    ]);
    expect(of("EnvironmentFile=-/etc/default/x")).toBe("any");
    expect(of("PAMName=login")).toBe("any");
  });
});

describe("drop-ins", () => {
  const unit = (...texts: readonly (readonly [string, string])[]): LiftedUnit =>
    liftUnit(
      texts.map(([path, text]) => ({ path, text })),
      environment,
    );

  test("are merged by their names, after the unit", () => {
    const found = unit(
      ["a.service.d/20-x.conf", "[Service]\nUser=b\n"],
      ["a.service", "[Service]\nUser=a\nExecStart=/bin/x\n"],
      ["a.service.d/10-x.conf", "[Service]\nUser=c\n"],
    );
    expect(found.authority.identity?.user).toEqual({ kind: "named", name: "b" });
  });

  test("alone they leave open what the unit may hold", () => {
    const found = unit(["a.service.d/10-x.conf", "[Service]\nPrivateNetwork=yes\nProtectSystem=strict\n"]);
    expect(found.authority.files).toBe(undefined);
    expect(found.authority.network).toBe(undefined);
    expect(found.authority.environment).toBe("any");
    expect(found.authority.identity?.user).toEqual({ kind: "any" });
  });

  const emptied =
    "AmbientCapabilities BindPaths CapabilityBoundingSet Environment EnvironmentFile ExecPaths PassEnvironment ReadWritePaths RestrictAddressFamilies SystemCallArchitectures SystemCallFilter TemporaryFileSystem StateDirectory CacheDirectory LogsDirectory RuntimeDirectory ConfigurationDirectory LoadCredential LoadCredentialEncrypted MountImages ExtensionDirectories ExtensionImages"
      .split(" ")
      .map((key) => `${key}=\n`);
  const closed = `RootImage=\nRootDirectory=/run/mcpc/s\nRootDirectoryStartOnly=no\nPAMName=\nUser=1001\nGroup=1001\nNoNewPrivileges=yes\n`;
  const lists = `Environment=A=b\nPassEnvironment=T\nBindPaths=/srv/a\nTemporaryFileSystem=/x:size=1\nExecPaths=/srv/a\nSystemCallFilter=read socket\nSystemCallArchitectures=native\nRestrictAddressFamilies=AF_UNIX\nCapabilityBoundingSet=CAP_KILL\nAmbientCapabilities=CAP_KILL\n`;
  /** With some lists not emptied. */
  const dropped = (...kept: readonly string[]): LiftedUnit["authority"] => {
    const others = emptied.filter((line) => !kept.some((key) => line === `${key}=\n`));
    return unit(["s.service.d/50-x.conf", `[Service]\n${others.join("")}${closed}${lists}`]).authority;
  };

  test("alone they close a list only by emptying it: what the unit lists comes before", () => {
    const bdd = createCallDiagram();
    const { files, calls, environment: variables, identity } = dropped();
    expect(files).toBeDefined();
    expect(variables).not.toBe("any");
    expect(identity?.capabilities).toEqual(new Set(["CAP_KILL"]));
    for (const key of ["Environment", "PassEnvironment"]) expect(dropped(key).environment, key).toBe("any");
    for (const key of ["BindPaths", "TemporaryFileSystem", "ExecPaths", "LoadCredentialEncrypted"])
      expect(dropped(key).files, key).toBe(undefined);
    for (const key of ["SystemCallFilter", "SystemCallArchitectures", "RestrictAddressFamilies"])
      expect(without(bdd, dropped(key).calls?.(bdd) ?? always, calls?.(bdd) ?? never), key).not.toBe(never);
    expect(dropped("AmbientCapabilities", "CapabilityBoundingSet").identity?.capabilities).toBe("all");
  });

  test("lists of later releases are open where a release has them", () => {
    const filesOf = (release: number, more: string) =>
      liftUnit(
        [
          {
            path: "s.service.d/50-x.conf",
            text: `[Service]\n${emptied.join("")}${more}BindLogSockets=no\n${closed}${lists}`,
          },
        ],
        { ...environment, release },
      ).authority.files;
    for (const [release, needed] of [
      [252, ""],
      [253, "OpenFile=\n"],
      [254, "OpenFile=\nImportCredential=\n"],
    ] as const) {
      expect(filesOf(release, needed), `${release}`).toBeDefined();
      for (const line of needed.split(/(?<=\n)/).filter((one) => one !== ""))
        expect(filesOf(release, needed.replace(line, "")), `${release} without ${line}`).toBe(undefined);
    }
  });
});

test("a socket says who may connect", () => {
  const { socket } = lifted(
    "[Socket]\nListenStream=/run/x.sock\nListenStream=127.0.0.1:80\nSocketMode=0600\nAccept=yes\n",
  );
  expect(socket).toEqual({
    listens: [
      { kind: "path", address: "/run/x.sock" },
      { kind: "port", address: "127.0.0.1:80" },
    ],
    mode: 0o600,
    accepts: true,
  });
  expect(lifted("[Socket]\nListenStream=@x\n").socket?.mode).toBe(0o666);
});

test("the command, where no variable stands in it", () => {
  expect(lifted("ExecStart=:/bin/x $A %%").command).toEqual(["/bin/x", "$A", "%"]);
  expect(lifted("ExecStart=/bin/x $A").command).toBe(undefined);
  expect(lifted("ExecStart=-/bin/x $$A 'b c'").command).toEqual(["/bin/x", "$A", "b c"]);
  expect(lifted("ExecStart=/bin/x %m").command).toBe(undefined);
});
