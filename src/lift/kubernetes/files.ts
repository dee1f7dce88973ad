/**
 * What of the host's files a container sees, and how much it can put into what is its own. Nothing is mounted noexec.
 *
 * Source: OCI runtime-spec, config-linux.md, "Default Filesystems", "Default Devices", `maskedPaths`, `readonlyPaths`;
 * pkg/securitycontext/util.go in Kubernetes for their lists; containerd and CRI-O for /dev/shm and /dev/mqueue, which they
 * leave out where a pod mounts something of its own there.
 */
import { type Mount, mountedFiles } from "../../authority/mounts.ts";
import { everyRight, type PathMachine, rights } from "../../authority/paths.ts";
import { capabilitiesOf, escapeOf, mayBeRoot } from "./identity.ts";
import { depthOf, type PodMount } from "./mounts.ts";
import { flagAt, mapAt, placeOf, textAt } from "./nodes.ts";
import { isBelow, isWithin } from "./paths.ts";
import { mayBe, neighboursOf, ownContext, type PodReading } from "./reading.ts";

const masked =
  "/proc/asound /proc/acpi /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats /proc/sched_debug /proc/scsi /sys/firmware".split(
    " ",
  );
const readOnlyPaths = "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger".split(" ");

/** Mounts that a runtime makes: the kernel's own file systems, and harmless devices. */
const runtimeMounts: readonly Mount[] = [
  { target: "/", rights: everyRight },
  { target: "/proc", source: "/proc", rights: rights.read | rights.write },
  { target: "/sys", source: "/sys", rights: rights.read },
  { target: "/dev", rights: everyRight },
  ...["null", "zero", "full", "random", "urandom", "tty"].map((name) => ({
    target: `/dev/${name}`,
    source: `/dev/${name}`,
    rights: rights.read | rights.write,
  })),
];

/** What a runtime shows of the host where the pod is in its namespace of IPC (containerd, containerMounts; CRI-O likewise). */
const memoryMounts: readonly Mount[] = ["/dev/shm", "/dev/mqueue"].map((path) => ({
  target: path,
  source: path,
  rights: everyRight,
}));

/** What a runtime takes away of /proc and /sys after all mounts; nothing is counted where a pod mounts into them. */
function takenAway(reading: PodReading, mounts: readonly PodMount[]): readonly Mount[] {
  const procMount = textAt(ownContext(reading), "procMount");
  if (procMount !== undefined && procMount !== "Default") {
    reading.find(placeOf(ownContext(reading), "procMount"), "`procMount`: nothing of /proc is masked");
    return [];
  }
  const isTouched = (path: string): boolean =>
    mounts.some(({ target }) => isWithin(target, path) || isWithin(path, target));
  return ["/proc", "/sys"].flatMap((root): readonly Mount[] => {
    if (isTouched(root)) return [];
    const below = (path: string): boolean => isBelow(path, root);
    return [
      ...readOnlyPaths.filter(below).map((path) => ({ target: path, source: path, rights: rights.read })),
      ...masked.filter(below).map((path) => ({ target: path, rights: 0 })),
    ];
  });
}

const joined = (directory: string, rest: string | undefined): string =>
  rest === undefined ? directory : `${directory === "/" ? "" : directory}/${rest}`;

/** Where a claim's root lies on the host; undefined where it is not known. */
function claimRoot(reading: PodReading, claim: string, mounts: readonly PodMount[]): string | undefined {
  const { claims } = reading.environment;
  if (reading.hasVolumes) return undefined;
  if (claims !== "in-place") return claims.get(claim);
  const whole = mounts.filter(
    ({ volume, subPath }) => volume.kind === "claim" && volume.claim === claim && subPath === undefined,
  );
  const [one, another] = whole;
  if (!one || another) return undefined;
  reading.assume(`the claim \`${claim}\` holds what the host has in \`${one.target}\``);
  return one.target;
}

/** What every host mounts (file-hierarchy(7)): below a mount that is read-only by itself these are not. */
const mountedOnHosts =
  "/proc /sys /dev /run /dev/shm /dev/mqueue /dev/pts /dev/hugepages /sys/fs/cgroup /sys/kernel/debug /run/lock /run/user".split(
    " ",
  );

/** The places below a mount that its flags don't reach. */
function beyondFlags(mount: PodMount, source: string): readonly Mount[] {
  if (!mount.readOnly || !mount.isShallow || mount.volume.kind !== "host") return [];
  return mountedOnHosts
    .filter((path) => isBelow(path, source))
    .map((path) => ({
      target: joined(mount.target, path.slice(source === "/" ? 1 : source.length + 1)),
      source: path,
      rights: everyRight,
    }));
}

function sourceOf(reading: PodReading, mount: PodMount, all: readonly PodMount[]): string | undefined {
  const { volume, subPath, hasExpression } = mount;
  if (hasExpression) return undefined;
  const root =
    volume.kind === "host"
      ? volume.path
      : volume.kind === "claim"
        ? claimRoot(reading, volume.claim, all)
        : undefined;
  return root === undefined ? undefined : joined(root, subPath);
}

