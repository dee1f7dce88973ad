/**
 * What is mounted in a container, by a walk from a path of the host to where it would be seen.
 *
 * Source: Kubernetes' documentation, "Volumes"; OCI runtime-spec, config-linux.md, for what a runtime mounts itself.
 */
import {
  anything,
  at,
  beside,
  type Found,
  get,
  hasMore,
  isOn,
  items,
  mayHaveOthers,
  secured,
} from "./pod-texts.ts";

/** What a question is asked in. */
export interface PodWorld {
  /** The minor number of a release 1.x. */
  readonly minor: number;
  readonly claims: ReadonlyMap<string, string> | "in-place";
  /** The text of a profile of system calls; undefined where there is none. */
  readonly profile: (path: string) => string | undefined;
  readonly enforcesPolicies: boolean;
}

/** An operation on a path of the host. */
export type PodFileAccess = "read" | "write" | "exec";

const tidy = (path: unknown): string =>
  `/${String(path)
    .split("/")
    .filter((n) => n !== "" && n !== ".")
    .join("/")}`;
const inside = (path: string, directory: string): boolean =>
  directory === "/" || path === directory || path.startsWith(`${directory}/`);
const below = (directory: string, path: string): string =>
  path === directory ? "" : path.slice(directory === "/" ? 0 : directory.length);
const join = (directory: string, rest: string): string =>
  (directory === "/" ? rest : directory + rest) || "/";

const obeyedBegin = [
  "io.kubernetes.cri-o.",
  "io.katacontainers.",
  "dev.gvisor.",
  "devices.",
  "mounts.",
  "cdi.",
];
const obeyedDomains = ["crio.io", "cri-o.io", "nri.io"];

/** Whether a runtime obeys an annotation. */
function isObeyed(key: string): boolean {
  const [domain = ""] = key.split("/");
  return (
    obeyedBegin.some((begin) => key.startsWith(begin)) ||
    obeyedDomains.some((end) => domain === end || domain.endsWith(`.${end}`))
  );
}

/** Whether a container has all of the host. */
export function privileged({ container, metadata }: Found): boolean {
  const notes = get(metadata, "annotations");
  const keys = notes === anything || notes === undefined ? [] : Object.keys(notes as object);
  return isOn(at(container, "securityContext.privileged")) || keys.some(isObeyed);
}

const usual =
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split(
    " ",
  );

/** Whether a capability is in the bounding set of a container. */
export function holdsCapability(found: Found, capability: string): boolean {
  const own = at(found.container, "securityContext.capabilities");
  if (own === anything || get(own, "add") === anything) return true;
  const name = capability.replace(/^CAP_/, "");
  const words = (key: string): readonly string[] => items(get(own, key)).map((w) => String(w).toUpperCase());
  if (words("drop").includes(name)) return false;
  if (words("add").some((w) => w.replace(/^CAP_/, "") === name)) return true;
  if (words("drop").includes("ALL")) return false;
  return words("add").includes("ALL") || usual.includes(name);
}

