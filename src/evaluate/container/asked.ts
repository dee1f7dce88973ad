/** What docker is asked for by a compose file or a command line, read tolerantly and one option at a time. */
import { parse } from "yaml";

/** A mount as it was asked for. */
export interface AskedMount {
  readonly at: string;
  /** A path of the host; absent for storage of the container's own. */
  readonly source?: string;
  readonly readOnly: boolean;
  readonly noexec: boolean;
  readonly bytes?: number;
}

/** A container as it was asked for. */
export interface Asked {
  readonly mounts: readonly AskedMount[];
  readonly lists: Readonly<
    Record<"capAdd" | "capDrop" | "security" | "devices" | "environment", readonly string[]>
  >;
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly on: ReadonlySet<string>;
  readonly build?: { readonly context: string; readonly dockerfile: string };
}

/** Where a container is started. */
export interface ContainerWorld {
  readonly directory: string;
  readonly read: (path: string) => string | undefined;
}

/** A text that asks for a container. */
export type ContainerForm =
  | { readonly kind: "compose"; readonly text: string }
  /** `build` is how its image was built, where that is known. */
  | { readonly kind: "run"; readonly argv: readonly string[]; readonly build?: Asked["build"] };

/** An absolute path, tidied. */
export function tidy(path: string, directory: string): string {
  const names: string[] = [];
  for (const name of (path.startsWith("/") ? path : `${directory}/${path}`).split("/"))
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  return `/${names.join("/")}`;
}

/** Bytes of a size with a unit. */
export function sizeIn(text: string): number {
  const [, number = "", unit = ""] = /^(-?[\d.]+) ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  return number === "" ? Number.NaN : Number(number) * 1024 ** " kmgtp".indexOf(unit.toLowerCase() || " ");
}

function tmpfs(text: string): AskedMount {
  const [, at = "", options = ""] = /^([^:]*):?(.*)$/s.exec(text) ?? [];
  const words = options.split(",");
  const size = words.findLast((word) => word.startsWith("size="));
  const bytes = size === undefined ? 0 : sizeIn(size.slice(5));
  return {
    at: tidy(at, "/"),
    readOnly: words.findLast((word) => word === "ro" || word === "rw") === "ro",
    noexec: true,
    ...(bytes > 0 && { bytes }),
  };
}

type Options = Readonly<Record<string, string>>;

function volume(at: string, readOnly: boolean, options: Options, name: string | undefined): AskedMount {
  if (options.o === undefined) {
    const source = name === undefined ? {} : { source: `/var/lib/docker/volumes/${name}/_data` };
    return { at: tidy(at, "/"), ...source, readOnly, noexec: false };
  }
  const flags = options.o.split(",");
  const isReadOnly = flags.findLast((f) => f === "ro" || f === "rw") === "ro";
  const isNoexec = flags.findLast((f) => f === "noexec" || f === "exec") === "noexec";
  return {
    at: tidy(at, "/"),
    source: options.device ?? "/",
    readOnly: readOnly || isReadOnly,
    noexec: isNoexec && isReadOnly && !readOnly,
  };
}

function short(
  text: string,
  { directory }: ContainerWorld,
  named: (name: string) => readonly [string, Options],
): AskedMount {
  const [first = "", at = first, modes = ""] = text.split(":");
  const readOnly = modes.split(",").includes("ro");
  if (!text.includes(":")) return volume(at, false, {}, undefined);
  if (/^[/.~]/.test(first))
    return { at: tidy(at, "/"), source: tidy(first, directory), readOnly, noexec: false };
  const [name, options] = named(first);
  return volume(at, readOnly, options, name);
}

function longMount(text: string, { directory }: ContainerWorld): AskedMount {
  const keys: Record<string, string> = {};
  const options: Record<string, string> = {};
  for (const [, quoted, bare] of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    const [key = "", value = "true"] = (quoted?.replaceAll('""', '"') ?? bare ?? "").split(/=(.*)/s);
    const [option = "", of = ""] = value.split(/=(.*)/s);
    if (key === "volume-opt") options[option] = of;
    else keys[key] = value;
  }
  const at = keys.target ?? keys.dst ?? keys.destination ?? "/";
  const source = keys.source ?? keys.src;
  const readOnly = /^(?:1|t|true)$/i.test(keys.readonly ?? keys.ro ?? "");
  if (keys.type === "bind")
    return { at: tidy(at, "/"), source: tidy(source ?? "/", directory), readOnly, noexec: false };
  const size = sizeIn(keys["tmpfs-size"] ?? "0");
  if (keys.type === "tmpfs")
    return { at: tidy(at, "/"), readOnly, noexec: true, ...(size > 0 && { bytes: size }) };
  return volume(at, readOnly, options, source);
}

const letters: Readonly<Record<string, string>> = {
  v: "volume",
  e: "env",
  u: "user",
  m: "memory",
  w: "workdir",
  p: "publish",
  i: "interactive",
  t: "tty",
  d: "detach",
};
const alone: ReadonlySet<string> = new Set(
  "rm interactive detach tty init read-only privileged no-healthcheck".split(" "),
);

/** Options of a command line, each with its value. */
function optionsIn(argv: readonly string[]): readonly (readonly [string, string])[] {
  const out: [string, string][] = [];
  for (let at = 2; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--" || !word.startsWith("-")) break;
    const [, long, attached] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (long !== undefined) {
      const name = long === "net" ? "network" : long;
      out.push([name, attached ?? (alone.has(name) ? "true" : (argv[++at] ?? ""))]);
      continue;
    }
    const last = letters[word.at(-1) ?? ""] ?? "";
    for (const letter of word.slice(1, -1)) out.push([letters[letter] ?? "", "true"]);
    out.push([last, alone.has(last) ? "true" : (argv[++at] ?? "")]);
  }
  return out;
}

