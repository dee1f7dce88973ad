/**
 * What the evaluator of units does not speak of, read plainly, setting by setting: limits, the user, capabilities, other
 * processes, addresses. Undefined where one setting alone does not decide.
 *
 * Source: systemd.exec(5), systemd.resource-control(5) of release 252.
 */
import type { UnitText } from "../../../../src/lift/unit.ts";
import { unitSettings } from "../../../support/parse-unit.ts";
import type { Operation } from "../operation.ts";

interface Settings {
  /** The last value of a key. */
  readonly last: (key: string) => string | undefined;
  readonly all: (key: string) => readonly string[];
  readonly isOn: (key: string) => boolean;
}

function settingsOf(texts: readonly UnitText[]): Settings {
  const all = texts.flatMap(({ text }) => unitSettings(text).settings);
  const valuesOf = (key: string): readonly string[] => {
    const own = all.filter((setting) => setting.key === key).map(({ value }) => value);
    return own.slice(own.lastIndexOf("") + 1);
  };
  const last = (key: string): string | undefined => all.findLast((setting) => setting.key === key)?.value;
  return { last, all: valuesOf, isOn: (key) => /^(?:1|y|yes|t|true|on)$/i.test(last(key) ?? "") };
}

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
const sizes: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const unlimited = Number.POSITIVE_INFINITY;

/** A number with its unit; what is none of that bounds nothing, as 0 does where it would be no limit. */
function bound(value: string | undefined, zero: number): number {
  const [, number, unit = ""] = /^(\d+)([KMGT%]?)$/.exec(value ?? "") ?? [];
  if (number === undefined) return unlimited;
  return Number(number) === 0 ? zero : Number(number) * (sizes[unit] ?? 1);
}

function timeIn(value: string | undefined): number {
  const [, number = "0", unit = "s"] = /^(\d+)(ms|s|min|h)?$/.exec(value ?? "") ?? [];
  return Number(number) === 0 ? unlimited : Number(number) * (milliseconds[unit] ?? 1);
}

const made = new Set(
  "/ /dev /dev/shm /dev/mqueue /dev/hugepages /dev/pts /proc /run /sys /tmp /var/tmp".split(" "),
);

/** Bytes of its own: of file systems in memory, and of each directory that systemd makes one of its own for. */
function stored({ all, isOn, last }: Settings): number | undefined {
  if (!/^\/./.test(last("RootDirectory") ?? "")) return undefined;
  const words = (key: string): readonly string[] => all(key).flatMap((value) => value.split(/\s+/));
  // What may not be there is not hidden where it is missing: in an empty root there is only what systemd makes.
  const hidden = words("InaccessiblePaths")
    .map((word) => word.replaceAll('"', ""))
    .filter((word) => !word.startsWith("-") || made.has(word.replace(/^-\+?/, "")))
    .map((word) => word.replace(/^-?\+?/, ""));
  const isHidden = (path: string): boolean =>
    hidden.some((above) => above === "/" || path === above || path.startsWith(`${above}/`));
  const memory = words("TemporaryFileSystem")
    .filter((word) => !/[:,]ro(?:,|$)/.test(word) && !isHidden(word.replace(/:.*/, "")))
    .map((word) => Number(/size=(\d+)(?:,|$)/.exec(word)?.[1] ?? unlimited));
  const ofSystem = [
    ...(isOn("PrivateTmp") ? ["/tmp", "/var/tmp"] : []),
    ...(isOn("PrivateDevices") ? ["/dev/shm", "/dev/mqueue", "/dev/hugepages"] : []),
  ].filter((path) => !isHidden(path));
  return ofSystem.length > 0 ? unlimited : memory.reduce((sum, bytes) => sum + bytes, 0);
}

