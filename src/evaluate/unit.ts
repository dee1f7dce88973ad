/**
 * A concrete reading of systemd units: one question, one answer, by walking down one path of the view or through the lines of
 * one list. It shares nothing with the lifter, so that each counterexample of the one is confirmed by the other.
 *
 * Source: systemd.syntax(7), systemd.exec(5) of release 252; src/core/namespace.c for what wins at one path.
 */

/** A text of a unit; the drop-ins follow the unit. */
export interface UnitSource {
  readonly path: string;
  readonly text: string;
}

/** The machine that a question is about. */
export interface UnitWorld {
  /** Whether something is at a path of the host: what a `-` asks. */
  readonly exists: (path: string) => boolean;
  /** Directories with nothing in them. */
  readonly empty: ReadonlySet<string>;
  /** The members of a group of system calls. */
  readonly group: (name: string) => readonly string[] | undefined;
}

/** An operation on a path of the host. */
export type UnitFileAccess = "read" | "write" | "exec";

type Lines = readonly (readonly [key: string, value: string])[];

/** Assignments of one section, in order. */
function linesIn(sources: readonly UnitSource[], wanted: string): Lines {
  const out: [string, string][] = [];
  for (const { text } of sources) {
    let section = "";
    const whole = text.replace(/^[ \t]*[#;].*\n?/gm, "").replace(/\\\n/g, " ");
    for (const line of whole.split("\n")) {
      const header = /^\s*\[(.*)\]\s*$/.exec(line);
      if (header) section = header[1] ?? "";
      const assignment = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
      if (!header && assignment && section === wanted) out.push([assignment[1] ?? "", assignment[2] ?? ""]);
    }
  }
  return out;
}

function valuesOf(lines: Lines, key: string): readonly string[] {
  const own = lines.filter(([name]) => name === key).map(([, value]) => value);
  return own.slice(own.lastIndexOf("") + 1);
}
const lastOf = (lines: Lines, key: string): string | undefined =>
  lines.findLast(([name]) => name === key)?.[1];
const isTrue = (value: string): boolean => /^(?:1|y|yes|t|true|on)$/i.test(value);
const isOn = (lines: Lines, key: string): boolean =>
  /^(?:1|y|yes|t|true|on)$/i.test(
    lines.findLast(
      ([name, value]) => name === key && /^(?:1|0|y|n|yes|no|t|f|true|false|on|off)$/i.test(value),
    )?.[1] ?? "",
  );

/** Words: quotes go, a backslash keeps what follows it. */
function split(value: string): readonly string[] {
  const out: string[] = [];
  for (const [word] of value.matchAll(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|[^\s"'\\])+/gs))
    out.push(word.replace(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/gs, "$1$2").replace(/\\(.)/gs, "$1"));
  return out;
}

interface Mounted {
  readonly at: string;
  /** Lower wins. */
  readonly rank: number;
  readonly kind: "hide" | "show" | "private" | "flags";
  readonly source?: string;
  readonly readOnly?: boolean;
  readonly noexec?: boolean;
  readonly exec?: boolean;
  /** What must be there for it to be there. */
  readonly ifExists?: string;
}

const tidy = (path: string): string | undefined => {
  if (!/^\//.test(path)) return undefined;
  const names = path.split("/").filter((n) => n !== "" && n !== ".");
  return names.includes("..") ? undefined : `/${names.join("/")}`;
};

const listRanks = {
  InaccessiblePaths: [0, {}],
  ReadOnlyPaths: [12, { readOnly: true }],
  ReadWritePaths: [13, {}],
  NoExecPaths: [14, { noexec: true }],
  ExecPaths: [15, { exec: true }],
} as const;

function fromLists(lines: Lines, root: string | undefined): readonly Mounted[] {
  const out: Mounted[] = [];
  const there = surelyThere(root);
  for (const [key, [rank, flags]] of Object.entries(listRanks))
    for (const word of valuesOf(lines, key).flatMap(split)) {
      const path = tidy(word.replace(/^-?\+?/, "").replaceAll("%%", "%"));
      if (path === undefined) continue;
      const inRoot = /^-?\+/.test(word) || root === undefined;
      const at = inRoot
        ? path
        : path === root
          ? "/"
          : path.startsWith(`${root}/`)
            ? path.slice(root.length)
            : undefined;
      if (at === undefined) continue;
      const maybe = word.startsWith("-") && !there.has(at) ? { ifExists: path } : {};
      out.push({ at, rank, kind: rank === 0 ? "hide" : "flags", ...flags, ...maybe });
    }
  return out;
}

function fromBinds(lines: Lines): readonly Mounted[] {
  return (["BindPaths", "BindReadOnlyPaths"] as const).flatMap((key) =>
    valuesOf(lines, key)
      .flatMap((value) => value.split(/(?<!\\)\s+/))
      .flatMap((item): readonly Mounted[] => {
        const parts = item
          .split(/(?<!\\):/)
          .map((part) => part.replace(/"/g, "").replace(/\\(.)/g, "$1").replaceAll("%%", "%"));
        const source = tidy((parts[0] ?? "").replace(/^-/, ""));
        const at = parts[1] === undefined ? source : tidy(parts[1]);
        if (source === undefined || at === undefined) return [];
        if (parts[2] !== undefined && !["", "rbind", "norbind"].includes(parts[2])) return [];
        const maybe = item.startsWith("-") ? { ifExists: source } : {};
        return [{ at, rank: 3, kind: "show", source, readOnly: key === "BindReadOnlyPaths", ...maybe }];
      }),
  );
}

const privateDev = 7;
const inPrivateDev = 30;

const shown = (at: string, rank: number): Mounted => ({ at, rank, kind: "show", source: at });

function fromSwitches(lines: Lines, hasRoot: boolean): readonly Mounted[] {
  const dynamic = isOn(lines, "DynamicUser");
  const system = dynamic ? "strict" : (lastOf(lines, "ProtectSystem") ?? "");
  const home = lastOf(lines, "ProtectHome") ?? "";
  const homes = ["/home", "/root", "/run/user"];
  const out: Mounted[] = [];
  const flags = (at: string, rank: number, more: Partial<Mounted> = {}): number =>
    out.push({ at, rank, kind: "flags", ...more });
  const readOnly = (at: string): number => flags(at, 12, { readOnly: true });
  const hide = (at: string): number => out.push({ at, rank: 0, kind: "hide" });
  if (system === "strict") {
    readOnly("/");
    for (const at of ["/proc", "/sys", "/dev", ...homes]) flags(at, 20);
  } else if (isTrue(system) || system === "full")
    for (const at of [
      "/usr",
      "/boot",
      "/efi",
      "/lib",
      "/lib64",
      "/bin",
      "/sbin",
      ...(system === "full" ? ["/etc"] : []),
    ])
      readOnly(at);
  if (isTrue(home)) for (const at of homes) hide(at);
  else if (home === "tmpfs")
    for (const at of homes) out.push({ at, rank: 16, kind: "private", readOnly: true });
  else if (home === "read-only" || dynamic) for (const at of homes) readOnly(at);
  if (isOn(lines, "PrivateTmp") || dynamic)
    for (const at of ["/tmp", "/var/tmp"]) out.push({ at, rank: 5, kind: "private" });
  const api = lastOf(lines, "MountAPIVFS") === undefined ? hasRoot : isOn(lines, "MountAPIVFS");
  if (isOn(lines, "PrivateDevices")) {
    out.push({ at: "/dev", rank: privateDev, kind: "private" });
    for (const name of [
      "null",
      "zero",
      "full",
      "random",
      "urandom",
      "tty",
      "ptmx",
      "pts",
      "shm",
      "mqueue",
      "hugepages",
    ])
      out.push(shown(`/dev/${name}`, inPrivateDev));
  } else if (api) out.push(shown("/dev", 8));
  if (api) out.push(shown("/proc", 11), shown("/sys", 10), { at: "/run", rank: 17, kind: "private" });
  if (isOn(lines, "ProtectKernelTunables")) {
    for (const at of ["acpi", "bus", "fs", "irq", "mtrr", "scsi", "sys", "sysrq-trigger"])
      readOnly(`/proc/${at}`);
    readOnly("/sys");
    hide("/proc/kallsyms");
    hide("/proc/kcore");
  }
  if (isOn(lines, "ProtectKernelLogs")) for (const at of ["/proc/kmsg", "/dev/kmsg"]) hide(at);
  if (isOn(lines, "ProtectControlGroups")) readOnly("/sys/fs/cgroup");
  for (const word of valuesOf(lines, "TemporaryFileSystem").flatMap(split)) {
    const at = tidy(word.split(":")[0] ?? "");
    if (at !== undefined) out.push({ at, rank: 16, kind: "private", readOnly: /[:,]ro(?:,|$)/.test(word) });
  }
  return out;
}

interface Standing {
  /** What of the host is here; undefined for something private. */
  readonly host: string | undefined;
  readonly write: boolean;
  readonly exec: boolean;
}

/** What may stand at a path of the view: nothing when it is hidden, several where binds of one path have no order. */
function standing(view: string, mounts: readonly Mounted[], root: Standing): readonly Standing[] {
  const names = view.split("/").filter((name) => name !== "");
  let here: readonly Standing[] = [root];
  for (let count = 0; count <= names.length; count++) {
    const at = `/${names.slice(0, count).join("/")}`;
    if (count > 0)
      here = here.map((h) =>
        h.host === undefined ? h : { ...h, host: `${h.host === "/" ? "" : h.host}/${names[count - 1]}` },
      );
    // What the private /dev holds is there before anything is laid over it.
    const held = mounts.find((m) => m.at === at && m.rank === inPrivateDev);
    if (held) here = [{ host: held.source, write: true, exec: true }];
    const own = mounts.filter((m) => m.at === at && m.rank !== inPrivateDev);
    if (own.length === 0) continue;
    const rank = Math.min(...own.map((m) => m.rank));
    const best = own.filter((m) => m.rank === rank);
    if (best.some((m) => m.kind === "hide")) return [];
    const write = !own.some((m) => m.readOnly);
    const exec = !own.some((m) => m.noexec) || own.some((m) => m.exec);
    here = here.flatMap(({ host }) =>
      best.map(({ kind, source }) => ({
        host: kind === "flags" ? host : kind === "show" ? source : undefined,
        write,
        exec,
      })),
    );
  }
  return here;
}

/** What is there whatever the machine has, in the view of a unit. */
function surelyThere(root: string | undefined): ReadonlySet<string> {
  const own = "/ /dev /dev/shm /dev/mqueue /dev/hugepages /dev/pts /proc /run /sys /tmp /var/tmp".split(" ");
  return new Set([...own, ...(root === undefined ? ["/etc", "/home", "/root", "/usr", "/var"] : [])]);
}

const runsOutside = (lines: Lines): boolean =>
  lines.some(([key, value]) => /^Exec[A-Z]/.test(key) && !/Paths$/.test(key) && /^[@\-:|]*[+!]/.test(value));

/** Whether a program of a unit may do something with a path of the host. */
export function unitPermitsFile(
  sources: readonly UnitSource[],
  world: UnitWorld,
  access: UnitFileAccess,
  path: string,
): boolean {
  const lines = linesIn(sources, "Service");
  if (runsOutside(lines)) return true;
  const directory = tidy(lastOf(lines, "RootDirectory") ?? "");
  const root = directory === "/" ? undefined : directory;
  const all = [...fromLists(lines, root), ...fromBinds(lines), ...fromSwitches(lines, root !== undefined)];
  const there = all.filter((m) => m.ifExists === undefined || world.exists(m.ifExists));
  // Another mount at /dev takes the place of the private one, with all that it would hold.
  const isPrivate = !there.some((m) => m.at === "/dev" && m.rank < privateDev);
  const mounts = there.filter((m) => isPrivate || m.rank !== inPrivateDev);
  const start: Standing = {
    host: root === undefined ? "/" : world.empty.has(root) ? undefined : root,
    write: true,
    exec: true,
  };
  const places = [
    { at: "/", source: start.host },
    ...mounts.filter((m) => m.kind === "show").map(({ at, source }) => ({ at, source })),
  ];
  return places.some(({ at, source }) => {
    if (source === undefined) return false;
    const rest =
      path === source
        ? ""
        : source === "/"
          ? path
          : path.startsWith(`${source}/`)
            ? path.slice(source.length)
            : undefined;
    if (rest === undefined) return false;
    const found = standing(at === "/" ? rest || "/" : at + rest, mounts, start);
    return found.some(({ host, ...may }) => host === path && (access === "read" || may[access]));
  });
}

/** Whether a variable may reach a program of a unit that sets what it has, beside what systemd adds. */
export function unitPermitsVariable(sources: readonly UnitSource[], name: string): boolean {
  const lines = linesIn(sources, "Service");
  if (runsOutside(lines) || valuesOf(lines, "EnvironmentFile").length > 0) return true;
  const set = valuesOf(lines, "Environment")
    .flatMap(split)
    .some((word) => word.startsWith(`${name}=`));
  const passed = valuesOf(lines, "PassEnvironment").flatMap(split).includes(name);
  const unset = valuesOf(lines, "UnsetEnvironment").flatMap(split).includes(name);
  return !unset && (set || passed || systemdAdds(lines, name));
}

function systemdAdds(lines: Lines, name: string): boolean {
  if (/^(?:USER|LOGNAME|HOME|SHELL)$/.test(name))
    return isOn(lines, "DynamicUser") || Boolean(lastOf(lines, "User"));
  if (/^(?:NOTIFY_SOCKET|WATCHDOG_PID|WATCHDOG_USEC)$/.test(name)) {
    const type = lastOf(lines, "Type") ?? "";
    return type === "" || type.startsWith("notify") || lastOf(lines, "WatchdogSec") !== undefined;
  }
  return systemdSets.has(name);
}

const systemdSets: ReadonlySet<string> = new Set(
  "PATH LANG INVOCATION_ID SYSTEMD_EXEC_PID JOURNAL_STREAM TERM LISTEN_FDS LISTEN_PID LISTEN_FDNAMES MANAGERPID REMOTE_ADDR REMOTE_PORT".split(
    " ",
  ),
);

/** Whether the native filter of a unit lets a system call through, with some arguments. */
export function unitPermitsCall(sources: readonly UnitSource[], world: UnitWorld, name: string): boolean {
  const lines = linesIn(sources, "Service");
  const filters = valuesOf(lines, "SystemCallFilter");
  const [first] = filters;
  if (first === undefined || runsOutside(lines)) return true;
  const isDenyList = first.startsWith("~");
  const holds = (word: string): boolean =>
    word.startsWith("@") ? (world.group(word)?.includes(name) ?? false) : word.split(":")[0] === name;
  let permitted = isDenyList || (world.group("@default")?.includes(name) ?? false);
  for (const filter of filters) {
    const words = split(filter.replace(/^~/, ""));
    const counted = filter.startsWith("~") ? words : words.filter((word) => !word.includes(":"));
    if (counted.some(holds)) permitted = !filter.startsWith("~");
  }
  return permitted;
}
