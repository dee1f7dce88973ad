/** Checks of what a service runs under: units, drop-ins and the `systemd-run` form. */
import { systemCalls } from "../../src/linux/index.ts";
import { atLeast } from "../../src/targets/environment.ts";
import { directives } from "../../src/targets/systemd/directives.ts";
import { isKnownToSystemd } from "../../src/targets/systemd/settings.ts";
import { type Check, fileOf, type Output } from "../support/outputs.ts";
import { execWords, unitSettings } from "../support/parse-unit.ts";
import { admits, firstOf } from "./trap.ts";

/** A setting, in the order of the file. */
interface Setting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** One way to run the server, with its settings. */
export interface Service {
  readonly form: "unit" | "drop-in" | "systemd-run";
  readonly settings: readonly Setting[];
  /** All values of a list, after the last empty one that resets it. */
  readonly list: (key: string) => readonly string[];
  /** The value that counts of a setting that is no list. */
  readonly value: (key: string) => string | undefined;
}

function serviceOf(form: Service["form"], settings: readonly Setting[]): Service {
  const list = (key: string): readonly string[] => {
    const values = settings.filter((s) => s.key === key).map((s) => s.value);
    return values.slice(values.lastIndexOf("") + 1);
  };
  return { form, settings, list, value: (key) => settings.filter((s) => s.key === key).at(-1)?.value };
}

const mainFiles = ["mcp-fs@.service", "mcp-fs.service", "fs.service.d/50-mcpc.conf"];

/** The path of the file that confines the server. */
export function mainFile(output: Output): string {
  return mainFiles.find((path) => output.files.has(path)) ?? "";
}

function runSettings(text: string): readonly Setting[] {
  const { argv } = JSON.parse(text) as { argv: readonly string[] };
  return argv.slice(0, argv.indexOf("--")).flatMap((word) => {
    const [, key, value] = /^--property=(\w+)=(.*)$/s.exec(word) ?? [];
    if (key === undefined || value === undefined) return [];
    return [{ section: directives.get(key)?.section ?? "", key, value }];
  });
}

/** Every way to run the server that was emitted. */
export function servicesOf(output: Output): readonly Service[] {
  const path = mainFile(output);
  const unit = serviceOf(
    path.endsWith(".conf") ? "drop-in" : "unit",
    unitSettings(fileOf(output, path)).settings,
  );
  const run = output.files.get("run.json");
  return [unit, ...(run === undefined ? [] : [serviceOf("systemd-run", runSettings(run))])];
}

/** A check of each way to run the server. */
export function everyService(
  problem: (service: Service, output: Output) => string | false | undefined,
): Check {
  return (output) => {
    try {
      return firstOf(servicesOf(output), (service) => {
        const found = problem(service, output);
        return found ? `${service.form}: ${found}` : undefined;
      });
    } catch (error) {
      return String(error);
    }
  };
}

const admitted = (output: Output, dimension: string, words: RegExp): boolean =>
  admits(fileOf(output, mainFile(output)), dimension, words);

const words = (service: Service, key: string): readonly string[] =>
  service.list(key).flatMap((value) => execWords(value));

/** Source, destination and options of the binds of a list. */
function binds(service: Service, key: string): readonly (readonly string[])[] {
  return service.list(key).map((value) => execWords(value, ":"));
}

const bare = (path: string): string => path.replace(/^-?\+?/, "");

/** The root is an empty directory, and nothing lies over it. */
export const rootIsEmpty = everyService((service, { server }) => {
  if (service.value("RootDirectory") !== `/run/mcpc/${server.name}`) return "the root is the host's";
  if (service.value("MountAPIVFS") !== "yes") return "no /proc of its own";
  if (service.value("RootImage")) return "the root is an image's";
  const over = service.list("TemporaryFileSystem").map((value) => value.split(":")[0]);
  return over.find((path) => path !== "/mcp-tmp") && `a tmpfs at ${over}`;
});

const pathLists = ["NoExecPaths", "ExecPaths", "InaccessiblePaths", "ReadOnlyPaths", "ReadWritePaths"];

