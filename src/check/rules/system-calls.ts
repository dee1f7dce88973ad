import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { type CheckInput, spanOf } from "../rule.ts";

/** Calls without which a program does not start, by runtime: hard requirements, without a fallback for any errno. */
const starts: Readonly<Record<ServerIr["runtime"]["name"], readonly string[]>> = {
  node: [
    "brk",
    "close",
    "clone",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "eventfd2",
    "execve",
    "exit_group",
    "fcntl",
    "fstat",
    "futex",
    "getrandom",
    "madvise",
    "mmap",
    "mprotect",
    "munmap",
    "openat",
    "pipe2",
    "pread64",
    "read",
    "rt_sigaction",
    "rt_sigprocmask",
    "uname",
    "write",
  ],
  python: [
    "brk",
    "close",
    "execve",
    "exit_group",
    "fstat",
    "getdents64",
    "getrandom",
    "lseek",
    "mmap",
    "mprotect",
    "munmap",
    "openat",
    "read",
    "rt_sigaction",
    "write",
  ],
  native: ["execve", "exit_group"],
  none: ["execve", "exit_group"],
};

/** What the server's own clauses need to work. */
function needs(server: ServerIr): readonly { readonly purpose: string; readonly calls: readonly string[] }[] {
  const grants = server.files.grants.filter((grant) => grant.by === "clause");
  const { network } = server;
  const out: { purpose: string; calls: readonly string[] }[] = [
    {
      purpose: server.program ? "starting the program" : "starting a program",
      calls: starts[server.runtime.name],
    },
  ];
  if (grants.some((g) => g.access.includes("write")))
    out.push({ purpose: "`write`", calls: ["openat", "write"] });
  if (grants.some((g) => g.access.includes("exec")))
    out.push({ purpose: "`exec`", calls: ["clone", "execve", "wait4"] });
  if (network.any || network.connect.length > 0)
    out.push({ purpose: "`net connect`", calls: ["socket", "connect"] });
  if (network.listen.length > 0)
    out.push({ purpose: "`net listen`", calls: ["socket", "bind", "listen", "accept4"] });
  if (server.unix.length > 0) out.push({ purpose: "`unix`", calls: ["socket", "connect"] });
  return out;
}

/** What an exact list leaves out; a `-` that takes away what the program needs to start is named too. */
export function missingCalls(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  if (!server.systemCalls.exact && server.systemCalls.denied.length === 0) return [];
  const granted = new Set(server.systemCalls.allow.map((grant) => grant.name));
  const origin = server.systemCalls.denied[0]?.origin ?? server.systemCalls.allow[0]?.origins[0];
  return needs(server).flatMap(({ purpose, calls }) => {
    const missing = calls.filter((call) => !granted.has(call));
    if (missing.length === 0) return [];
    const named = missing.map((call) => `\`${call}\``).join(", ");
    return [
      e.missingCalls.report({ calls: named, purpose }, { at: spanOf(input, origin), server: server.name }),
    ];
  });
}

/** Clauses about Linux, when macOS is all that is compiled for. */
export function linuxOnly(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  if (input.platforms.includes("linux")) return [];
  const origins = new Set([
    ...server.systemCalls.allow.flatMap((grant) => grant.origins),
    ...server.systemCalls.denied.map((denied) => denied.origin),
  ]);
  return [...origins]
    .sort((a, b) => a - b)
    .flatMap((origin) => {
      const at = spanOf(input, origin);
      const clause = input.ir.clauses[origin]?.text ?? "";
      if (!at || !clause.startsWith("syscalls")) return [];
      return [e.linuxOnly.report({ clause: "syscalls" }, { at, server: server.name })];
    });
}
