/** Settings that follow from the policy, and those that always stand. */

import { systemCall } from "../../linux/index.ts";
import { atLeast } from "../../policy/environment.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { inetFamilies } from "../shared/families.ts";
import { acceptsOpenNetwork } from "../shared/network.ts";
import type { TargetContext } from "../target.ts";
import { unitLinePath, unitWord } from "./escape.ts";
import { type SettingWriter, temporaryDirectory } from "./files.ts";

/** What systemd puts into every environment (systemd.exec(5), "Environment Variables in Spawned Processes"). */
const ambient = [
  "CREDENTIALS_DIRECTORY",
  "EXIT_CODE",
  "EXIT_STATUS",
  "FDSTORE",
  "HOME",
  "INVOCATION_ID",
  "JOURNAL_STREAM",
  "LANG",
  "LISTEN_FDNAMES",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LOGNAME",
  "LOG_NAMESPACE",
  "MAINPID",
  "MANAGERPID",
  "MEMORY_PRESSURE_WATCH",
  "MEMORY_PRESSURE_WRITE",
  "MONITOR_EXIT_CODE",
  "MONITOR_EXIT_STATUS",
  "MONITOR_INVOCATION_ID",
  "MONITOR_SERVICE_RESULT",
  "MONITOR_UNIT",
  "NOTIFY_SOCKET",
  "PATH",
  "PIDFILE",
  "REMOTE_ADDR",
  "REMOTE_PORT",
  "RUNTIME_DIRECTORY",
  "SERVICE_RESULT",
  "SHELL",
  "SYSTEMD_EXEC_PID",
  "TERM",
  "TMPDIR",
  "TRIGGER_PATH",
  "TRIGGER_TIMER_MONOTONIC_USEC",
  "TRIGGER_TIMER_REALTIME_USEC",
  "TRIGGER_UNIT",
  "USER",
  "WATCHDOG_PID",
  "WATCHDOG_USEC",
];

/** Environment: cleared of what systemd adds, then exactly what the policy says. */
export function writeEnvironment(server: ServerIr, writer: SettingWriter): void {
  const granted = new Set(server.environment.map(({ name }) => name));
  for (const { name, value, temporary, origin } of server.environment) {
    if (value === undefined) writer.add("PassEnvironment", name);
    else {
      const actual = temporary ? temporaryDirectory : value;
      const of = { what: `the value of \`${name}\``, text: value, origin };
      writer.addEscaped("Environment", unitWord(`${name}=${actual}`), of);
    }
  }
  const unset = ambient.filter((name) => !granted.has(name));
  if (unset.length > 0) writer.add("UnsetEnvironment", unset.join(" "));
}

/** Who runs it: a fresh user, unless files of somebody's are to be written. */
export function writeIdentity(server: ServerIr, writer: SettingWriter): void {
  const { user } = server;
  const ids = user.kind === "ids" ? user : user.kind === "any" ? user.owner : undefined;
  if (ids) {
    writer.add("User", String(ids.uid));
    writer.add("Group", String(ids.gid === 0 ? ids.uid : ids.gid));
    writer.add("DynamicUser", "no");
  } else if (user.kind === "name") {
    writer.add("User", user.name);
    writer.add("DynamicUser", "no");
  } else writer.add("DynamicUser", "yes");
  writer.add("SupplementaryGroups", "");
}

/**
 * Whether systemd's own table, which is libseccomp's, has a call: Debian 12's ends with Linux 5.17 (call 450). systemd
 * ignores other names with a warning.
 */
export function isKnownToSystemd(name: string): boolean {
  const call = systemCall(name);
  const number = call && Math.max(...Object.values(call.numbers));
  return (
    call !== undefined &&
    number !== undefined &&
    number <= 450 &&
    (call.since === undefined || call.since === "4.15")
  );
}

/** The filter of system calls: exactly the list. systemd adds its group `@default` to an allow-list, so it is taken out again. */
export function writeSystemCalls(server: ServerIr, writer: SettingWriter): void {
  const granted = server.systemCalls.allow.map((grant) => grant.name).filter(isKnownToSystemd);
  const names = [...new Set(["execve", ...granted])].sort();
  writer.add("SystemCallArchitectures", "native");
  writer.add("SystemCallErrorNumber", "ENOSYS");
  writer.add("SystemCallFilter", names.join(" "));
  writer.add("SystemCallFilter", "~@default");
  writer.add("SystemCallFilter", names.join(" "));
}

