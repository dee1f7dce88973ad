/** Checks of the filter of system calls of a unit. */
import { systemCalls } from "../../src/linux/index.ts";
import { isKnownToSystemd } from "../../src/targets/systemd/settings.ts";
import type { Check } from "../support/outputs.ts";
import { unitSettings } from "../support/parse-unit.ts";
import { everyService, mainFile } from "./systemd-service.ts";
import { firstOf } from "./trap.ts";

/** systemd's group @default (systemd 252, `systemd-analyze syscall-filter @default`). */
const defaultGroup = (
  "arch_prctl brk cacheflush clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep " +
  "clock_nanosleep_time64 execve exit exit_group futex futex_time64 futex_waitv get_robust_list get_thread_area " +
  "getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid getppid " +
  "getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getsid gettid gettimeofday getuid getuid32 " +
  "membarrier mmap mmap2 mprotect munmap nanosleep pause prlimit64 restart_syscall riscv_flush_icache " +
  "riscv_hwprobe rseq rt_sigreturn sched_getaffinity sched_yield set_robust_list set_thread_area set_tid_address " +
  "set_tls sigreturn time ugetrlimit uretprobe"
).split(" ");

type Filter =
  | { readonly kind: "none" | "deny" }
  | { readonly kind: "allow"; readonly names: ReadonlySet<string>; readonly problem?: string };

/** What systemd makes of the lines: the first decides what kind of list it is, and an allow-list begins with @default. */
export function readFilter(lines: readonly string[]): Filter {
  const [first] = lines;
  if (first === undefined) return { kind: "none" };
  if (first.startsWith("~")) return { kind: "deny" };
  const names = new Set<string>(defaultGroup);
  let problem: string | undefined;
  for (const line of lines) {
    const takes = line.startsWith("~");
    for (const name of line.replace(/^~/, "").split(" ")) {
      const meant = name === "@default" ? defaultGroup : [name];
      if (name !== "@default" && !systemCalls().has(name)) problem = `systemd ignores ${name}`;
      for (const call of meant) {
        if (takes) names.delete(call);
        else names.add(call);
      }
    }
  }
  return { kind: "allow", names, ...(problem !== undefined && { problem }) };
}

/** An allow-list, and exactly the policy's: @default is taken out, no name is ignored. */
export const filterIsExact = everyService((service, { server }) => {
  const filter = readFilter(service.list("SystemCallFilter"));
  if (filter.kind !== "allow") return `the filter is ${filter.kind === "none" ? "none" : "a deny-list"}`;
  if (filter.problem !== undefined) return filter.problem;
  if (service.value("SystemCallArchitectures") !== "native") return "other architectures' calls are open";
  if (!/^[A-Z]+$/.test(service.value("SystemCallErrorNumber") ?? "")) return "a denied call kills";
  const granted = new Set(server.systemCalls.allow.map(({ name }) => name).filter(isKnownToSystemd));
  const extra = [...filter.names].filter((name) => !granted.has(name));
  if (extra.length > 0) return `nobody granted ${extra}`;
  const missing = [...granted].filter((name) => !filter.names.has(name));
  return missing.length > 0 && `${missing} were granted`;
});

/** The sandbox of a proxy in front of a listening server has an allow-list too. */
export const proxiesAreFiltered: Check = (output) =>
  firstOf([...output.files], ([path, text]) => {
    if (!path.endsWith(".service") || path === mainFile(output)) return undefined;
    const { settings } = unitSettings(text);
    const lines = settings.filter((s) => s.key === "SystemCallFilter").map((s) => s.value);
    return lines.join() === "@system-service" ? undefined : `${path} filters ${lines}`;
  });

/** Memory files are denied. */
export const deniesMemoryFiles = everyService((service) => {
  const filter = readFilter(service.list("SystemCallFilter"));
  if (filter.kind !== "allow") return "no allow-list";
  return ["memfd_create", "memfd_secret", "execveat"].find((name) => filter.names.has(name));
});

/** W^X only where the runtime lives with it, and a filter in either case. */
export const writeXorExecuteFits = everyService((service, { server }) => {
  const wanted = server.runtime.name === "python" ? "yes" : "no";
  if (service.value("MemoryDenyWriteExecute") !== wanted)
    return "V8 is killed, or CPython could do with more";
  return readFilter(service.list("SystemCallFilter")).kind === "allow" ? undefined : "no filter";
});
