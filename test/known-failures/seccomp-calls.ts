/** Filters of system calls: what stands beside what they name, and whether there is one at all. */
import { argument, calling, compose, entry, exact, pod, profile, profileText, sandbox } from "./artifacts.ts";
import type { Row } from "./row.ts";

const volumes = "  volumes:\n";

/** A call that is to look as if it did not exist: the number of the error is ENOSYS. */
function clone3Problem(text: string): string | undefined {
  const { defaultErrnoRet, syscalls } = JSON.parse(text) as {
    readonly defaultErrnoRet?: number;
    readonly syscalls: readonly {
      readonly names: readonly string[];
      readonly action: string;
      readonly errnoRet?: number;
    }[];
  };
  const own = syscalls.filter(({ names }) => names.includes("clone3"));
  const answers =
    own.length === 0
      ? [defaultErrnoRet]
      : own.map(({ action, errnoRet }) => (action === "SCMP_ACT_ERRNO" ? errnoRet : undefined));
  return answers.every((errno) => errno === 38)
    ? undefined
    : "clone3 is let through, or refused in words that libraries do not understand";
}

/** What mounts, or leads to what is mounted. */
const mounting =
  "open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr mount umount2 setns chroot pivot_root".split(
    " ",
  );

export const callRows: readonly Row[] = [
  {
    row: 18,
    reported: ["CVE-2021-41133", "flatpak#4456"],
    what: "`mount` was refused, and the newer calls that mount were not",
    decided: {
      kind: "fixture",
      policy: `${exact("...")} runtime native;`,
      artifact: mounting.map((name) => calling(name)),
      repaired: calling("read", "write"),
      expect: {
        beyond: "syscalls",
        witness: new RegExp(`^(?:${mounting.join("|")})\\(`),
      },
    },
  },
  {
    row: 19,
    reported: ["nix#10501"],
    what: "a new call that does the same as refused ones was let through",
    decided: {
      kind: "fixture",
      policy: `${exact("...")} write ./a; runtime native;`.replace(
        "...]",
        "...] - [chmod, fchmod, fchmodat, fchmodat2]",
      ),
      artifact: calling("fchmodat2"),
      repaired: calling("fsync"),
      expect: { beyond: "syscalls", witness: /^fchmodat2\(/ },
    },
  },
  {
    row: 20,
    reported: ["moby#42681"],
    what: "`clone3` carries its flags where no filter sees them, so it must be as if it did not exist",
    decided: {
      kind: "output",
      of: ["seccomp", "docker", "kubernetes"],
      policies: ["runtime node; accept all: files.exec;", "runtime python; accept all: files.exec;"],
      file: /seccomp\.json$/,
      check: clone3Problem,
      spoilt: (text) => text.replace(/"defaultErrnoRet": 38/, '"defaultErrnoRet": 1'),
    },
  },
  {
    row: 21,
    reported: ["flatpak#4455"],
    what: "flags of new namespaces were masked in another argument than theirs",
    decided: {
      kind: "fixture",
      artifact: profile([entry(["clone"], [argument(1, "MASKED_EQ", 0x7e020000, 0n)])]),
      repaired: profile([entry(["clone"], [argument(0, "MASKED_EQ", 0x7e020000, 0n)])]),
      expect: { deputy: "user-namespace" },
    },
  },
  {
    row: 22,
    reported: ["moby#46762", "codex#10814", "celln#30"],
    what: "io_uring opened files and sockets past the filter",
    decided: {
      kind: "fixture",
      artifact: calling("read", "io_uring_setup", "io_uring_enter", "io_uring_register"),
      repaired: calling("read"),
      expect: [{ deputy: "io-uring" }, { beyond: "syscalls", witness: /^io_uring_setup\(|^read\(/ }],
      policy: exact("read"),
    },
  },
  {
    row: 23,
    reported: ["Linux 6.14", "Linux 6.18"],
    what: "the kernel lets calls of its own probes past every filter",
    decided: {
      kind: "not-claimed",
      because:
        "the kernel exempts `uretprobe` and `uprobe` of x86-64 from every filter, so that no artifact can hold them",
    },
  },
  {
    row: 24,
    reported: ["flatpak#4462"],
    what: "of several filters on bubblewrap's command line only one counted",
    decided: { kind: "not-claimed", because: "bubblewrap is no target" },
  },
  {
    row: 25,
    reported: ["firejail#2718", "CVE-2019-12589"],
    what: "the sandbox could write the filter that the next one gets",
    decided: {
      kind: "fixture",
      policy: "write ./;",
      artifact: sandbox('(allow file-read* file-write* (subpath "/srv/world"))'),
      repaired: sandbox('(allow file-read* (subpath "/srv/world"))'),
      expect: { beyond: "files", witness: /^write \/srv\/world\/(?:sandbox|.*\.mcp)/ },
    },
  },
  {
    row: 26,
    reported: ["firejail#2296"],
    what: "what joined a running sandbox later had no filter",
    decided: {
      kind: "fixture",
      policy: `${exact("read, write, execve, exit_group, socket, connect, bind, listen")} net any;`,
      artifact: pod(
        volumes,
        `  ephemeralContainers:\n    - name: late\n      image: example.com/d:1\n      securityContext: {seccompProfile: {type: Unconfined}}\n${volumes}`,
      ),
      repaired: pod(),
      expect: { beyond: "syscalls", witness: /./ },
    },
  },
  {
    row: 27,
    reported: ["OpenShell#585"],
    what: "with some values of the network's setting neither filter nor no-new-privileges was set",
    decided: {
      kind: "output",
      of: ["docker"],
      policies: [
        "net none;",
        "net loopback;",
        "net any; accept docker: net.connect;",
        "net connect 10.0.0.0/8:443; accept docker: net.connect;",
      ],
      file: /compose\.yaml$/,
      check: (text) =>
        /no-new-privileges/.test(text) && /seccomp[=:]/.test(text)
          ? undefined
          : "no filter, or no no-new-privileges",
      spoilt: (text) => text.replaceAll("no-new-privileges", "x-new-privileges"),
    },
  },
  {
    row: 28,
    reported: ["nsjail#285"],
    what: "a filter that could not be installed was left out",
    decided: {
      kind: "fixture",
      policy: exact("read, write, exit_group"),
      artifact: compose({ security_opt: '["no-new-privileges:true", "seccomp:lost.json"]' }),
      repaired: compose(),
      expect: [{ finding: /lost\.json/ }, { beyond: "syscalls", witness: /./ }],
    },
  },
  {
    row: 29,
    reported: ["nsjail#286", "nsjail#307"],
    what: "no-new-privileges that could not be set was passed over",
    decided: {
      kind: "not-claimed",
      because:
        "on Linux a runtime or systemd sets it, and whether they end when the kernel refuses is their own matter",
    },
  },
  {
    row: 30,
    reported: ["KiroCrew#7315"],
    what: "for an architecture that was not known there was no filter",
    decided: {
      kind: "fixture",
      artifact: profile([entry(["read"])], { architectures: ["X86_64", "M68K9"] }),
      repaired: profile([entry(["read"])]),
      expect: { refused: /M68K9|architectures/ },
    },
  },
  {
    row: 31,
    reported: ["dify-sandbox#248"],
    what: "a launcher went on when a step of its set-up had failed",
    decided: {
      kind: "held",
      by: "test/lift/launcher.test.ts",
      test: "without any one of its lines, with two of them the other way round, it is refused",
    },
  },
  {
    row: 32,
    reported: ["OpenShell#740"],
    what: "a file in memory was executed where no file could be",
    decided: {
      kind: "fixture",
      policy: `${exact("...")} runtime native;`,
      artifact: [calling("memfd_create"), calling("execveat")],
      repaired: calling("read"),
      expect: { beyond: "syscalls", witness: /^(?:memfd_create|execveat)\(/ },
    },
  },
  {
    row: 33,
    reported: ["moby/profiles"],
    what: "processes outside could be traced",
    decided: {
      kind: "fixture",
      artifact: compose(
        { pid: '"host"', security_opt: '["no-new-privileges:true", "seccomp:trace.json"]' },
        "",
        { "trace.json": profileText([entry(["ptrace", "process_vm_readv", "pidfd_getfd", "kcmp"])]) },
      ),
      repaired: compose({ security_opt: '["no-new-privileges:true", "seccomp:trace.json"]' }, "", {
        "trace.json": profileText([entry(["ptrace", "process_vm_readv", "pidfd_getfd", "kcmp"])]),
      }),
      expect: [{ deputy: "trace" }, { beyond: "processes", witness: /trace|signal|inspect/ }],
    },
  },
  {
    row: 34,
    reported: ["moby/profiles"],
    what: "a file outside was opened by its handle",
    decided: {
      kind: "fixture",
      policy: `${exact("...")} runtime node; read ./a;`,
      artifact: calling("open_by_handle_at"),
      repaired: calling("openat"),
      expect: { beyond: "syscalls", witness: /^open_by_handle_at\(/ },
    },
  },
  {
    row: 35,
    reported: ["CVE-2024-42318"],
    what: "a call of keyrings took the sandbox of the parent away",
    decided: {
      kind: "fixture",
      policy: `${exact("...")} runtime node;`,
      artifact: calling("keyctl"),
      repaired: calling("read"),
      expect: { beyond: "syscalls", witness: /^keyctl\(/ },
    },
  },
  {
    row: 36,
    reported: ["moby/profiles"],
    what: "calls that rule parts of the kernel came along with harmless ones",
    decided: {
      kind: "fixture",
      policy: `${exact("...")} runtime node; net any;`,
      artifact: [
        ...["userfaultfd", "bpf", "perf_event_open"].map((name) => calling(name)),
        // Packets, and machines beside this one.
        ...[17, 40].map((family) => profile([entry(["socket"], [argument(0, "EQ", family)])])),
      ],
      repaired: profile([entry(["socket"], [argument(0, "EQ", 2)])]),
      expect: { beyond: "syscalls", witness: /^(?:userfaultfd|bpf|perf_event_open|socket)\(/ },
    },
  },
  {
    row: 37,
    reported: ["landlock-lsm/linux#2"],
    what: "Landlock confined one thread of a launcher, and not the others",
    decided: { kind: "not-claimed", because: "Landlock is no target" },
  },
];
