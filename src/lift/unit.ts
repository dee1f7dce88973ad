/**
 * Units of systemd, read as systemd reads them: a line that it ignores does not count, and is a finding. What a unit permits
 * is relative to a named environment.
 *
 * Source: systemd.exec(5), systemd.service(5), systemd.unit(5), systemd.resource-control(5), systemd.socket(5) of release
 * 252; systemd's sources where the pages are silent, named in the files beside this one.
 */
import type { Authority } from "../authority/authority.ts";
import { createCallDiagram } from "../authority/calls.ts";
import { ruleMachine } from "../authority/path-rules.ts";
import { type PathMachine, unionOf } from "../authority/paths.ts";
import type { Finding } from "./finding.ts";
import { local } from "./sockets.ts";
import { entriesOf, type MountContext, type Root } from "./unit/entries.ts";
import { variablesOf } from "./unit/environment.ts";
import { commandOf, commandsOutside, execKeys } from "./unit/exec.ts";
import { readFilters, unitFilter, unitMakes } from "./unit/filters.ts";
import { identityOf, isDynamic, processesOf } from "./unit/identity.ts";
import { limitsOf } from "./unit/limits.ts";
import { networkOf } from "./unit/network.ts";
import { openedFiles } from "./unit/opened.ts";
import { type Reading, simplified } from "./unit/paths.ts";
import { runUnit } from "./unit/run.ts";
import { flag, mergeSettings, type Settings, type UnitText } from "./unit/settings.ts";
import { type SocketUnit, socketOf } from "./unit/socket.ts";
import { nothing, privateBytes, viewMachine } from "./unit/view.ts";
import { resolved, specifiersOf } from "./unit/words.ts";

export type { Finding } from "./finding.ts";
export { RunError } from "./unit/run.ts";
export type { UnitText } from "./unit/settings.ts";

/** What the meaning of a unit depends on, and it does not say. */
export interface UnitEnvironment {
  /** The release of systemd. */
  readonly release: number;
  /** A user's manager can't make most of what confines. */
  readonly manager?: "system" | "user";
  /** Controllers that the machine surely has; those that a unit asserts count too. */
  readonly controllers?: ReadonlySet<string>;
  /** Whether IPAddressDeny= is obeyed: cgroup v2, and BPF. */
  readonly filtersPackets?: boolean;
  /** Directories that are surely empty: what a bundle makes to become a root. */
  readonly emptyDirectories?: ReadonlySet<string>;
  /** Paths of the host where surely something is, beside those that every system has (file-hierarchy(7)). */
  readonly present?: ReadonlySet<string>;
}

/** A unit that was read. */
export interface LiftedUnit {
  readonly authority: Authority;
  /** Lines that systemd passes over, or whose meaning is not known: the unit is not what it looks like. */
  readonly findings: readonly Finding[];
  /** What it starts, where no variable stands in it. */
  readonly command?: readonly string[];
  /** For a socket unit: who may connect. */
  readonly socket?: SocketUnit;
}

/** What systemd itself mounts, or makes to mount on. */
const mounted = "/ /dev /dev/shm /dev/mqueue /dev/hugepages /dev/pts /proc /run /sys /tmp /var/tmp".split(
  " ",
);

/** What is there on every system (file-hierarchy(7)); another root need not have it. */
const inEvery: Readonly<Record<Root["kind"], ReadonlySet<string>>> = {
  host: new Set([...mounted, "/etc", "/home", "/root", "/usr", "/var"]),
  directory: new Set(mounted),
  image: new Set(mounted),
};

/** The root of the view; undefined where it is not known which. */
function rootOf({ settings, specifiers }: Reading): Root | undefined {
  if (settings.last("RootImage") || settings.isOpen("RootImage")) return { kind: "image" };
  const at = settings.last("RootDirectory");
  if (!at) return settings.isOpen("RootDirectory") ? undefined : { kind: "host" };
  const text = resolved(at.value, specifiers);
  if (text === undefined) return undefined;
  const path = simplified(text);
  if (path === undefined)
    settings.find(at, `systemd ignores \`RootDirectory=${at.value}\`: it is no normal absolute path`);
  return path === undefined || path === "/" ? { kind: "host" } : { kind: "directory", path };
}