/** One mount, with what it leaves open; undefined where its contents are not known. */
function shown(reading: PodReading, mount: PodMount, all: readonly PodMount[]): readonly Mount[] | undefined {
  const { volume, target } = mount;
  if (volume.kind === "empty" || volume.kind === "made")
    return [{ target, rights: mount.readOnly ? rights.read | rights.exec : everyRight }];
  const source = sourceOf(reading, mount, all);
  if (source === undefined) {
    const what = mount.hasExpression ? "subPathExpr" : volume.kind === "unknown" ? volume.type : "a claim";
    reading.find(mount, `what \`${target}\` shows is not known (${what})`);
    return undefined;
  }
  if (mount.readOnly && mount.isShallow)
    reading.assume(`nothing is mounted below \`${source}\`, which is read-only by itself`);
  if (mount.readOnly && mount.follows)
    reading.find(mount, "`HostToContainer`: what the host mounts below it later is not read-only");
  const isOpen = !mount.readOnly || mount.follows;
  const own = { target, source, rights: isOpen ? everyRight : rights.read | rights.exec };
  return [own, ...beyondFlags(mount, source)];
}

const plain = /^(?:cpu|memory|ephemeral-storage|hugepages-\w+)$/;

/** Resources by which a container is given devices of the host. */
function deviceOf(reading: PodReading): string | undefined {
  const { spec, container } = reading;
  const resources = mapAt(container, "resources");
  const limits = mapAt(resources, "limits");
  if (limits.open || spec.open) reading.assume("the pod that is patched asks for no devices");
  const [own] = [...limits.fields.keys()].filter((name) => !plain.test(name));
  if (own !== undefined) return own;
  const isClaiming = spec.fields.has("resourceClaims") || resources.fields.has("claims");
  return isClaiming ? "resourceClaims" : undefined;
}

/** Why the mounts say nothing of what is in reach; undefined where they do. */
function wayOut(reading: PodReading): string | undefined {
  const { spec } = reading;
  if (mayBe(spec, "hostPID")) return "`hostPID`: the files of the host's processes are in reach";
  if (mayBe(spec, "shareProcessNamespace") && neighboursOf(reading) !== "none")
    return "`shareProcessNamespace`: the files of the pod's other containers are in reach";
  const device = deviceOf(reading);
  if (device !== undefined) return `\`${device}\` brings devices of the host, and what their plugin mounts`;
  const capability = escapeOf(capabilitiesOf(reading));
  return capability === undefined ? undefined : `\`${capability}\` leads out of the container`;
}

/** A mask inside what may be moved holds until the container starts again. */
function assumeMasks(reading: PodReading, mounts: readonly PodMount[]): void {
  const isMask = ({ target, volume }: PodMount): boolean =>
    volume.kind === "empty" &&
    mounts.some((outer) => isBelow(target, outer.target) && outer.volume.kind !== "empty");
  if (mounts.some(isMask))
    reading.assume("what a mount lies over is not moved before the container starts again");
}

/** The host's files; undefined where they are not mediated. @throws ManifestError */
export function filesOf(
  reading: PodReading,
  mounts: readonly PodMount[] | undefined,
): PathMachine | undefined {
  reading.assume("`/dev/termination-log` and `/etc/hosts`, which the kubelet mounts, may be written");
  const out = wayOut(reading);
  if (out !== undefined) reading.find(reading.container, out);
  const parts = mounts?.map((mount) => shown(reading, mount, mounts));
  if (out !== undefined || !mounts || !parts?.every((part) => part !== undefined)) return undefined;
  assumeMasks(reading, mounts);
  // A runtime makes no devices where a pod brings a /dev (runc, needsSetupDev).
  const isOwnDev = mounts.some(({ target }) => target === "/dev");
  const runtime = runtimeMounts.filter(({ target }) => !isOwnDev || !isBelow(target, "/dev"));
  const memory = mayBe(reading.spec, "hostIPC") ? memoryMounts : [];
  const inOrder = [...runtime, ...memory, ...parts.flat()].toSorted(
    (a, b) => depthOf(a.target) - depthOf(b.target),
  );
  return mountedFiles([...inOrder, ...takenAway(reading, mounts)]);
}

/** What a runtime mounts in memory, whatever the root is. */
const inMemory: readonly (readonly [path: string, bytes: number])[] = [
  ["/dev/shm", 64 << 20],
  // RLIMIT_MSGQUEUE, getrlimit(2).
  ["/dev/mqueue", 819_200],
];
// The tmpfs at /dev, which only root may write.
const devices = 64 << 20;

/** Bytes that a container can put into what is its own; undefined without a bound. @throws ManifestError */
export function storageOf(reading: PodReading, mounts: readonly PodMount[] | undefined): number | undefined {
  const readOnlyRoot = flagAt(ownContext(reading), "readOnlyRootFilesystem") === true;
  if (!mounts || !readOnlyRoot) return undefined;
  let bytes = mayBeRoot(reading) ? devices : 0;
  for (const [path, most] of inMemory) if (!mounts.some(({ target }) => target === path)) bytes += most;
  const written = new Map<string, number>();
  for (const { volume, name, readOnly } of mounts) {
    if (volume.kind !== "empty" || readOnly) continue;
    if (volume.bytes === undefined) return undefined;
    written.set(name, volume.bytes);
  }
  return [...written.values()].reduce((sum, one) => sum + one, bytes);
}
