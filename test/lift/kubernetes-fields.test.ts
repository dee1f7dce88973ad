/** The fields that the reader of manifests knows, against Kubernetes' published types in the package kubernetes-models. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { fieldsOf } from "../../src/lift/kubernetes/fields.ts";

const require = createRequire(import.meta.url);
const root = dirname(require.resolve("kubernetes-models/package.json"));

/** Types by the names that they have there, with those that came after the package. */
const types: readonly (readonly [ours: string, theirs: string, later?: readonly string[]])[] = [
  ["Pod", "v1/Pod"],
  ["PodTemplateSpec", "v1/PodTemplateSpec"],
  ["PodSpec", "v1/PodSpec", ["hostnameOverride"]],
  ["Container", "v1/Container", ["restartPolicyRules"]],
  ["EphemeralContainer", "v1/EphemeralContainer", ["restartPolicyRules"]],
  ["SecurityContext", "v1/SecurityContext"],
  ["PodSecurityContext", "v1/PodSecurityContext"],
  ["Capabilities", "v1/Capabilities"],
  ["SeccompProfile", "v1/SeccompProfile"],
  ["EnvVar", "v1/EnvVar"],
  ["EnvVarSource", "v1/EnvVarSource", ["fileKeyRef"]],
  ["EnvFromSource", "v1/EnvFromSource"],
  ["ResourceRequirements", "v1/ResourceRequirements"],
  ["ContainerPort", "v1/ContainerPort"],
  ["VolumeMount", "v1/VolumeMount"],
  ["VolumeDevice", "v1/VolumeDevice"],
  ["Volume", "v1/Volume"],
  ["HostPath", "v1/HostPathVolumeSource"],
  ["EmptyDir", "v1/EmptyDirVolumeSource"],
  ["Claim", "v1/PersistentVolumeClaimVolumeSource"],
  ["Projected", "v1/ProjectedVolumeSource"],
  ["Projection", "v1/VolumeProjection", ["podCertificate"]],
  ["Probe", "v1/Probe"],
  ["Lifecycle", "v1/Lifecycle"],
  ["Handler", "v1/LifecycleHandler"],
  ["DeploymentSpec", "apps/v1/DeploymentSpec"],
  ["StatefulSetSpec", "apps/v1/StatefulSetSpec"],
  ["DaemonSetSpec", "apps/v1/DaemonSetSpec"],
  ["ReplicaSetSpec", "apps/v1/ReplicaSetSpec"],
  ["JobSpec", "batch/v1/JobSpec"],
  ["JobTemplateSpec", "batch/v1/JobTemplateSpec"],
  ["CronJobSpec", "batch/v1/CronJobSpec"],
  ["NetworkPolicySpec", "networking.k8s.io/v1/NetworkPolicySpec"],
  ["NetworkPolicyIngressRule", "networking.k8s.io/v1/NetworkPolicyIngressRule"],
  ["NetworkPolicyEgressRule", "networking.k8s.io/v1/NetworkPolicyEgressRule"],
  ["NetworkPolicyPeer", "networking.k8s.io/v1/NetworkPolicyPeer"],
  ["NetworkPolicyPort", "networking.k8s.io/v1/NetworkPolicyPort"],
  ["IPBlock", "networking.k8s.io/v1/IPBlock"],
];

function publishedFields(type: string): readonly string[] {
  const text = readFileSync(join(root, `${type}.d.ts`), "utf8");
  const [, body = ""] = /export interface I\w+[^{]*\{([\s\S]*?)\n\}/.exec(text) ?? [];
  return [...body.matchAll(/^ {4}"(\w+)"\??:/gm)].map(([, name = ""]) => name);
}

const rows = types.map(([ours, theirs, later = []]) => ({ ours, theirs, later }));

test.each(rows)("$ours has the fields of $theirs", ({ ours, theirs, later }) => {
  const published = publishedFields(theirs);
  expect(published.length).toBeGreaterThan(0);
  expect([...fieldsOf(ours).keys()].toSorted()).toEqual([...published, ...later].toSorted());
});
