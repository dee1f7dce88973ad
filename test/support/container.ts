/**
 * What a container is started with, read back from the compose file and from the `docker run` form into one shape, so
 * that a check holds of both. An option that is not known here is an error: nothing goes by unread.
 */
import { parse as parseYaml } from "yaml";
import { fileOf, type Output } from "./outputs.ts";

/** A mount that is not a tmpfs. */
export interface ReadMount {
  readonly type: "bind" | "volume";
  readonly target: string;
  readonly source: string | undefined;
  /** Read-only by the mount's own flag, not by an option of its volume. */
  readonly readOnly: boolean;
  readonly nonRecursive: boolean;
  readonly propagation: string | undefined;
  readonly createsHostPath: boolean;
  readonly copiesUp: boolean;
  readonly driver: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** A tmpfs and its options. */
export interface ReadTmpfs {
  readonly target: string;
  readonly options: readonly string[];
}

/** A container. */
export interface Container {
  readonly form: "compose" | "run";
  readonly image: string;
  readonly entrypoint: readonly string[] | undefined;
  readonly user: string | undefined;
  readonly network: string | undefined;
  readonly ports: readonly string[];
  readonly readOnly: boolean;
  readonly privileged: boolean;
  readonly init: boolean;
  readonly capDrop: readonly string[];
  readonly securityOptions: readonly string[];
  readonly ipc: string | undefined;
  readonly mounts: readonly ReadMount[];
  readonly tmpfs: readonly ReadTmpfs[];
  readonly environment: readonly string[];
  readonly memory: number | undefined;
  readonly memorySwap: number | undefined;
  readonly pids: number | undefined;
  readonly cpus: number | undefined;
  readonly ulimits: Readonly<Record<string, string>>;
  readonly restart: string | undefined;
  readonly removed: boolean;
  readonly interactive: boolean;
  readonly healthcheck: boolean;
  readonly logDriver: string | undefined;
}

interface ComposeVolume {
  readonly type: "bind" | "volume";
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly bind?: { readonly propagation?: string; readonly create_host_path?: boolean };
  readonly volume?: { readonly nocopy?: boolean };
}

/** The service of a compose file, as the YAML says it. */
export interface ComposeService {
  readonly image: string;
  readonly build?: Readonly<Record<string, unknown>>;
  readonly entrypoint?: readonly string[];
  readonly user?: string;
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly init?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ipc?: string;
  readonly volumes?: readonly (ComposeVolume | string)[];
  readonly tmpfs?: readonly string[];
  readonly environment?: readonly string[];
  readonly mem_limit?: number;
  readonly memswap_limit?: number;
  readonly pids_limit?: number;
  readonly cpus?: number;
  readonly ulimits?: Readonly<Record<string, number | { readonly soft: number; readonly hard: number }>>;
  readonly restart?: string;
  readonly stdin_open?: boolean;
  readonly healthcheck?: { readonly disable?: boolean };
  readonly logging?: { readonly driver?: string };
}

/** A compose file. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes?: Readonly<
    Record<
      string,
      {
        readonly name?: string;
        readonly driver?: string;
        readonly driver_opts?: Readonly<Record<string, string>>;
      }
    >
  >;
}

/** The compose file, parsed, with compose's `$$` undone. */
export function composeFile(output: Output): ComposeFile {
  const undo = (value: unknown): unknown =>
    typeof value === "string"
      ? value.replaceAll("$$", "$")
      : Array.isArray(value)
        ? value.map(undo)
        : value !== null && typeof value === "object"
          ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, undo(inner)]))
          : value;
  return undo(parseYaml(fileOf(output, "compose.yaml"))) as ComposeFile;
}

function readTmpfs(text: string): ReadTmpfs {
  const [target = "", ...options] = text.split(":");
  return { target, options: options.join(":").split(",") };
}

function composeMount(file: ComposeFile, volume: ComposeVolume | string): ReadMount {
  if (typeof volume === "string") {
    const [source, target = "", mode = ""] = volume.split(":");
    return {
      type: "bind",
      source,
      target,
      readOnly: mode.split(",").includes("ro"),
      nonRecursive: false,
      propagation: undefined,
      createsHostPath: true,
      copiesUp: true,
      driver: undefined,
      options: {},
    };
  }
  const named = volume.type === "volume" ? file.volumes?.[volume.source ?? ""] : undefined;
  return {
    type: volume.type,
    source: volume.source,
    target: volume.target,
    readOnly: volume.read_only ?? false,
    nonRecursive: false,
    propagation: volume.bind?.propagation,
    createsHostPath: volume.bind?.create_host_path ?? true,
    copiesUp: volume.volume?.nocopy !== true,
    driver: named?.driver,
    options: named?.driver_opts ?? {},
  };
}

