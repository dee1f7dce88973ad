/**
 * Mounts as they are written: `-v` and compose's short form, options of a tmpfs, volumes of the local driver.
 *
 * Source: Docker's reference of `docker run`, `-v`, `--tmpfs`; docker's "Volumes"; `MergeTmpfsOptions` in moby/sys/mount and
 * volume/local/local_unix.go of moby. What noexec is worth was measured on docker 20.10: a volume with `o=bind,ro,noexec` is
 * noexec; without `ro`, or mounted read-only by the mount itself, it is not.
 */
import type { ContainerEnvironment } from "./environment.ts";
import { ContainerError, type ContainerMount, type Draft, find } from "./settings.ts";
import { bytesOf, cleanPath } from "./values.ts";

/** Options of a tmpfs, beside sizes and modes; the last of two that contradict counts. */
const tmpfsFlags: ReadonlySet<string> = new Set(
  "rw ro exec noexec suid nosuid dev nodev sync async dirsync atime noatime diratime nodiratime relatime norelatime strictatime nostrictatime remount bind rbind unbindable runbindable private rprivate shared rshared slave rslave defaults huge".split(
    " ",
  ),
);
const tmpfsValues: ReadonlySet<string> = new Set("mode uid gid nr_inodes nr_blocks mpol huge".split(" "));

/** The size of a tmpfs; undefined for none, a share of memory, or 0, which is none. */
export function tmpfsBytes(text: string): number | undefined {
  const bytes = bytesOf(text);
  return bytes === undefined || bytes === 0 ? undefined : bytes;
}

/** Reads `PATH:OPTIONS` of a tmpfs. */
export function tmpfsMount(draft: Draft, text: string, line: number): ContainerMount {
  const colon = text.indexOf(":");
  const target = colon === -1 ? text : text.slice(0, colon);
  let write = true;
  let bytes: number | undefined;
  for (const option of colon === -1 ? [] : text.slice(colon + 1).split(",")) {
    const [key = "", value] = option.split(/=(.*)/s);
    if (key === "size" && value !== undefined) bytes = tmpfsBytes(value);
    else if (option === "ro" || option === "rw") write = option === "rw";
    else if (!tmpfsFlags.has(option) && !(value !== undefined && tmpfsValues.has(key)))
      find(draft, line, `docker refuses \`${option}\`, an option of a tmpfs that it does not know`);
  }
  if (write && bytes === undefined)
    find(draft, line, `the tmpfs at \`${target}\` has no size: memory is its bound`);
  return {
    kind: "private",
    value: absolute(draft, target, line),
    line,
    write,
    exec: true,
    submounts: false,
    ...(bytes !== undefined && { bytes }),
  };
}

/** A mount's target, which docker wants to be absolute. */
export function absolute(draft: Draft, target: string, line: number): string {
  if (!target.startsWith("/")) throw new ContainerError(`the target \`${target}\` is not absolute`, line);
  if (target.includes("*"))
    find(draft, line, `\`${target}\` can't be told from a pattern here`, "files", "sockets");
  return cleanPath(target);
}

/** A bind mount. */
export function bindMount(
  draft: Draft,
  bind: {
    readonly source: string;
    readonly target: string;
    readonly write: boolean;
    readonly recursive: boolean | "writable";
  },
  line: number,
  environment: ContainerEnvironment,
): ContainerMount {
  if (bind.source.startsWith("~"))
    find(draft, line, `\`${bind.source}\` is below the home of whoever starts it`, "files", "sockets");
  return {
    kind: "host",
    value: absolute(draft, bind.target, line),
    line,
    source: cleanPath(bind.source, environment.directory),
    write: bind.write,
    exec: true,
    submounts: bind.recursive,
  };
}

/** A volume: its name where it has one, its driver and its options. */
export interface VolumeSetting {
  readonly name?: string;
  readonly target: string;
  readonly write: boolean;
  readonly driver?: string;
  readonly options: ReadonlyMap<string, string>;
}