function askedByRun(argv: readonly string[], world: ContainerWorld): Asked {
  const options = optionsIn(argv);
  const all = (name: string): readonly string[] =>
    options.filter(([n]) => n === name).map(([, value]) => value);
  const limits = all("ulimit").map((text) => text.split("="));
  return {
    mounts: [
      ...all("tmpfs").map(tmpfs),
      ...all("volume").map((text) => short(text, world, (name) => [name, {}])),
      ...all("mount").map((text) => longMount(text, world)),
    ],
    lists: {
      capAdd: all("cap-add"),
      capDrop: all("cap-drop"),
      security: all("security-opt"),
      devices: all("device"),
      environment: [...all("env"), ...(all("env-file").length > 0 ? ["*"] : [])],
    },
    words: {
      ...Object.fromEntries(
        ["user", "pid", "ipc", "memory", "cpus", "shm-size"].map((name) => [name, all(name).at(-1)]),
      ),
      // In two networks it is in both.
      network: all("network").find((name) => name !== "none") ?? all("network").at(-1),
      swap: all("memory-swap").at(-1),
      processes: all("pids-limit").at(-1),
      files: limits
        .findLast(([name]) => name === "nofile")?.[1]
        ?.split(":")
        .at(-1),
    },
    on: new Set(["privileged", "read-only"].filter((name) => /^(?:1|t|true)$/i.test(all(name).at(-1) ?? ""))),
  };
}

type Loose = Readonly<Record<string, unknown>>;

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : value == null ? [] : [String(value)];

const loose = (value: unknown): Loose =>
  typeof value === "object" && value !== null ? (value as Loose) : {};

function composeMount(item: unknown, file: Loose, world: ContainerWorld): AskedMount {
  const project = world.directory.slice(world.directory.lastIndexOf("/") + 1);
  const named = (key: string): readonly [string, Options] => {
    const entry = loose(loose(file.volumes)[key]);
    return [String(entry.name ?? `${project}_${key}`), loose(entry.driver_opts) as Options];
  };
  if (typeof item === "string") return short(item, world, named);
  const { type, source, target, read_only: readOnly, tmpfs: size } = loose(item);
  const at = String(target ?? "/");
  const isReadOnly = readOnly === true;
  if (type === "bind")
    return {
      at: tidy(at, "/"),
      source: tidy(String(source), world.directory),
      readOnly: isReadOnly,
      noexec: false,
    };
  const bytes = sizeIn(String(loose(size).size ?? "0"));
  if (type === "tmpfs")
    return { at: tidy(at, "/"), readOnly: isReadOnly, noexec: true, ...(bytes > 0 && { bytes }) };
  const [name, options] = source === undefined ? [undefined, {}] : named(String(source));
  return volume(at, isReadOnly, options, name);
}

/** Undoes `$$`. */
function undone(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$$", "$");
  if (Array.isArray(value)) return value.map(undone);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, undone(inner)]));
}

function environmentIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return Object.entries(loose(value)).map(([name, text]) =>
    text == null ? name : `${name}=${String(text)}`,
  );
}

function buildIn(build: unknown, { directory }: ContainerWorld): Asked["build"] {
  if (build === undefined) return undefined;
  const context = tidy(String(typeof build === "string" ? build : (loose(build).context ?? ".")), directory);
  return { context, dockerfile: tidy(String(loose(build).dockerfile ?? "Dockerfile"), context) };
}

function askedByCompose(text: string, world: ContainerWorld): Asked {
  const file = loose(undone(parse(text, { merge: true })));
  const service = loose(Object.values(loose(file.services))[0]);
  const word = (key: string): string | undefined => (service[key] == null ? undefined : String(service[key]));
  const nofile = loose(service.ulimits).nofile;
  const most = loose(loose(loose(service.deploy).resources).limits);
  const either = (key: string, other: string): string | undefined =>
    word(key) ?? (most[other] == null ? undefined : String(most[other]));
  const build = buildIn(service.build, world);
  return {
    mounts: [
      ...textsIn(service.tmpfs).map(tmpfs),
      ...(Array.isArray(service.volumes) ? service.volumes : []).map((item) =>
        composeMount(item, file, world),
      ),
    ],
    lists: {
      capAdd: textsIn(service.cap_add),
      capDrop: textsIn(service.cap_drop),
      security: textsIn(service.security_opt),
      devices: textsIn(service.devices),
      environment: [...environmentIn(service.environment), ...(service.env_file === undefined ? [] : ["*"])],
    },
    words: {
      user: word("user"),
      network: word("network_mode"),
      pid: word("pid"),
      ipc: word("ipc"),
      memory: either("mem_limit", "memory"),
      swap: word("memswap_limit"),
      processes: either("pids_limit", "pids"),
      cpus: either("cpus", "cpus"),
      "shm-size": word("shm_size"),
      files: nofile === undefined ? undefined : String(loose(nofile).hard ?? nofile),
    },
    on: new Set([
      ...(service.privileged === true ? ["privileged"] : []),
      ...(service.read_only === true ? ["read-only"] : []),
    ]),
    ...(build && { build }),
  };
}

const answered = new WeakMap<ContainerForm, Asked>();

/** What a form asks for: each is read once, in the world that it is first asked about. */
export function askedBy(form: ContainerForm, world: ContainerWorld): Asked {
  const known = answered.get(form);
  if (known) return known;
  const asked =
    form.kind === "run"
      ? { ...askedByRun(form.argv, world), ...(form.build && { build: form.build }) }
      : askedByCompose(form.text, world);
  answered.set(form, asked);
  return asked;
}