/** Whether nothing that is mounted matters. */
function isOutside(found: Found): boolean {
  const { spec, container } = found;
  const escapes = ["SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "SYS_BOOT", "BPF", "PERFMON"];
  const limits = at(container, "resources.limits");
  const odd = Object.keys((limits === anything ? {} : (limits as object | undefined)) ?? {});
  return (
    privileged(found) ||
    isOn(get(spec, "hostPID")) ||
    (isOn(get(spec, "shareProcessNamespace")) && (beside(found).length > 0 || mayHaveOthers(found))) ||
    escapes.some((name) => holdsCapability(found, name)) ||
    (get(spec, "resourceClaims") !== undefined && get(spec, "resourceClaims") !== anything) ||
    odd.some((name) => !/^(?:cpu|memory|ephemeral-storage|hugepages-)/.test(name))
  );
}

interface Mounted {
  readonly target: string;
  /** The host's path; `undefined` for what is the pod's own, `anything` where it is not known. */
  readonly source: string | undefined | typeof anything;
  readonly writable: boolean;
  /** What the host mounts below it later appears there, with flags of its own. */
  readonly follows?: boolean;
  readonly size: number | undefined;
  readonly volume: string;
}

function volumeOf({ spec, object }: Found, name: unknown): unknown {
  const made = items(at(object, "spec.volumeClaimTemplates")).some(
    (one) => at(one, "metadata.name") === name,
  );
  if (made) return { persistentVolumeClaim: { claimName: name } };
  return items(get(spec, "volumes")).find((one) => get(one, "name") === name) ?? anything;
}

function claimPath(found: Found, world: PodWorld, claim: unknown): string | typeof anything {
  if (found.objects.some((one) => get(one, "kind") === "PersistentVolume")) return anything;
  if (world.claims !== "in-place") return world.claims.get(String(claim)) ?? anything;
  const whole = items(get(found.container, "volumeMounts")).filter(
    (mount) =>
      at(volumeOf(found, get(mount, "name")), "persistentVolumeClaim.claimName") === claim &&
      tidy(get(mount, "subPath") ?? "") === "/",
  );
  return whole.length === 1 ? tidy(get(whole[0], "mountPath")) : anything;
}

const own = ["emptyDir", "configMap", "secret", "downwardAPI", "projected", "image"];

/** The type of a volume: one that names none is an emptyDir. */
function typeOf(volume: unknown): string {
  if (volume === anything) return "";
  const named = Object.keys(volume as object).find((key) => key !== "name" && get(volume, key) !== undefined);
  return named ?? (get(volume, "any other") === anything ? "" : "emptyDir");
}

function mounted(found: Found, world: PodWorld, mount: unknown): Mounted {
  const volume = volumeOf(found, get(mount, "name"));
  const type = typeOf(volume);
  const root =
    get(mount, "subPathExpr") !== undefined && !own.includes(type)
      ? anything
      : type === "hostPath"
        ? tidy(at(volume, "hostPath.path"))
        : type === "persistentVolumeClaim"
          ? claimPath(found, world, at(volume, "persistentVolumeClaim.claimName"))
          : own.includes(type)
            ? undefined
            : anything;
  const sub = tidy(get(mount, "subPath") ?? "");
  const isFixed = ["configMap", "secret", "downwardAPI", "projected", "image"].includes(type);
  const isReadOnly =
    isFixed || get(mount, "readOnly") === true || at(volume, "persistentVolumeClaim.readOnly") === true;
  return {
    target: tidy(get(mount, "mountPath")),
    source: typeof root === "string" ? join(root, sub === "/" ? "" : sub) : root,
    writable: !isReadOnly,
    follows: get(mount, "mountPropagation") === "HostToContainer",
    size:
      get(at(volume, "emptyDir"), "medium") === "Memory"
        ? bytes(at(volume, "emptyDir.sizeLimit"))
        : undefined,
    volume: String(get(mount, "name")),
  };
}

const scales: Readonly<Record<string, number>> = {
  m: 1e-3,
  u: 1e-6,
  n: 1e-9,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity; undefined for none, and for zero, which bounds nothing. */
export function quantity(value: unknown): number | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const [, number = "", suffix = ""] = /^([0-9.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(String(value)) ?? [];
  return Number(number) * (scales[suffix] ?? 1) || undefined;
}

/** Whole bytes: what is left of one counts as one. */
export function bytes(value: unknown): number | undefined {
  const number = quantity(value);
  return number === undefined ? undefined : Math.ceil(number);
}

/** What a runtime mounts of the host by itself. */
const kernels: readonly Mounted[] = ["/proc", "/sys", "/"].map((target) => ({
  target,
  source: target === "/" ? undefined : target,
  writable: target === "/proc",
  size: undefined,
  volume: "",
}));
const hidden =
  /^\/(?:proc\/(?:asound|acpi|kcore|keys|latency_stats|timer_list|timer_stats|sched_debug|scsi)|sys\/firmware)(?:\/|$)/;
const fixed = /^\/proc\/(?:bus|fs|irq|sys|sysrq-trigger)(?:\/|$)/;
const devices = /^\/dev\/(?:null|zero|full|random|urandom|tty)$/;
const hostMounts =
  "/proc /sys /dev /run /dev/shm /dev/mqueue /dev/pts /dev/hugepages /sys/fs/cgroup /sys/kernel/debug /run/lock /run/user".split(
    " ",
  );

function recursive(world: PodWorld, mount: unknown): boolean {
  return get(mount, "recursiveReadOnly") === "Enabled" && world.minor >= 31;
}

/** Whether what a mount brings has no end: it reaches the host, or lies over what runtimes mount, or under it. */
const isWild = (mount: unknown): boolean =>
  get(mount, "mountPropagation") === "Bidirectional" || tidy(get(mount, "mountPath")) === "/";

/** Whether a container may do something with a path of the host. */
export function permitsFile(found: Found, world: PodWorld, access: PodFileAccess, path: string): boolean {
  const asked = get(found.container, "volumeMounts");
  const raw = items(asked);
  if (isOutside(found) || hasMore(asked) || items(get(found.container, "volumeDevices")).length > 0)
    return true;
  if (hasMore(get(found.container, "volumeDevices"))) return true;
  if (raw.some(isWild)) return true;
  const volumes = raw.map((mount) => mounted(found, world, mount));
  if (volumes.some(({ source }) => source === anything)) return true;
  const covers = (root: string): boolean =>
    volumes.some(({ target }) => inside(target, root) || inside(root, target));
  const procMount = at(found.container, "securityContext.procMount") ?? "Default";
  // In the host's namespace of IPC its memory is mounted; what a pod mounts at the same place takes that place.
  const shared = (isOn(get(found.spec, "hostIPC")) ? ["/dev/shm", "/dev/mqueue"] : [])
    .filter((target) => !volumes.some((v) => v.target === target))
    .map((path): Mounted => ({ target: path, source: path, writable: true, size: undefined, volume: "" }));
  const all = [
    ...volumes,
    ...shared,
    ...kernels.filter(({ target }) => !volumes.some((v) => v.target === target)),
  ];
  if (devices.test(path) && access !== "exec" && !volumes.some(({ target }) => inside(path, target)))
    return true;
  return all.some((one) => {
    if (typeof one.source !== "string" || !inside(path, one.source)) return false;
    const view = join(one.target, below(one.source, path));
    const seen = all.filter(({ target }) => inside(view, target));
    if (seen.some(({ target }) => target.length > one.target.length)) return false;
    const shallow = raw[volumes.indexOf(one)];
    const isKernels = kernels.includes(one);
    if (isKernels && procMount === "Default" && !covers(one.target)) {
      if (hidden.test(path) || (access === "write" && fixed.test(path))) return false;
    }
    if (access === "read") return true;
    const isHostPath = at(volumeOf(found, one.volume), "hostPath.path") !== undefined && !isKernels;
    const beyond =
      isHostPath &&
      !recursive(world, shallow) &&
      hostMounts.some(
        (place) => place !== one.source && inside(place, one.source as string) && inside(path, place),
      );
    return access === "exec" ? !isKernels : one.writable || one.follows === true || beyond;
  });
}

/** What a container can hold of its own, in bytes. */
export function storage(found: Found, world: PodWorld): number {
  const asked = get(found.container, "volumeMounts");
  const devices = get(found.container, "volumeDevices");
  const isOpen = hasMore(asked) || hasMore(devices) || items(devices).length > 0 || items(asked).some(isWild);
  if (isOpen || at(found.container, "securityContext.readOnlyRootFilesystem") !== true)
    return Number.POSITIVE_INFINITY;
  const volumes = items(asked).map((mount) => mounted(found, world, mount));
  const own = new Map<string, number>();
  for (const { volume, size, writable } of volumes)
    if (writable && typeOf(volumeOf(found, volume)) === "emptyDir")
      own.set(volume, world.minor >= 22 ? (size ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY);
  const has = (path: string): boolean => volumes.some(({ target }) => target === path);
  const user = secured(found, "runAsUser");
  const root = typeof user === "number" ? user === 0 : secured(found, "runAsNonRoot") !== true;
  const brings =
    (has("/dev/shm") ? 0 : 64 << 20) + (has("/dev/mqueue") ? 0 : 819_200) + (root ? 64 << 20 : 0);
  return [...own.values()].reduce((sum, one) => sum + one, brings);
}
