/** Checks of a unit's settings, limits, commands and environment. */
import { atLeast } from "../../src/policy/environment.ts";
import { directives } from "../../src/targets/systemd/directives.ts";
import type { Check } from "../support/outputs.ts";
import { execWords } from "../support/parse-unit.ts";
import { admitted, bare, everyService, words } from "./systemd-service.ts";
import { firstOf } from "./trap.ts";

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
