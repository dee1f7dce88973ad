/**
 * The mounts of a container. Runtimes make them in the order of their depth, so that one inside another lies over it.
 *
 * Source: Kubernetes' documentation, "Volumes", "Mount propagation", "Read-only mounts"; KEP-3857; containerd,
 * internal/cri/opts, WithMounts and orderedMounts; CRI-O, server/container_create_linux.go, addOCIBindMounts.
 */
import {
  fail,
  flagAt,
  isGiven,
  knownText,
  listAt,
  mapsAt,
  open,
  type Place,
  placeOf,
  textAt,
  type YamlMap,
} from "./nodes.ts";
import { type PodReading, since } from "./reading.ts";
import { plainPath, type Volume, volumeNamed } from "./volumes.ts";

/** A mount of a pod's volume. */
export interface PodMount extends Place {
  readonly target: string;
  /** The volume's. */
  readonly name: string;
  readonly volume: Volume;
  /** Inside the volume, without a slash at either end; undefined for the whole of it. */
  readonly subPath: string | undefined;
  /** Where inside the volume depends on variables (`subPathExpr`). */
  readonly hasExpression: boolean;
  readonly readOnly: boolean;
  /** What is mounted below it keeps its own flags. */
  readonly isShallow: boolean;
  /** What the host mounts below it later appears there too. */
  readonly follows: boolean;
}

function subPathOf(mount: YamlMap): string | undefined {
  const text = knownText(mount, "subPath");
  if (text === undefined || text === "") return undefined;
  const path = plainPath(`/${text}`);
  if (path === undefined || text.startsWith("/"))
    return fail(placeOf(mount, "subPath"), `\`${text}\` must be relative, without \`..\``);
  return path === "/" ? undefined : path.slice(1);
}

function targetOf(mount: YamlMap): string {
  const text = knownText(mount, "mountPath");
  const path = text === undefined || text.includes(":") ? undefined : plainPath(text);
  return path ?? fail(mount, "`mountPath` must be an absolute path, without `..` and colons");
}

function propagation(mount: YamlMap): "None" | "HostToContainer" | "Bidirectional" {
  const text = textAt(mount, "mountPropagation");
  if (text === open) return "Bidirectional";
  if (text === undefined || text === "None") return "None";
  return text === "HostToContainer" || text === "Bidirectional"
    ? text
    : fail(placeOf(mount, "mountPropagation"), `\`${text}\` is no propagation`);
}

/** Whether a mount is read-only through all that is mounted below it. */
function isRecursive(reading: PodReading, mount: YamlMap): boolean {
  const text = knownText(mount, "recursiveReadOnly");
  if (text === undefined || text === "Disabled" || text === "IfPossible") return false;
  if (text !== "Enabled") return fail(placeOf(mount, "recursiveReadOnly"), `\`${text}\` is no such word`);
  // In 1.30 it was behind a gate that was off, which drops the field.
  return since(reading, 31);
}

function mountOf(reading: PodReading, mount: YamlMap): PodMount {
  const name = knownText(mount, "name");
  if (name === undefined) return fail(mount, "`name` is missing");
  const volume = volumeNamed(reading, name, mount);
  const isOwn = volume.kind === "made" || (volume.kind === "claim" && volume.readOnly);
  const readOnly = isOwn || flagAt(mount, "readOnly") === true;
  return {
    target: targetOf(mount),
    name,
    volume,
    subPath: subPathOf(mount),
    hasExpression: isGiven(mount, "subPathExpr"),
    readOnly,
    isShallow: !isRecursive(reading, mount),
    follows: propagation(mount) === "HostToContainer",
    file: mount.file,
    line: mount.line,
  };
}

/** How many names a path has. */
export function depthOf(path: string): number {
  return path.split("/").filter((name) => name !== "").length;
}

/**
 * The mounts that a container asks for, each after what it lies in; undefined where they are not known, or lead to the host.
 * @throws ManifestError
 */
export function podMounts(reading: PodReading): readonly PodMount[] | undefined {
  const { container } = reading;
  if (listAt(container, "volumeMounts").open || listAt(container, "volumeDevices").open) return undefined;
  for (const device of mapsAt(container, "volumeDevices")) {
    reading.find(device, "a block device, which may hold anything");
    return undefined;
  }
  const maps = mapsAt(container, "volumeMounts");
  const mounts = maps.map((mount) => mountOf(reading, mount));
  for (const mount of maps)
    if (propagation(mount) === "Bidirectional") {
      reading.find(mount, "`Bidirectional`: what is mounted in the container is mounted on the host");
      return undefined;
    }
  const seen = new Set<string>();
  for (const mount of mounts) {
    if (mount.target === "/") {
      reading.find(mount, "a mount at `/`: runtimes differ in what of their own then lies over it");
      return undefined;
    }
    if (seen.has(mount.target)) fail(mount, `a second mount at \`${mount.target}\``);
    seen.add(mount.target);
  }
  return mounts.toSorted((a, b) => depthOf(a.target) - depthOf(b.target));
}