/** Lists that a unit, into which this is dropped, may have given something by. */
const openLists = [
  "ReadWritePaths",
  "ExecPaths",
  "TemporaryFileSystem",
  "StateDirectory",
  "CacheDirectory",
  "LogsDirectory",
  "RuntimeDirectory",
  "ConfigurationDirectory",
  "LoadCredential",
  "LoadCredentialEncrypted",
  "MountImages",
  "ExtensionDirectories",
  "ExtensionImages",
];

/** The same, of later releases, by the first that has them. */
const newerLists = [
  ["OpenFile", 253],
  ["ImportCredential", 254],
] as const;

/** Whether a unit that is not seen may add to the view. BindPaths= and BindReadOnlyPaths= are one list, which either empties. */
const isOpenView = (settings: Settings): boolean =>
  openLists.some((key) => settings.isOpenList(key)) ||
  newerLists.some(([key, since]) => settings.release >= since && settings.isOpenList(key)) ||
  ["BindPaths", "BindReadOnlyPaths"].every((key) => settings.isOpenList(key)) ||
  settings.isOpen("RootDirectoryStartOnly");

interface FileSlices {
  readonly files?: PathMachine;
  readonly tmp?: number;
}

function filesOf(reading: Reading, environment: UnitEnvironment): FileSlices {
  const { settings } = reading;
  const root = rootOf(reading);
  if (!root || isOpenView(settings)) return {};
  // Then only one of the commands sees the root.
  const isPartial = ["RootDirectoryStartOnly", "PermissionsStartOnly"].some(
    (key) => flag(settings, key) === true,
  );
  if (isPartial && execKeys.some((key) => key !== "ExecStart" && settings.list(key).length > 0)) return {};
  const present = environment.present ?? new Set<string>();
  const context: MountContext = {
    reading,
    dynamicUser: isDynamic(settings),
    isPresent: (path) => inEvery[root.kind].has(path) || (root.kind === "host" && present.has(path)),
  };
  const entries = entriesOf(context, root);
  const source =
    root.kind === "host"
      ? "/"
      : root.kind === "directory" && !environment.emptyDirectories?.has(root.path)
        ? root.path
        : undefined;
  const tmp = privateBytes(entries);
  const opened = openedFiles(reading);
  const view = viewMachine(entries, source);
  const files = opened.length === 0 ? view : unionOf([view, ruleMachine(opened)]);
  return { files, ...(tmp !== undefined && { tmp }) };
}

function authorityOf(reading: Reading, environment: UnitEnvironment): Authority {
  const { settings } = reading;
  const [outside] = commandsOutside(settings);
  if (outside) {
    settings.find(
      outside,
      `\`${outside.key}=${outside.value.slice(0, 40)}\` runs with all privileges, outside of the sandbox`,
    );
    return {};
  }
  readFilters(settings);
  const isUsers = environment.manager === "user";
  const { files, tmp } = isUsers ? {} : filesOf(reading, environment);
  const network = isUsers ? undefined : networkOf(settings, environment.filtersPackets === true);
  const identity = identityOf(settings);
  return {
    ...(files && {
      files,
      sockets: unitMakes(createCallDiagram(), settings, local) ? files : nothing,
    }),
    ...(network && { network }),
    calls: unitFilter(settings),
    environment: variablesOf(reading),
    ...(!isUsers && { identity, processes: processesOf(settings, identity) }),
    limits: limitsOf(settings, environment.controllers ?? new Set(), tmp),
    isolation: "process",
  };
}

const isService = (settings: Settings): boolean => settings.sections.has("Service");

function unitName(texts: readonly UnitText[]): string {
  const path = texts[0]?.path ?? "";
  const [, folder] = /([^/]+)\.d\/[^/]+\.conf$/.exec(path) ?? [];
  return folder ?? path.slice(path.lastIndexOf("/") + 1);
}

/** Reads a unit: its own text and those that are dropped into it; without its own, whatever it may hold. */
export function liftUnit(texts: readonly UnitText[], environment: UnitEnvironment): LiftedUnit {
  const settings = mergeSettings(texts, environment.release);
  const reading: Reading = { settings, specifiers: specifiersOf(unitName(texts)) };
  const authority = isService(settings) ? authorityOf(reading, environment) : {};
  const socket = socketOf(settings);
  const command = commandOf(reading);
  return { authority, findings: settings.findings, ...(command && { command }), ...(socket && { socket }) };
}

/** Reads a command line of systemd-run. @throws RunError */
export function liftRun(argv: readonly string[], environment: UnitEnvironment): LiftedUnit {
  return liftUnit([runUnit(argv)], environment);
}
