/** Asks the concrete evaluator about an operation that the lifter finds beyond a policy. */
import {
  type PodSource,
  type PodWorld,
  podMayGain,
  podMayHold,
  podMayRunAs,
  podPermitsAmount,
  podPermitsCall,
  podPermitsFile,
  podPermitsPeer,
  podPermitsVariable,
  podReaches,
} from "../../src/evaluate/pod.ts";
import type { EmittedPod, PodExcess } from "./pod-policy.ts";

/** The world of the environment that emitted manifests are for. */
export function podWorld(profile: string | undefined, overrides: Partial<PodWorld> = {}): PodWorld {
  return {
    minor: 33,
    claims: "in-place",
    profile: (path) => (path.startsWith("mcpc/") ? profile : undefined),
    enforcesPolicies: true,
    ...overrides,
  };
}

/** A peer as `leastPeer` says it. */
export function peerIn(text: string): Parameters<typeof podPermitsPeer>[3] {
  const [, direction, , v6, v4, port, udp] =
    /^(connect|listen) (\[([^\]]+)\]|([\d.]+)):(\d+)(\/udp)?$/.exec(text) ?? [];
  if (direction === undefined) throw new RangeError(text);
  return {
    direction: direction === "connect" ? "connect" : "listen",
    protocol: udp ? "udp" : "tcp",
    address: v6 ?? v4 ?? "",
    port: Number(port),
  };
}

function amountOf(limit: string, { server }: EmittedPod): number {
  const most = limit === "tmp" ? (server.tmp?.bytes ?? 0) : (server.limits[limit as "memory"]?.value ?? 0);
  return Math.max(most, limit === "time" ? 1000 : limit === "cpu" ? 1 : 0) + 1;
}

/** Whether the evaluator finds it too; undefined where it has nothing to say. */
export function podConfirms(
  texts: readonly PodSource[],
  world: PodWorld,
  name: string,
  excess: PodExcess,
  emitted: EmittedPod,
): boolean | undefined {
  const { slice, file, variable, call, peer, capability, limit, process } = excess;
  if (slice === "files" && file) return podPermitsFile(texts, world, name, file.right, file.path);
  if (variable !== undefined) return podPermitsVariable(texts, name, variable);
  if (call) return podPermitsCall(texts, world, name, call);
  if (peer !== undefined) return podPermitsPeer(texts, world, name, peerIn(peer));
  if (capability !== undefined) return podMayHold(texts, name, capability);
  if (process !== undefined) return podReaches(texts, name, process as "signal");
  if (slice === "privileges") return podMayGain(texts, name);
  if (limit !== undefined)
    return podPermitsAmount(texts, world, name, limit as "memory", amountOf(limit, emitted));
  if (slice === "identity") return [0, 1, 4242].some((uid) => podMayRunAs(texts, name, uid)) || undefined;
  return undefined;
}