/** Flags of mount(8) that the local driver knows. */
const localFlags: ReadonlySet<string> = new Set([
  ...[...tmpfsFlags].filter((flag) => flag !== "huge"),
  "nosymfollow",
]);

function unread(draft: Draft, volume: VolumeSetting, line: number, why: string): ContainerMount {
  find(draft, line, `the volume at \`${volume.target}\` ${why}`, "files", "sockets", "limits");
  return {
    kind: "private",
    value: absolute(draft, volume.target, line),
    line,
    write: volume.write,
    exec: true,
    submounts: false,
  };
}

/** A volume of options: a bind of a directory is what is read here. */
function localVolume(draft: Draft, volume: VolumeSetting, line: number): ContainerMount {
  const { options } = volume;
  const flags = (options.get("o") ?? "").split(",").filter((flag) => flag !== "");
  const device = options.get("device") ?? "";
  const other = [...options.keys()].find((key) => !["type", "o", "device"].includes(key));
  const isBind = flags.includes("bind") || flags.includes("rbind");
  if (other !== undefined || options.get("type") !== "none" || !isBind || !device.startsWith("/"))
    return unread(draft, volume, line, "has options that are not read here");
  for (const flag of flags)
    if (!localFlags.has(flag)) find(draft, line, `docker passes over \`${flag}\` in the options of a volume`);
  const last = (yes: string, no: string): boolean => flags.findLast((f) => f === yes || f === no) === yes;
  const [isReadOnly, isNoexec] = [last("ro", "rw"), last("noexec", "exec")];
  const holds = isReadOnly && isNoexec && volume.write;
  if (isNoexec && !holds)
    find(
      draft,
      line,
      volume.write ? "`noexec` without `ro` does not hold" : "mounted read-only, the volume loses `noexec`",
    );
  return {
    kind: "host",
    value: absolute(draft, volume.target, line),
    line,
    source: cleanPath(device),
    write: !isReadOnly && volume.write,
    exec: !holds,
    submounts: flags.includes("rbind"),
  };
}

/** A volume. One without options is a directory that docker keeps; without a name, a new one. */
export function volumeMount(
  draft: Draft,
  volume: VolumeSetting,
  line: number,
  environment: ContainerEnvironment,
): ContainerMount {
  const { driver = "local", name, options, write } = volume;
  if (driver !== "local") return unread(draft, volume, line, `is of the driver \`${driver}\``);
  if (options.size > 0) {
    if (name !== undefined)
      draft.assumptions.add(`no volume \`${name}\` with other options is there already`);
    return localVolume(draft, volume, line);
  }
  const at = { value: absolute(draft, volume.target, line), line, write, exec: true, submounts: false };
  if (name === undefined) return { kind: "private", ...at };
  draft.assumptions.add(`the volume \`${name}\` has no options of its own`);
  return { kind: "host", ...at, source: `${environment.dataRoot}/volumes/${name}/_data` };
}

/** Modes of `-v`; those of one line must not contradict. */
const modes: ReadonlySet<string> = new Set(
  "ro rw z Z nocopy consistent cached delegated private rprivate shared rshared slave rslave".split(" "),
);

/** A volume's short form, taken apart. */
export interface ShortVolume {
  readonly source?: string;
  readonly target: string;
  readonly write: boolean;
}

/** Takes `SOURCE:TARGET:MODES` apart. @throws ContainerError where docker refuses it */
export function shortVolume(text: string, line: number): ShortVolume {
  const parts = text.split(":");
  const refuse = (): never => {
    throw new ContainerError(`docker refuses the volume \`${text}\``, line);
  };
  const [first = "", second, third] = parts;
  if (parts.length > 3 || parts.includes("")) return refuse();
  if (second === undefined) return { target: first, write: true };
  const words = third?.split(",") ?? [];
  if (words.some((word) => !modes.has(word)) || (words.includes("ro") && words.includes("rw")))
    return refuse();
  return { source: first, target: second, write: !words.includes("ro") };
}

/** Whether a source is a path, and not the name of a volume. */
export function isPath(source: string): boolean {
  return /^[/.~]/.test(source);
}
