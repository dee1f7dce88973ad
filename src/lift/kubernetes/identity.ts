/**
 * Who runs a container, with what, and what of other processes is in reach.
 *
 * Source: Kubernetes' documentation, "Configure a Security Context for a Pod or Container", "Share Process Namespace between
 * Containers in a Pod"; containerd, internal/cri/server/container_create_linux.go, WithCapabilities, and oci/spec.go for the
 * capabilities of a container, which those of CRI-O are among.
 */
import type { Identity, OutsideProcesses } from "../../authority/authority.ts";
import { flagAt, isGiven, listAt, placeOf, type Read, textsAt, wholeAt, type YamlMap } from "./nodes.ts";
import { inherited, mayBe, neighboursOf, ownContext, type PodReading, podContext } from "./reading.ts";

/** What a runtime gives a container that says nothing. */
const usual: readonly string[] =
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split(
    " ",
  );

/** Capabilities of include/uapi/linux/capability.h. */
const known: ReadonlySet<string> = new Set([
  ...usual,
  ..."DAC_READ_SEARCH LINUX_IMMUTABLE NET_BROADCAST NET_ADMIN IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG LEASE AUDIT_CONTROL MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE".split(
    " ",
  ),
]);

const isAll = (name: string): boolean => name.toUpperCase() === "ALL";

/** Capabilities that are added; containerd puts CAP_ before the name, CRI-O takes both forms. */
function added(reading: PodReading, capabilities: YamlMap): readonly string[] {
  return textsAt(capabilities, "add")
    .filter((name) => !isAll(name))
    .map((name) => name.toUpperCase().replace(/^CAP_/, ""))
    .map((name) => {
      if (!known.has(name)) reading.find(placeOf(capabilities, "add"), `\`${name}\` is no capability`);
      return `CAP_${name}`;
    });
}

/** Capabilities that every runtime takes away. */
function dropped(reading: PodReading, capabilities: YamlMap): ReadonlySet<string> {
  const names = textsAt(capabilities, "drop").filter((name) => !isAll(name));
  for (const name of names)
    if (!known.has(name.toUpperCase()))
      reading.find(placeOf(capabilities, "drop"), `\`${name}\` is no capability: nothing is dropped`);
  return new Set(names.map((name) => `CAP_${name.toUpperCase()}`));
}

/** The bounding set of a container. @throws ManifestError */
export function capabilitiesOf(reading: PodReading): ReadonlySet<string> | "all" {
  const context = ownContext(reading);
  const node = context.fields.get("capabilities");
  if (!node && context.open) return "all";
  const capabilities = node?.kind === "map" ? node : ({ ...context, fields: new Map() } as YamlMap);
  if (listAt(capabilities, "add").open) return "all";
  const everything = [...known].map((name) => `CAP_${name}`);
  const startsWithAll = textsAt(capabilities, "add").some(isAll);
  const dropsAll = textsAt(capabilities, "drop").some(isAll);
  const start = dropsAll ? [] : startsWithAll ? everything : usual.map((name) => `CAP_${name}`);
  const without = dropped(reading, capabilities);
  const names = [...start, ...added(reading, capabilities)];
  return new Set(names.filter((name) => !without.has(name)));
}

/** Capabilities by which a container is left: each reaches the host's kernel, or any file by its handle. */
const escaping = [
  "SYS_ADMIN",
  "SYS_MODULE",
  "SYS_RAWIO",
  "DAC_READ_SEARCH",
  "SYS_BOOT",
  "BPF",
  "PERFMON",
].map((name) => `CAP_${name}`);

/** A capability that leads out of the container. */
export function escapeOf(capabilities: ReadonlySet<string> | "all"): string | undefined {
  return capabilities === "all" ? "CAP_SYS_ADMIN" : escaping.find((name) => capabilities.has(name));
}

const greatest = 2 ** 31 - 1;

const idOf = (reading: PodReading, key: string): Read<number> =>
  inherited(reading, (context) => wholeAt(context, key, 0, greatest));

/** Whether the user is surely not root. */
function isUnprivileged(reading: PodReading): boolean {
  const uid = idOf(reading, "runAsUser");
  if (typeof uid === "number") return uid !== 0;
  // A kubelet refuses root where this stands, whoever the image names.
  return inherited(reading, (context) => flagAt(context, "runAsNonRoot")) === true;
}

/** The user and group of a container. @throws ManifestError */
export function userOf(reading: PodReading): Identity["user"] {
  const uid = idOf(reading, "runAsUser");
  const gid = idOf(reading, "runAsGroup");
  const nonRoot = inherited(reading, (context) => flagAt(context, "runAsNonRoot"));
  if (uid === 0 && nonRoot === true)
    reading.find(ownContext(reading), "`runAsUser: 0` and `runAsNonRoot: true`: the kubelet starts nothing");
  if (uid === undefined && nonRoot !== true)
    reading.find(ownContext(reading), "the user is the image's, and root where it names none");
  if (uid === 0) return { kind: "ids", uid: 0, gid: typeof gid === "number" ? gid : 0 };
  // Without `runAsGroup` the group is the image's, or root's.
  return typeof uid === "number" && typeof gid === "number" ? { kind: "ids", uid, gid } : { kind: "any" };
}

/** Groups that a container has beside its own. */
function findGroups(reading: PodReading): void {
  const context = podContext(reading);
  if (listAt(context, "supplementalGroups").items.length > 0)
    reading.find(placeOf(context, "supplementalGroups"), "more groups than the user's own");
  if (isGiven(context, "fsGroup"))
    reading.find(placeOf(context, "fsGroup"), "`fsGroup` is a group more, and volumes are given to it");
  const policy = context.fields.get("supplementalGroupsPolicy");
  const isStrict = policy?.kind === "scalar" && policy.value === "Strict";
  if (!isStrict) reading.assume("the image's /etc/group gives the user no more groups");
}

/** Whether nothing is gained by executing. @throws ManifestError */
function hasNoNewPrivileges(reading: PodReading): boolean {
  return flagAt(ownContext(reading), "allowPrivilegeEscalation") === false;
}

/** Who runs a container. @throws ManifestError */
export function identityOf(reading: PodReading): Identity {
  findGroups(reading);
  return {
    user: userOf(reading),
    capabilities: capabilitiesOf(reading),
    noNewPrivileges: hasNoNewPrivileges(reading),
  };
}

/** Whether root may be running. */
export const mayBeRoot = (reading: PodReading): boolean => !isUnprivileged(reading);

/** What of processes outside is in reach. @throws ManifestError */
export function processesOf(reading: PodReading): OutsideProcesses {
  const { spec } = reading;
  const others = neighboursOf(reading);
  if (others === "unknown")
    reading.assume("no other container of the pod shares memory or the loopback with this one");
  const out = new Set<"signal" | "trace" | "inspect" | "ipc">();
  const shares = mayBe(spec, "shareProcessNamespace") && others !== "none";
  if (mayBe(spec, "hostPID") || shares)
    for (const name of ["signal", "trace", "inspect"] as const) out.add(name);
  // Sockets with abstract names belong to the network (unix(7)).
  const isReached = ["hostIPC", "hostNetwork"].some((key) => mayBe(spec, key));
  if (isReached || others === "some") out.add("ipc");
  return out;
}
