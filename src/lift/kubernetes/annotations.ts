/**
 * Annotations that mean something to a runtime or to a network plugin: they give a pod more than its fields say.
 *
 * Source: crio.conf(5), `allowed_annotations`; "How to set sandbox config annotations" of Kata Containers; gVisor's
 * documentation of its shim; Container Device Interface, SPEC.md; NRI, "Plugin annotations"; Network Plumbing Working Group,
 * "Kubernetes Network Custom Resource Definition De-facto Standard"; Kubernetes' documentation, "Seccomp".
 */
import { mapAt, type YamlNode } from "./nodes.ts";
import type { PodReading } from "./reading.ts";

/** How the keys begin that runtimes obey. */
const obeyed = ["io.kubernetes.cri-o.", "io.katacontainers.", "dev.gvisor.", "devices.", "mounts.", "cdi."];
/** Domains of what is obeyed. */
const domains = ["crio.io", "cri-o.io", "nri.io"];

function isObeyed(key: string): boolean {
  const domain = key.slice(0, Math.max(0, key.indexOf("/")));
  return (
    obeyed.some((begin) => key.startsWith(begin)) ||
    domains.some((end) => domain === end || domain.endsWith(`.${end}`))
  );
}

const networks = ["k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network"];

function annotations(
  { metadata }: PodReading,
  isWanted: (key: string) => boolean,
): readonly (readonly [string, YamlNode])[] {
  return [...mapAt(metadata, "annotations").fields].filter(([key]) => isWanted(key));
}

/** Whether a runtime is told what no field says: devices, mounts, another configuration of itself. */
export function isToldMore(reading: PodReading): boolean {
  if (mapAt(reading.metadata, "annotations").open)
    reading.assume("no annotation of the pod that is patched brings devices, mounts or networks");
  const found = annotations(reading, isObeyed);
  for (const [key, node] of found)
    reading.find(node, `\`${key}\` is obeyed by a runtime, and may bring all of the host`);
  return found.length > 0;
}

/** Whether a pod has networks beside that of the cluster. */
export function hasMoreNetworks(reading: PodReading): boolean {
  const found = annotations(reading, (key) => networks.includes(key));
  for (const [key, node] of found)
    reading.find(node, `\`${key}\` brings networks that network policies do not hold`);
  return found.length > 0;
}

/** Finds annotations that had the meaning of `seccompProfile` before there was this field. */
export function findSeccomp(reading: PodReading): void {
  const isDead = (key: string): boolean =>
    /^(?:container\.)?seccomp\.security\.alpha\.kubernetes\.io\//.test(key);
  for (const [key, node] of annotations(reading, isDead))
    reading.find(node, `\`${key}\` has no effect since 1.27: only \`seccompProfile\` has`);
}
