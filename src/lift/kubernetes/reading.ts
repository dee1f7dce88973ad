/** What is read of one container: its pod, itself, and what the meaning of both depends on. */
import {
  flagAt,
  isGiven,
  listAt,
  mapAt,
  mapsAt,
  open,
  type Place,
  type Read,
  type YamlMap,
} from "./nodes.ts";

/** What a runtime class leads to. */
export interface RuntimeClass {
  readonly isolation: "container" | "kernel" | "microvm";
  /** Whether its runtime applies seccomp profiles: gVisor's only with --oci-seccomp, Kata's only when it is told to. */
  readonly appliesProfiles: boolean;
}

/** What the meaning of a manifest depends on, and it does not say. */
export interface PodEnvironment {
  /** The release of the nodes and of the control plane. */
  readonly kubernetes: { readonly major: number; readonly minor: number };
  /** The directory of the host that each claim holds; `in-place` what the host has where it is mounted whole. */
  readonly claims: ReadonlyMap<string, string> | "in-place";
  /** Files of the nodes' seccomp profiles, each by the path that `profiles` gives it; undefined where there is none. */
  readonly read?: (path: string) => string | undefined;
  /** From a `localhostProfile` to a path for `read`; those that it lacks are read by their own. */
  readonly profiles?: ReadonlyMap<string, string>;
  /** Whether the network plugin enforces network policies; yes unless it is said. */
  readonly enforcesPolicies?: boolean;
  readonly runtimeClasses?: ReadonlyMap<string, RuntimeClass>;
}

/** A container in its pod. */
export interface PodReading {
  readonly environment: PodEnvironment;
  /** `apiVersion` and `kind` of what holds the pod, and that object. */
  readonly kind: string;
  readonly owner: YamlMap;
  /** The pod's own. */
  readonly metadata: YamlMap;
  readonly namespace: Read<string>;
  readonly spec: YamlMap;
  readonly container: YamlMap;
  readonly role: "containers" | "initContainers" | "ephemeralContainers";
  readonly networkPolicies: readonly YamlMap[];
  /** Whether a volume of the cluster stands among the files, which may hold anything. */
  readonly hasVolumes: boolean;
  readonly find: (at: Place, message: string) => void;
  readonly assume: (assumption: string) => void;
}

/** Whether the nodes are of a release or a later one. */
export function since({ environment: { kubernetes } }: PodReading, minor: number): boolean {
  return kubernetes.major > 1 || (kubernetes.major === 1 && kubernetes.minor >= minor);
}

/** The container's security context. */
export const ownContext = ({ container }: PodReading): YamlMap => mapAt(container, "securityContext");

/** The pod's. */
export const podContext = ({ spec }: PodReading): YamlMap => mapAt(spec, "securityContext");

/** A field of the security context: the container's own, else the pod's. */
export function inherited<T>(reading: PodReading, read: (context: YamlMap) => Read<T>): Read<T> {
  const own = read(ownContext(reading));
  return own === undefined ? read(podContext(reading)) : own;
}

/** Whether a switch is on, or may be. */
export function mayBe(map: YamlMap, key: string): boolean {
  const value = flagAt(map, key);
  return value === true || value === open;
}

/** Whether the container is privileged, or may be. */
export function isPrivileged(reading: PodReading): boolean {
  return mayBe(ownContext(reading), "privileged");
}

/** Whether an initial container goes on running beside the others. */
const staysOn = (container: YamlMap): boolean => isGiven(container, "restartPolicy");

/** Whether other containers of the pod run beside this one. @throws ManifestError */
export function neighboursOf({ spec, container }: PodReading): "none" | "some" | "unknown" {
  const beside = [
    ...mapsAt(spec, "containers"),
    ...mapsAt(spec, "initContainers").filter(staysOn),
    ...mapsAt(spec, "ephemeralContainers"),
  ];
  if (beside.some((other) => other !== container)) return "some";
  return (["containers", "initContainers", "ephemeralContainers"] as const).some(
    (key) => listAt(spec, key).open,
  )
    ? "unknown"
    : "none";
}