/** Lists of paths are relative to the new root. */
export const pathsAreInTheRoot = everyService((service) =>
  firstOf(pathLists, (key) => {
    const outside = words(service, key).find((path) => !/^-?\+\//.test(path));
    return outside && `${key}=${outside} means the host's path`;
  }),
);

/** Everything that is mounted is noexec by name, unless it is granted to be executed. */
export const everyMountIsNoexec = everyService((service, { server }) => {
  const noexec = words(service, "NoExecPaths").map(bare);
  if (!noexec.includes("/")) return "the root is executable";
  const exec = words(service, "ExecPaths").map(bare);
  const granted = (path: string): boolean =>
    server.files.grants.some(
      (g) => g.access.includes("exec") && (g.path === path || path.startsWith(`${g.path}/`)),
    );
  const wrong = exec.find((path) => !granted(path));
  if (wrong !== undefined) return `${wrong} is executable`;
  const sockets = new Set(server.unix.map(({ path }) => path));
  const targets = [...binds(service, "BindPaths"), ...binds(service, "BindReadOnlyPaths")].map(
    (b) => b[1] ?? "",
  );
  const open = targets.find((path) => !sockets.has(path) && !noexec.includes(path) && !exec.includes(path));
  if (open !== undefined) return `${open} is mounted, and not noexec`;
  const tmpfs = service.list("TemporaryFileSystem").find((value) => !/[:,]noexec(?:,|$)/.test(value));
  if (tmpfs !== undefined) return `${tmpfs} is executable`;
  const hidden = words(service, "InaccessiblePaths").map(bare);
  return firstOf(["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"], (path) =>
    hidden.includes(path) ? undefined : `${path} is writable and executable`,
  );
});

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

/** What may be written is what the policy grants. */
export const nothingElseIsWritable = everyService((service, { server }) => {
  const fixed = { ProtectSystem: "strict", PrivateDevices: "yes", DevicePolicy: "closed", PrivateIPC: "yes" };
  const loose = Object.entries(fixed).find(([key, value]) => service.value(key) !== value);
  if (loose) return `${loose[0]}= is not ${loose[1]}`;
  const owned = ["StateDirectory", "CacheDirectory", "LogsDirectory", "RuntimeDirectory", "DeviceAllow"];
  const given = owned.find((key) => service.list(key).length > 0);
  if (given !== undefined) return `${given}= gives something of its own`;
  const targets = binds(service, "BindPaths").map((b) => b[1] ?? "");
  return targets.find(
    (path) =>
      !server.files.grants.some(
        (g) => g.access.includes("write") && (g.path === path || path.startsWith(`${g.path}/`)),
      ),
  );
});

const vocabulary: Readonly<Record<string, RegExp>> = {
  DevicePolicy: /^closed$/,
  KeyringMode: /^private$/,
  ProcSubset: /^pid$/,
  ProtectHome: /^(?:yes|no)$/,
  ProtectProc: /^invisible$/,
  ProtectSystem: /^strict$/,
  RestrictAddressFamilies: /^(?:none|AF_[A-Z0-9]+(?: AF_[A-Z0-9]+)*|)$/,
  Type: /^(?:exec|simple)$/,
  SystemCallArchitectures: /^(?:native|)$/,
  TasksMax: /^[1-9]\d*$/,
  MemoryMax: /^[1-9]\d*$/,
  MemorySwapMax: /^0$/,
  CPUQuota: /^[1-9]\d*%$/,
  RuntimeMaxSec: /^[1-9]\d*ms$/,
  LimitNOFILE: /^[1-9]\d*$/,
  UMask: /^0077$/,
};

/** Every key is known, in its section, to this release; every value is one that is not ignored; every path normal. */
export const everySettingIsRead = everyService((service, { environment }) =>
  firstOf(service.settings, ({ section, key, value }) => {
    const known = directives.get(key);
    if (known?.section !== section) return `${key}= is ignored in [${section}]`;
    if (!atLeast(environment.systemd, known.since))
      return `${key}= is newer than ${environment.systemd.major}`;
    const isSwitch =
      /^(?:Private(?!Users)|Protect(?!System|Proc|Home)|Restrict(?!Addr)|Lock|NoNew|Remove|Dynamic|MountAPI)/;
    const pattern = vocabulary[key] ?? (isSwitch.test(key) ? /^(?:yes|no)$/ : undefined);
    if (pattern && !pattern.test(value)) return `${key}=${value} is ignored`;
    if (!/(?:Paths|Directory)$/.test(key) || value === "") return undefined;
    const paths = /^Bind/.test(key)
      ? execWords(value, ":").slice(0, 2)
      : key.endsWith("Paths")
        ? execWords(value)
        : [value];
    const odd = paths
      .map(bare)
      .find((path) => !path.startsWith("/") || /\/\.{0,2}(?:\/|$)/.test(path.slice(0, -1)));
    return odd !== undefined && `${key}=${odd} is ignored`;
  }),
);

/** Nothing is left to settings that do nothing in builds without BPF. */
export const nothingNeedsBpf = everyService((service) =>
  firstOf(["SocketBindDeny", "SocketBindAllow", "RestrictNetworkInterfaces", "RestrictFileSystems"], (key) =>
    service.settings.some((s) => s.key === key) ? `${key}= may do nothing` : undefined,
  ),
);

/** Each limit is set, and a unit whose limits would not hold does not start; addresses are not left to BPF alone. */
export const limitsAreAsserted = everyService((service, { server }) => {
  const { memory, processes, cpu, files } = server.limits;
  const number = (key: string): number | undefined => {
    const value = service.value(key);
    return value === undefined ? undefined : Number(value.replace("%", ""));
  };
  if (number("MemoryMax") !== memory?.value) return `MemoryMax=${number("MemoryMax")}`;
  if (memory && service.value("MemorySwapMax") !== "0") return "swap beside memory";
  if (number("TasksMax") !== processes?.value) return `TasksMax=${number("TasksMax")}`;
  if (number("CPUQuota") !== cpu?.value) return `CPUQuota=${number("CPUQuota")}`;
  if (number("LimitNOFILE") !== files?.value) return `LimitNOFILE=${number("LimitNOFILE")}`;
  const needed = [...(cpu ? ["cpu"] : []), ...(memory ? ["memory"] : []), ...(processes ? ["pids"] : [])];
  const asserted = words(service, "AssertControlGroupController");
  const missing = needed.filter((name) => !asserted.includes(name));
  if (missing.length > 0) return `without the controller ${missing} its limit is silently none`;
  return service.list("IPAddressDeny").length > 0 && service.value("PrivateNetwork") !== "yes"
    ? "addresses are denied by BPF alone"
    : undefined;
});

/** A limit of time is of a type that has one, starts once, and the working directory is no maybe. */
export const timeIsLimited = everyService((service, { server }) => {
  if (service.value("WorkingDirectory")?.startsWith("-")) return "the working directory may be /";
  const { time } = server.limits;
  if (service.value("RuntimeMaxSec") !== (time && `${time.value}ms`)) return "another time";
  if (!time) return undefined;
  const type = service.value("Type") ?? (service.form === "drop-in" ? "the unit's own type" : "simple");
  if (!["exec", "simple"].includes(type)) return `no limit of time for ${type}`;
  const restart = service.value("Restart") ?? (service.form === "drop-in" ? "the unit's own restarts" : "no");
  return restart === "no" ? undefined : `time begins again: ${restart}`;
});

/** Sockets of the file system are seen only where the policy names them, and their family only if it names one. */
export const hostSocketsAreHidden = everyService((service, { server }) => {
  const families = words(service, "RestrictAddressFamilies");
  if (families.length === 0) return "every family of sockets";
  if (families.includes("AF_UNIX") !== server.unix.length > 0) return `the families ${families}`;
  const granted = new Set([
    ...server.files.grants.map(({ path }) => path),
    ...server.unix.map(({ path }) => path),
    ...server.files.grants.flatMap(({ path }) =>
      server.files.denies.flatMap((d) => d.matches.map((m) => m.path)).filter((m) => m.startsWith(path)),
    ),
  ]);
  const seen = [...binds(service, "BindPaths"), ...binds(service, "BindReadOnlyPaths")].map(
    (b) => b[1] ?? "",
  );
  const odd = seen.find(
    (path) => ![...granted].some((g) => path === g || g.startsWith(`${path}/`) || path.startsWith(`${g}/`)),
  );
  if (odd !== undefined) return `${odd} is seen`;
  if (seen.some((path) => /^\/(?:var\/)?run(?:\/(?:systemd|dbus).*)?$/.test(path)))
    return "the manager's sockets";
  const named = new Set(server.unix.map(({ path }) => path));
  const hidden = words(service, "InaccessiblePaths").map(bare);
  return server.files.sockets.find(
    (path) => !named.has(path) && !hidden.some((h) => path === h || path.startsWith(`${h}/`)),
  );
});

/** Commands run inside; a drop-in says that it can't know. */
export const commandsRunInside: Check = (output) =>
  everyService((service) => {
    const commands = service.settings.filter((s) => /^Exec(?:Start|Stop|Reload|Condition)/.test(s.key));
    const outside = commands.find((s) => !/^:?["/]/.test(s.value));
    if (outside) return `${outside.key}=${outside.value}`;
    if (service.form === "drop-in" && !admitted(output, "isolation", /prefix `\+`/))
      return "nobody says what the unit may do";
    return service.form === "unit" && commands.length !== 1 ? "not one command" : undefined;
  })(output);

/** Only what the manager itself would mount is masked where it exists; what is granted must be there. */
export const missingPathsFail = everyService((service) => {
  const own = new Set(["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/dev/hugepages"]);
  const lists = [...pathLists.flatMap((key) => words(service, key))];
  const maybe = lists.find((path) => path.startsWith("-") && !own.has(bare(path)));
  if (maybe !== undefined) return `${maybe} is left out when it is missing`;
  const bound = [...service.list("BindPaths"), ...service.list("BindReadOnlyPaths")];
  return (
    bound.find((value) => value.startsWith("-")) ??
    (/^-/.test(service.value("EnvironmentFile") ?? "") && "a file")
  );
});

/** W^X only where the runtime lives with it, and a filter in either case. */
export const writeXorExecuteFits = everyService((service, { server }) => {
  const wanted = server.runtime.name === "python" ? "yes" : "no";
  if (service.value("MemoryDenyWriteExecute") !== wanted)
    return "V8 is killed, or CPython could do with more";
  return readFilter(service.list("SystemCallFilter")).kind === "allow" ? undefined : "no filter";
});

/** Other processes can't be seen or signalled, or the header says that they can be. */
export const processesAreApart: Check = (output) =>
  everyService((service, { server, environment }) => {
    if (service.value("ProtectProc") !== "invisible" || service.value("PrivateUsers") !== "yes")
      return "seen";
    const has = atLeast(environment.systemd, 257);
    const isPrivate = service.value("PrivatePIDs");
    if (isPrivate !== (has ? "yes" : undefined))
      return `PrivatePIDs=${isPrivate} for ${environment.systemd.major}`;
    const fixed = service.value("DynamicUser") !== "yes";
    if (!fixed && service.value("User")) return `a fresh user that is called ${service.value("User")}`;
    if (has || !fixed) return undefined;
    const said = admitted(output, "processes.other", /same user outside/);
    return said ? undefined : `processes of ${JSON.stringify(server.user)} can be signalled`;
  })(output);

const added = [
  "LANG",
  "LOGNAME",
  "USER",
  "HOME",
  "SHELL",
  "INVOCATION_ID",
  "SYSTEMD_EXEC_PID",
  "JOURNAL_STREAM",
];

/** The environment is the policy's: what the manager adds is taken out, and nothing comes from files. */
export const environmentIsExact: Check = (output) =>
  everyService((service, { server }) => {
    const set = words(service, "Environment").map((word) => word.split("=")[0] ?? "");
    const passed = words(service, "PassEnvironment");
    const names = [...set, ...passed].sort().join();
    const wanted = server.environment
      .map(({ name }) => name)
      .sort()
      .join();
    if (names !== wanted) return `variables ${names}, not ${wanted}`;
    const unset = words(service, "UnsetEnvironment");
    const kept = [...added, "PATH"].find(
      (name) => !unset.includes(name) && !set.includes(name) && !passed.includes(name),
    );
    if (kept !== undefined) return `${kept} is added`;
    const lost = unset.find((name) => set.includes(name) || passed.includes(name));
    if (lost !== undefined) return `${lost} is granted, and taken out`;
    if (service.list("EnvironmentFile").length > 0) return "variables from a file";
    const resets = service.settings.some((s) => s.key === "EnvironmentFile" && s.value === "");
    if (service.form === "drop-in" && !resets) return "the unit's own files of variables";
    return admitted(output, "env", /manager adds no variables/)
      ? undefined
      : "nobody says what the manager adds";
  })(output);

/** A drop-in begins each list anew. */
export const dropInResets = everyService((service) => {
  if (service.form !== "drop-in") return undefined;
  const repeated =
    /^(?:Bind|NoExec|Exec|Inaccessible|Read|Temporary|SystemCall(?:Filter|Arch)|Restrict(?:Addr)|Environment|Pass|Unset|Capability|Ambient|Supplementary|IPAddress|State|Cache|Logs|Runtime(?:Dir)|Configuration|Load|SetCred|Mount(?:Images)|Extension|Device(?:Allow)|Network|User|Group|RootImage|PAM)/;
  const lists = [...directives].filter(
    ([name, { section, since }]) =>
      section === "Service" && since <= 247 && repeated.test(name) && name !== "ExecStart",
  );
  return firstOf(lists, ([name]) => {
    const first = service.settings.find((s) => s.key === name);
    return first?.value === "" ? undefined : `${name}= adds to the unit's own`;
  });
});