function limit(settings: Settings, name: string): number | undefined {
  const { last } = settings;
  // Where a controller is missing, its limit is a line that nobody obeys.
  const asserted = (last("AssertControlGroupController") ?? "").split(/\s+/);
  const obeyed = (controller: string, value: number): number =>
    asserted.includes(controller) ? value : unlimited;
  switch (name) {
    case "memory":
      return obeyed("memory", bound(last("MemoryMax"), unlimited) + bound(last("MemorySwapMax"), 0));
    case "processes":
      return obeyed("pids", bound(last("TasksMax"), unlimited));
    case "cpu":
      return obeyed("cpu", bound(last("CPUQuota"), unlimited));
    case "files":
      return bound(last("LimitNOFILE")?.split(":").at(-1), 0);
    case "time":
      return timeIn(last("RuntimeMaxSec"));
    case "tmp":
      return stored(settings);
    default:
      return undefined;
  }
}

function userOf({ last, isOn }: Settings): { readonly uid: number; readonly gid: number } {
  const number = (name: string): number => (name === "root" ? 0 : Number(name));
  const [user, group] = [last("User") ?? "", last("Group") ?? ""];
  const uid = user === "" ? (isOn("DynamicUser") ? -1 : 0) : number(user);
  // A user without an entry has no group of its own: it keeps the manager's.
  return { uid, gid: group === "" ? 0 : number(group) };
}

/** A user without privileges has the capabilities that are ambient, and may come to others only by executing. */
function holds(settings: Settings, name: string): boolean {
  const { all, isOn } = settings;
  const inSet = (key: string, otherwise: boolean): boolean => {
    const values = all(key);
    if (values.length === 0) return otherwise;
    return values.some((value) =>
      value.startsWith("~") ? !value.slice(1).split(/\s+/).includes(name) : value.split(/\s+/).includes(name),
    );
  };
  // An empty value takes all of them away.
  const bounding = inSet("CapabilityBoundingSet", settings.last("CapabilityBoundingSet") === undefined);
  const keeps = userOf(settings).uid === 0 || !isOn("NoNewPrivileges");
  return bounding && (keeps || inSet("AmbientCapabilities", false));
}

/** Whether sockets of a family can be made: as far as families are named. */
function makes({ all }: Settings, families: readonly string[]): boolean {
  const values = all("RestrictAddressFamilies");
  // `none` is a list with nothing in it.
  if (values.includes("none")) return false;
  if (values.length === 0) return true;
  const named = values.flatMap((value) => value.replace(/^~/, "").split(/\s+/));
  return values[0]?.startsWith("~")
    ? families.some((family) => !named.includes(family))
    : families.some((family) => named.includes(family));
}

/** Whether the command is started outside of what confines the unit. */
export function runsOutside(texts: readonly UnitText[]): boolean {
  const { last } = settingsOf(texts);
  return /^[@\-:|]*[+!]/.test(last("ExecStart") ?? "");
}

/** A call that does not enter natively: by ABIs. */
export function entersOtherwise(texts: readonly UnitText[]): boolean {
  const values = settingsOf(texts).all("SystemCallArchitectures");
  return values.length === 0 || values.flatMap((value) => value.split(/\s+/)).some((abi) => abi !== "native");
}

/** Whether sockets of these families can be made. */
export function makesSockets(texts: readonly UnitText[], families: readonly string[]): boolean {
  return makes(settingsOf(texts), families);
}

/** Whether a unit permits what its evaluator does not speak of. */
export function permitsPlainly(texts: readonly UnitText[], operation: Operation): boolean | undefined {
  const settings = settingsOf(texts);
  const { last, isOn } = settings;
  if (runsOutside(texts)) return true;
  switch (operation.kind) {
    case "amount": {
      const most = limit(settings, operation.limit);
      return most === undefined ? undefined : most >= operation.value;
    }
    case "user": {
      const { uid, gid } = userOf(settings);
      return uid === operation.uid && (uid === 0 || gid === operation.gid);
    }
    case "capability":
      return holds(settings, operation.name);
    case "gain":
      // Filters and some protections set it for a unit that is not root's, and none of these stands alone.
      return isOn("NoNewPrivileges") ? false : undefined;
    case "process":
      if (operation.way === "ipc") return !isOn("PrivateIPC");
      if (operation.way === "inspect")
        return !/^(?:invisible|ptraceable|noaccess)$/.test(last("ProtectProc") ?? "");
      return undefined;
    case "peer":
      return !isOn("PrivateNetwork");
    default:
      return undefined;
  }
}