/** Whether the unit has the host's network: only if the policy grants connections, and accepts what comes with that. */
export function hasHostNetwork(server: ServerIr, context: TargetContext): boolean {
  return (server.network.any || server.network.connect.length > 0) && acceptsOpenNetwork(server, context);
}

/** Address families, and where packets may go. */
export function writeNetwork(server: ServerIr, context: TargetContext, writer: SettingWriter): void {
  const leadsOut = hasHostNetwork(server, context);
  writer.add("PrivateNetwork", leadsOut ? "no" : "yes");
  const families = [
    ...(server.unix.length > 0 ? ["AF_UNIX"] : []),
    // A family comes with all of its protocols, and of netlink a policy grants one.
    ...inetFamilies(server).filter((name) => name !== "AF_NETLINK" || context.accepts("syscalls.arguments")),
  ];
  writer.add("RestrictAddressFamilies", families.length === 0 ? "none" : families.join(" "));
  if (!leadsOut) writer.add("IPAddressDeny", "any");
  if (!leadsOut && (server.network.loopback || server.network.listen.length > 0))
    writer.add("IPAddressAllow", "localhost");
}

/** Limits; swap is none of the memory that is meant. */
export function writeLimits(server: ServerIr, writer: SettingWriter): void {
  const { memory, processes, files, cpu, time } = server.limits;
  writer.add("LimitCORE", "0");
  if (files) writer.add("LimitNOFILE", String(files.value));
  if (memory) {
    writer.add("MemoryMax", String(memory.value));
    writer.add("MemorySwapMax", "0");
  }
  if (processes) writer.add("TasksMax", String(processes.value));
  if (cpu) writer.add("CPUQuota", `${cpu.value}%`);
  if (time) writer.add("RuntimeMaxSec", `${time.value}ms`);
}

/** The controllers that limits need: without one systemd would not enforce its limit, and say nothing. */
export function neededControllers(server: ServerIr): readonly string[] {
  const { memory, processes, cpu } = server.limits;
  return [...(cpu ? ["cpu"] : []), ...(memory ? ["memory"] : []), ...(processes ? ["pids"] : [])];
}

/** What always stands. */
export function writeHardening(server: ServerIr, context: TargetContext, writer: SettingWriter): void {
  const always: readonly (readonly [string, string])[] = [
    ["NoNewPrivileges", "yes"],
    ["CapabilityBoundingSet", ""],
    ["AmbientCapabilities", ""],
    ["PrivateUsers", "yes"],
    ["PrivateIPC", "yes"],
    ["PrivateTmp", "yes"],
    ["PrivateDevices", "yes"],
    ["DevicePolicy", "closed"],
    ["ProtectProc", "invisible"],
    ["ProcSubset", "pid"],
    ["ProtectKernelTunables", "yes"],
    ["ProtectKernelModules", "yes"],
    ["ProtectKernelLogs", "yes"],
    ["ProtectControlGroups", "yes"],
    ["ProtectClock", "yes"],
    ["ProtectHostname", "yes"],
    ["RestrictNamespaces", "yes"],
    ["RestrictRealtime", "yes"],
    ["RestrictSUIDSGID", "yes"],
    ["LockPersonality", "yes"],
    // V8 makes memory writable and executable, and is killed where it can't; CPython does not.
    ["MemoryDenyWriteExecute", server.runtime.name === "python" ? "yes" : "no"],
    ["RemoveIPC", "yes"],
    ["KeyringMode", "private"],
    ["UMask", "0077"],
  ];
  for (const [name, value] of always) writer.add(name, value);
  if (atLeast(context.environment.systemd, 257)) writer.add("PrivatePIDs", "yes");
}

/** What is started, and where. */
export function writeCommand(server: ServerIr, writer: SettingWriter): void {
  const { program } = server;
  if (!program) return;
  const argv = [program.executable ?? program.argv[0] ?? "", ...program.argv.slice(1)];
  const words = argv.map((text) => ({ text, escaped: unitWord(text) }));
  const bad = words.find(({ escaped }) => !escaped.ok);
  const joined = words.map(({ escaped }) => (escaped.ok ? escaped.value : "")).join(" ");
  const of = { what: "the word of `run`", text: bad?.text ?? "", origin: program.origin };
  const escaped = bad?.escaped.ok === false ? bad.escaped : { ok: true as const, value: joined };
  // `:` keeps systemd from replacing variables.
  writer.addEscaped("ExecStart", escaped, of, (value) => `:${value}`);
  const directory = program.workingDirectory;
  writer.addEscaped("WorkingDirectory", unitLinePath(directory), {
    what: "the working directory",
    text: directory,
    origin: program.origin,
  });
}