/** The container of the compose file. */
export function composeContainer(output: Output): Container {
  const file = composeFile(output);
  const services = Object.values(file.services);
  const [service] = services;
  if (!service || services.length !== 1) throw new Error("a compose file is of one service");
  return {
    form: "compose",
    image: service.image,
    entrypoint: service.entrypoint,
    user: service.user,
    network: service.network_mode,
    ports: service.ports ?? [],
    readOnly: service.read_only ?? false,
    privileged: service.privileged ?? false,
    init: service.init ?? false,
    capDrop: service.cap_drop ?? [],
    securityOptions: service.security_opt ?? [],
    ipc: service.ipc,
    mounts: (service.volumes ?? []).map((volume) => composeMount(file, volume)),
    tmpfs: (service.tmpfs ?? []).map(readTmpfs),
    environment: service.environment ?? [],
    memory: service.mem_limit,
    memorySwap: service.memswap_limit,
    pids: service.pids_limit,
    cpus: service.cpus,
    ulimits: Object.fromEntries(
      Object.entries(service.ulimits ?? {}).map(([name, value]) => [
        name,
        typeof value === "number" ? String(value) : `${value.soft}:${value.hard}`,
      ]),
    ),
    restart: service.restart,
    removed: false,
    interactive: service.stdin_open ?? false,
    healthcheck: service.healthcheck?.disable !== true,
    logDriver: service.logging?.driver,
  };
}

/** One record of comma-separated values, RFC 4180. */
export function csvRecord(text: string): readonly string[] {
  const fields: string[] = [];
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/gy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) throw new Error(`not comma-separated values: ${text}`);
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
  }
  return fields;
}

const mountKeys: ReadonlySet<string> = new Set(
  "type src dst readonly bind-propagation bind-nonrecursive volume-driver volume-nocopy volume-opt".split(
    " ",
  ),
);

function runMount(text: string): ReadMount {
  const values = new Map<string, string>();
  const options: Record<string, string> = {};
  for (const field of csvRecord(text)) {
    const [key = "", ...rest] = field.split("=");
    const value = rest.join("=");
    if (!mountKeys.has(key)) throw new Error(`an unknown key in --mount ${text}`);
    if (key === "volume-opt") {
      const [name = "", ...of] = value.split("=");
      if (name in options) throw new Error(`${name} twice in --mount ${text}`);
      options[name] = of.join("=");
    } else if (values.has(key)) throw new Error(`${key} twice in --mount ${text}`);
    else values.set(key, rest.length === 0 ? "true" : value);
  }
  const type = values.get("type");
  if (type !== "bind" && type !== "volume") throw new Error(`--mount ${text}`);
  return {
    type,
    source: values.get("src"),
    target: values.get("dst") ?? "",
    readOnly: values.get("readonly") === "true",
    nonRecursive: values.get("bind-nonrecursive") === "true",
    propagation: values.get("bind-propagation"),
    createsHostPath: false,
    copiesUp: values.get("volume-nocopy") !== "true",
    driver: values.get("volume-driver"),
    options,
  };
}

const runOptions: ReadonlySet<string> = new Set(
  (
    "rm interactive pull network read-only cap-drop security-opt user workdir ipc log-driver no-healthcheck ulimit " +
    "memory memory-swap pids-limit cpus tmpfs publish env mount entrypoint"
  ).split(" "),
);

const switches: ReadonlySet<string> = new Set(["rm", "interactive", "read-only", "no-healthcheck"]);

/** The argv of the `docker run` form. */
export function runArgv(output: Output): readonly string[] {
  return (JSON.parse(fileOf(output, "run.json")) as { argv: readonly string[] }).argv;
}

/** The container of the `docker run` form. */
export function runContainer(output: Output): Container {
  const argv = runArgv(output);
  const options: { readonly name: string; readonly value: string }[] = [];
  let at = 2;
  while (at < argv.length && argv[at] !== "--") {
    const word = argv[at++] ?? "";
    const [, name = "", , value] = /^--([a-z-]+)(=(.*))?$/s.exec(word) ?? [];
    if (!runOptions.has(name)) throw new Error(`an unknown option: ${word}`);
    if (value !== undefined || switches.has(name)) options.push({ name, value: value ?? "true" });
    else options.push({ name, value: argv[at++] ?? "" });
  }
  const [, image = "", ...command] = argv.slice(at);
  const all = (name: string): string[] => options.filter((o) => o.name === name).map((o) => o.value);
  const one = (name: string): string | undefined => {
    const values = all(name);
    if (values.length > 1) throw new Error(`--${name} twice`);
    return values[0];
  };
  const number = (name: string): number | undefined => {
    const value = one(name);
    return value === undefined ? undefined : Number(value);
  };
  const entry = one("entrypoint");
  return {
    form: "run",
    image,
    entrypoint: entry === undefined ? undefined : [entry, ...command],
    user: one("user"),
    network: one("network"),
    ports: all("publish"),
    readOnly: one("read-only") === "true",
    privileged: false,
    init: false,
    capDrop: all("cap-drop"),
    securityOptions: all("security-opt"),
    ipc: one("ipc"),
    mounts: all("mount").map(runMount),
    tmpfs: all("tmpfs").map(readTmpfs),
    environment: all("env"),
    memory: number("memory"),
    memorySwap: number("memory-swap"),
    pids: number("pids-limit"),
    cpus: number("cpus"),
    ulimits: Object.fromEntries(all("ulimit").map((text) => text.split("=") as [string, string])),
    restart: undefined,
    removed: one("rm") === "true",
    interactive: one("interactive") === "true",
    healthcheck: one("no-healthcheck") !== "true",
    logDriver: one("log-driver"),
  };
}

/** Both containers of an output of the target docker. */
export function containersOf(output: Output): readonly Container[] {
  return [composeContainer(output), runContainer(output)];
}
