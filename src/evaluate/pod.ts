/**
 * A concrete reading of manifests: one container, one operation, one answer, by walking from what is asked to what would
 * permit it. It shares nothing with the lifter, so that each counterexample of the one is confirmed by the other.
 *
 * Source: Kubernetes' API reference and documentation, "Volumes", "Security Context", "Network Policies".
 */

import {
  bytes,
  holdsCapability,
  type PodFileAccess,
  type PodWorld,
  permitsFile,
  privileged,
  quantity,
  storage,
} from "./pod-files.ts";
import { type PodPeer, policiesLet } from "./pod-network.ts";
import {
  at,
  beside,
  containerOf,
  get,
  hasMore,
  isOn,
  items,
  mayHaveOthers,
  type PodSource,
  secured,
} from "./pod-texts.ts";
import { mayPass } from "./seccomp.ts";

export type { PodFileAccess, PodWorld } from "./pod-files.ts";
export type { PodPeer } from "./pod-network.ts";
export type { PodSource } from "./pod-texts.ts";

/** Whether a container may do something with a path of the host. */
export function podPermitsFile(
  sources: readonly PodSource[],
  world: PodWorld,
  name: string,
  access: PodFileAccess,
  path: string,
): boolean {
  return permitsFile(containerOf(sources, name), world, access, path);
}

/** Whether the filter of a container lets a call through. */
export function podPermitsCall(
  sources: readonly PodSource[],
  world: PodWorld,
  name: string,
  call: Parameters<typeof mayPass>[1],
): boolean {
  const found = containerOf(sources, name);
  const profile = secured(found, "seccompProfile");
  if (privileged(found) || get(profile, "type") !== "Localhost") return true;
  const text = world.profile(String(get(profile, "localhostProfile")));
  return text === undefined || mayPass(text, call);
}

/** Whether a container may have a connection. */
export function podPermitsPeer(
  sources: readonly PodSource[],
  world: PodWorld,
  name: string,
  peer: PodPeer,
): boolean {
  const found = containerOf(sources, name);
  if (privileged(found)) return true;
  const call = (which: string, word: number): boolean =>
    podPermitsCall(sources, world, name, { name: which, words: [BigInt(word)] });
  const makes = [2, 10, 17, 21, 43].some((family) => call("socket", family)) || call("io_uring_setup", 0);
  return makes && (!world.enforcesPolicies || policiesLet(found, peer));
}

const brought =
  /^(?:PATH|HOSTNAME|HOME|KUBERNETES_(?:SERVICE_(?:HOST|PORT|PORT_HTTPS)|PORT|PORT_443_TCP\w*))$/;

/** Whether a variable may reach a container from its pod. */
export function podPermitsVariable(sources: readonly PodSource[], name: string, variable: string): boolean {
  const found = containerOf(sources, name);
  const { spec, container } = found;
  const from = get(container, "envFrom");
  const env = get(container, "env");
  if (privileged(found) || get(spec, "enableServiceLinks") !== false || hasMore(env)) return true;
  if (hasMore(from) || items(from).length > 0) return true;
  if (variable === "TERM" && get(container, "tty") !== undefined && get(container, "tty") !== false)
    return true;
  return brought.test(variable) || items(env).some((one) => get(one, "name") === variable);
}

/** Whether a container may run as a user. */
export function podMayRunAs(sources: readonly PodSource[], name: string, uid: number): boolean {
  const found = containerOf(sources, name);
  const user = secured(found, "runAsUser");
  if (privileged(found)) return true;
  if (typeof user === "number") return user === uid;
  return uid !== 0 || secured(found, "runAsNonRoot") !== true;
}

/** Whether a program of a container may have more than it started with. */
export function podMayGain(sources: readonly PodSource[], name: string): boolean {
  const found = containerOf(sources, name);
  return privileged(found) || at(found.container, "securityContext.allowPrivilegeEscalation") !== false;
}

/** Whether a container may come to have a capability. */
export function podMayHold(sources: readonly PodSource[], name: string, capability: string): boolean {
  const found = containerOf(sources, name);
  return privileged(found) || holdsCapability(found, capability);
}

/** Whether processes outside are in reach, in one way. */
export function podReaches(
  sources: readonly PodSource[],
  name: string,
  way: "signal" | "trace" | "inspect" | "ipc",
): boolean {
  const found = containerOf(sources, name);
  const { spec } = found;
  if (privileged(found)) return true;
  if (way === "ipc")
    return isOn(get(spec, "hostIPC")) || isOn(get(spec, "hostNetwork")) || beside(found).length > 0;
  const others = beside(found).length > 0 || mayHaveOthers(found);
  return isOn(get(spec, "hostPID")) || (isOn(get(spec, "shareProcessNamespace")) && others);
}

/** Whether a container may use so much of something: bytes, percent of a core, milliseconds. */
export function podPermitsAmount(
  sources: readonly PodSource[],
  world: PodWorld,
  name: string,
  what: "memory" | "cpu" | "time" | "tmp",
  amount: number,
): boolean {
  const found = containerOf(sources, name);
  if (privileged(found)) return true;
  const limits = at(found.container, "resources.limits");
  const cpu = quantity(get(limits, "cpu"));
  const kind = get(found.object, "kind");
  const seconds =
    kind === "Pod"
      ? get(found.spec, "activeDeadlineSeconds")
      : kind === "Job"
        ? at(found.object, "spec.activeDeadlineSeconds")
        : undefined;
  const bound = {
    memory: bytes(get(limits, "memory")),
    cpu: cpu === undefined ? undefined : Math.max(1, cpu * 100),
    time: typeof seconds === "number" ? seconds * 1000 : undefined,
    tmp: storage(found, world),
  }[what];
  return bound === undefined || amount <= bound;
}
