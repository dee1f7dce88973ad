/**
 * Options of `docker run`: what each changes.
 *
 * Source: Docker's reference of `docker run` of release 28.2; cli/command/container/opts.go of docker/cli.
 */
import type { ContainerEnvironment } from "./environment.ts";
import { mountOption } from "./mount-option.ts";
import { ContainerError, type Draft, find, type Slice } from "./settings.ts";
import { booleanOf, bytesOf, decimalOf, wholeOf } from "./values.ts";
import { bindMount, isPath, shortVolume, tmpfsMount, volumeMount } from "./volumes.ts";

/** What an option does with its value. */
export interface RunOption {
  readonly takes: "nothing" | "value";
  /** Whether it may stand more than once, each time with a meaning. */
  readonly repeats: boolean;
  readonly read: (draft: Draft, value: string, line: number, environment: ContainerEnvironment) => void;
}

const names = (text: string): readonly string[] => text.split(" ");

/** Options that give the program nothing. */
const harmlessSwitches = names(
  "rm interactive detach init no-healthcheck sig-proxy quiet publish-all oom-kill-disable disable-content-trust",
);
const harmlessValues = names(
  "add-host attach blkio-weight blkio-weight-device cgroup-parent cidfile cpu-count cpu-percent cpu-rt-period cpu-rt-runtime cpu-shares cpuset-cpus cpuset-mems detach-keys device-read-bps device-read-iops device-write-bps device-write-iops dns dns-option dns-search domainname expose health-cmd health-interval health-retries health-start-interval health-start-period health-timeout hostname io-maxbandwidth io-maxiops ip ip6 kernel-memory label label-file link-local-ip log-opt mac-address memory-reservation memory-swappiness name network-alias oom-score-adj platform publish pull restart stop-signal stop-timeout storage-opt workdir",
);

const everywhere: readonly Slice[] = ["files", "sockets"];
/** Options that may give something which is not read here. */
const unreadValues: Readonly<Record<string, readonly Slice[]>> = {
  // Runtimes obey some, `org.systemd.property.*` (runc) among them, which set limits anew.
  annotation: ["calls", "limits", "isolation", "identity", "files", "sockets"],
  "device-cgroup-rule": everywhere,
  "env-file": ["environment"],
  gpus: everywhere,
  "group-add": ["identity"],
  isolation: ["isolation"],
  link: ["environment", "network"],
  runtime: ["calls", "limits", "isolation", "files", "sockets"],
  sysctl: ["limits", "network"],
  userns: [],
  "volume-driver": [...everywhere, "limits"],
  "volumes-from": [...everywhere, "limits"],
};

const said = (value: string, line: number) => ({ value, line });

function number(parse: (text: string) => number | undefined, text: string, line: number): number {
  const value = parse(text);
  if (value === undefined)
    throw new ContainerError(`docker refuses \`${text}\`, which is no number for it`, line);
  return value;
}

const signedBytes = (text: string): number | undefined => (text === "-1" ? -1 : bytesOf(text));

/** Adds a variable: `NAME=VALUE`, or `NAME` as it is outside. */
export function addVariable(draft: Draft, text: string, line: number): void {
  const [name = "", value] = text.split(/=(.*)/s);
  if (name === "") throw new ContainerError(`docker refuses the variable \`${text}\``, line);
  if (name.endsWith("*")) find(draft, line, `\`${text}\` passes on more than one variable`, "environment");
  draft.environment.set(name, value);
}

/** Sets a limit of `NAME=SOFT:HARD`: what a process may raise it to counts. */
export function addUlimit(draft: Draft, name: string, text: string, line: number): void {
  const values = text.split(":").map((part) => number(wholeOf, part, line));
  if (values.length > 2) throw new ContainerError(`docker refuses the limit \`${text}\``, line);
  if (name === "nofile") draft.files = values.at(-1) ?? -1;
  if (name === "msgqueue") find(draft, line, "what `msgqueue` lets a program store is not counted", "limits");
}

function addVolume(draft: Draft, text: string, line: number, environment: ContainerEnvironment): void {
  const { source, target, write } = shortVolume(text, line);
  const isBind = source !== undefined && isPath(source);
  draft.mounts.push(
    isBind
      ? bindMount(draft, { source, target, write, recursive: true }, line, environment)
      : volumeMount(
          draft,
          { target, write, options: new Map(), ...(source && { name: source }) },
          line,
          environment,
        ),
  );
}

/** The name of a network, which may have options of its own. */
function networkName(text: string): string {
  const named = text.split(",").find((field) => field.startsWith("name="));
  return text.includes("=") ? (named?.slice("name=".length) ?? text) : text;
}

const reach = (name: string): number => (name === "none" ? 0 : name === "host" ? 2 : 1);

