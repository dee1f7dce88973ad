/**
 * What a container shows of the host: docker's own mounts, then those that were asked for, by the number of their components.
 *
 * Source: `DefaultLinuxSpec` in oci/defaults.go and `sortMounts` in daemon/volumes_unix.go of moby; OCI runtime-spec,
 * config-linux.md, "Default Filesystems", "Masked Paths", "Readonly Paths".
 */
import { type Mount, mountedFiles } from "../../authority/mounts.ts";
import { ruleMachine } from "../../authority/path-rules.ts";
import {
  everyRight,
  machineOf,
  type PathMachine,
  type Rights,
  rights,
  unionOf,
} from "../../authority/paths.ts";
import type { ContainerEnvironment } from "./environment.ts";
import { type ContainerMount, type Draft, find } from "./settings.ts";
import { cleanPath } from "./values.ts";

const { read, write, exec } = rights;

/** Masked since docker 20.10; later releases mask more. */
const masked =
  "/proc/acpi /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/sched_debug /proc/scsi /sys/firmware".split(
    " ",
  );
const readonly = "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger".split(" ");
const nodes = "null zero full random urandom tty ptmx pts".split(" ").map((name) => `/dev/${name}`);

const shown = (target: string, mask: Rights): Mount => ({ target, source: target, rights: mask });

/** What docker mounts by itself, before all others. */
function ownMounts({ ipc }: Draft, bare: boolean): readonly Mount[] {
  const shared = ipc?.value === "host" ? ["/dev/shm", "/dev/mqueue"] : [];
  return [
    shown("/proc", read | write),
    shown("/sys", read),
    ...(bare ? [] : readonly.map((at) => shown(at, read))),
    { target: "/dev", rights: read | write },
    ...nodes.map((at) => shown(at, read | write)),
    ...shared.map((at) => shown(at, read | write)),
  ];
}

/** What runc hides when all mounts are made (`maskPath` in libcontainer/init_linux.go). */
const masks = (bare: boolean): readonly Mount[] =>
  bare ? [] : masked.map((target) => ({ target, rights: 0 }));

/** Devices by which nothing else is reached than what they are for. */
const harmless =
  /^\/dev\/(?:null|zero|full|random|urandom|tty|fuse|kvm|net\/tun|snd(?:\/\w+)?|dri(?:\/\w+)?|video\d+|tty(?:USB|ACM)\d+)$/;

function deviceMounts(draft: Draft): readonly Mount[] {
  return draft.devices.flatMap(({ value, line }) => {
    const [source = "", second] = value.split(":");
    if (!harmless.test(source))
      find(draft, line, `what can be reached by \`${source}\` is not known`, "files", "sockets");
    const target = second?.startsWith("/") ? second : source;
    return [{ target: cleanPath(target), source: cleanPath(source), rights: read | write }];
  });
}

/** What a read-only bind leaves writable: the host's own mounts below it, before docker 25 (moby #44978) or where it says so. */
function rightsOf(mount: ContainerMount, draft: Draft, environment: ContainerEnvironment): Rights {
  const flags = read | (mount.write ? write : 0) | (mount.exec ? exec : 0);
  const isHeld = environment.docker.major >= 25 && mount.submounts !== "writable";
  if (mount.write || !mount.submounts || isHeld || mount.source === undefined) return flags;
  const known = environment.hasMountsBelow?.(mount.source);
  if (known === undefined)
    draft.assumptions.add(`no file system of the host is mounted below \`${mount.source}\``);
  if (known !== true) return flags;
  const when = mount.submounts === "writable" ? "" : " before docker 25";
  find(draft, mount.line, `what the host mounts below \`${mount.source}\` stays writable${when}`);
  return flags | write;
}

/** Volumes that the image declares, and nothing else lies on. */
function declaredVolumes({ image, mounts }: Draft): readonly ContainerMount[] {
  return (image?.volumes ?? [])
    .map((path) => cleanPath(path))
    .filter((path) => !mounts.some(({ value }) => value === path))
    .map((value) => ({ kind: "private", value, line: 1, write: true, exec: true, submounts: false }));
}

const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(`${directory}/`);

const depth = (path: string): number => path.split("/").length;