/** Of several networks the one that reaches furthest counts: the container is in each, where docker does not refuse them. */
function addNetwork(draft: Draft, text: string, line: number): void {
  const name = networkName(text);
  const before = draft.network;
  if (before && before.value !== name) find(draft, line, "a second network: the container is in both");
  if (name.startsWith("container:")) find(draft, line, "the network is another container's", "network");
  if (!before || reach(name) > reach(before.value)) draft.network = said(name, line);
}

type Read = RunOption["read"];
const value = (read: Read, repeats = false): RunOption => ({ takes: "value", repeats, read });
const flag = (set: (draft: Draft, on: boolean, line: number) => void): RunOption => ({
  takes: "nothing",
  repeats: false,
  read: (draft, text, line) => {
    const on = booleanOf(text);
    if (on === undefined)
      throw new ContainerError(`docker refuses \`${text}\`, which is neither true nor false`, line);
    set(draft, on, line);
  },
});
const namespace = (key: "pid" | "ipc" | "uts" | "cgroup"): RunOption =>
  value((draft, text, line) => {
    draft[key] = said(text, line);
  });
const list = (key: "capAdd" | "capDrop" | "securityOptions" | "devices"): RunOption =>
  value((draft, text, line) => {
    draft[key].push(said(text, line));
  }, true);
const amount = (
  key: "memory" | "memorySwap" | "processes" | "shmBytes",
  parse: (text: string) => number | undefined,
): RunOption =>
  value((draft, text, line) => {
    draft[key] = number(parse, text, line);
  });

const read: Readonly<Record<string, RunOption>> = {
  "cap-add": list("capAdd"),
  "cap-drop": list("capDrop"),
  "security-opt": list("securityOptions"),
  device: list("devices"),
  privileged: flag((draft, on) => {
    draft.privileged = on;
  }),
  "read-only": flag((draft, on) => {
    draft.readOnly = on;
  }),
  tty: flag((draft, on) => {
    draft.terminal = on;
  }),
  "use-api-socket": flag((draft, on, line) => {
    if (on) find(draft, line, "the container is given docker's own socket", ...everywhere);
  }),
  user: value((draft, text, line) => {
    draft.user = said(text, line);
  }),
  network: value(addNetwork, true),
  pid: namespace("pid"),
  ipc: namespace("ipc"),
  uts: namespace("uts"),
  cgroupns: namespace("cgroup"),
  "log-driver": value((draft, text, line) => {
    draft.logDriver = said(text, line);
  }),
  memory: amount("memory", bytesOf),
  "memory-swap": amount("memorySwap", signedBytes),
  "shm-size": amount("shmBytes", bytesOf),
  "pids-limit": amount("processes", wholeOf),
  cpus: value((draft, text, line) => {
    draft.cpu = number(decimalOf, text, line) * 100;
  }),
  "cpu-quota": value((draft, _, line) => {
    find(draft, line, "a quota of the processor is not read here", "limits");
  }),
  "cpu-period": value((draft, _, line) => {
    find(draft, line, "a period of the processor is not read here", "limits");
  }),
  ulimit: value((draft, text, line) => {
    const [name = "", limit = ""] = text.split(/=(.*)/s);
    addUlimit(draft, name, limit, line);
  }, true),
  // Read by itself: it belongs to the command.
  entrypoint: value(() => {}),
  env: value(addVariable, true),
  volume: value(addVolume, true),
  mount: value((draft, text, line, environment) => {
    draft.mounts.push(mountOption(draft, text, line, environment));
  }, true),
  tmpfs: value((draft, text, line) => {
    draft.mounts.push(tmpfsMount(draft, text, line));
  }, true),
};

/** One letter for an option. */
export const shorthands: Readonly<Record<string, string>> = {
  a: "attach",
  c: "cpu-shares",
  d: "detach",
  e: "env",
  h: "hostname",
  i: "interactive",
  l: "label",
  m: "memory",
  p: "publish",
  P: "publish-all",
  q: "quiet",
  t: "tty",
  u: "user",
  v: "volume",
  w: "workdir",
};

const aliases: Readonly<Record<string, string>> = {
  net: "network",
  "net-alias": "network-alias",
  "dns-opt": "dns-option",
};

/** The option of a name; undefined when docker knows none. */
export function runOption(written: string): RunOption | undefined {
  const name = aliases[written] ?? written;
  const own = Object.hasOwn(read, name) ? read[name] : undefined;
  if (own) return own;
  if (harmlessSwitches.includes(name)) return { takes: "nothing", repeats: true, read: () => {} };
  if (harmlessValues.includes(name)) return value(() => {}, true);
  const slices = Object.hasOwn(unreadValues, name) ? unreadValues[name] : undefined;
  return (
    slices && value((draft, _, line) => find(draft, line, `\`--${name}\` is not read here`, ...slices), true)
  );
}