/** All mounts that were asked for, in the order in which docker makes them. */
export function orderedMounts(draft: Draft): readonly ContainerMount[] {
  const all = [...draft.mounts, ...declaredVolumes(draft)];
  for (const [at, { value, line, source }] of all.entries()) {
    if (source !== undefined && isWithin(source, "/proc"))
      find(
        draft,
        line,
        "the host's `/proc` leads to the files of every process",
        "files",
        "sockets",
        "processes",
      );
    if (source === "/") find(draft, line, "the whole host, with what its processes show", "processes");
    if (value === "/" || /^\/proc(?:\/|$)/.test(value))
      find(draft, line, `docker mounts nothing at \`${value}\``, "files", "sockets", "limits");
    if (all.slice(0, at).some((other) => other.value === value))
      find(draft, line, `a second mount at \`${value}\`, which docker refuses`, "files", "sockets", "limits");
  }
  return all.sort((a, b) => depth(a.value) - depth(b.value));
}

/** What a machine permits, less all that lies at some paths and below. */
function without(machine: PathMachine, paths: readonly string[]): PathMachine {
  const taken = ruleMachine(
    paths.map((pattern) => ({ pattern, effect: { kind: "grant", rights: everyRight } })),
  );
  interface Both {
    readonly id: number;
    readonly of: unknown;
    readonly taken: unknown;
  }
  const states = new Map<string, Both>();
  const both = (of: unknown, under: unknown): Both => {
    const key = `${machine.id(of)} ${taken.id(under)}`;
    const made = states.get(key) ?? { id: states.size, of, taken: under };
    states.set(key, made);
    return made;
  };
  return machineOf<Both>({
    start: both(machine.start, taken.start),
    step: (at, name) => both(machine.step(at.of, name), taken.step(at.taken, name)),
    rightsAt: (at) => machine.rightsAt(at.of) & ~taken.rightsAt(at.taken),
    names: (at) => [...new Set([...machine.names(at.of), ...taken.names(at.taken)])],
    patterns: (at) => machine.patterns(at.of),
    id: ({ id }) => id,
  });
}

/** What hides what an image has there: a tmpfs that nobody can write to, and a device in place of a file. */
const isMask = ({ kind, source, write, bytes }: ContainerMount): boolean =>
  source === "/dev/null" || (kind === "private" && !write && bytes !== undefined);

/**
 * Where nothing is seen of what an image has there. Into a volume that lies at or above it docker may have copied what the
 * image has, and the volume may be seen elsewhere too.
 */
function masksIn(mounts: readonly ContainerMount[]): readonly string[] {
  const others = mounts.filter((mount) => !isMask(mount));
  return mounts
    .filter(isMask)
    .map(({ value }) => value)
    .filter((path) => !others.some(({ value }) => value === "/" || isWithin(path, value)))
    .filter((path) => !path.includes("*"));
}

/** What of the host is seen as copies in the image. */
function seenCopies({ image }: Draft, mounts: readonly ContainerMount[]): PathMachine | undefined {
  if (!image?.copied || !image.isInPlace) return image?.copied;
  const masks = masksIn(mounts);
  return masks.length === 0 ? image.copied : without(image.copied, masks);
}

/** What a container permits with files of the host, and to which of its sockets it may connect. */
export interface ShownFiles {
  readonly files: PathMachine;
  readonly sockets: PathMachine;
}

/** What mounts and copies show. */
export function shownFiles(
  draft: Draft,
  mounts: readonly ContainerMount[],
  environment: ContainerEnvironment,
  bare: boolean,
): ShownFiles {
  const asked = mounts.map(
    (mount): Mount => ({
      target: mount.value,
      ...(mount.source !== undefined && { source: mount.source }),
      rights: rightsOf(mount, draft, environment),
    }),
  );
  const all = [...ownMounts(draft, bare), ...deviceMounts(draft), ...asked, ...masks(bare)];
  const copied = seenCopies(draft, mounts);
  const view = mountedFiles(all);
  return {
    files: copied ? unionOf([view, copied]) : view,
    // A socket can be connected to whether its mount is read-only or not.
    sockets: mountedFiles(all.map((mount) => ({ ...mount, rights: mount.rights & read }))),
  };
}

/** Nothing at all. */
export const nothing: PathMachine = ruleMachine([]);
