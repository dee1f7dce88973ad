/**
 * The fields of the types that are read, so that a misspelt one is an error: a cluster drops what it doesn't know, or refuses
 * it, depending on how it is told to validate. A field is followed by its type, `*` where it is a list, and the key by which
 * a strategic merge finds an item; without a type it is not looked into here.
 *
 * Source: Kubernetes' API reference, v1.34, and `patchMergeKey` in the structs that it is made of.
 */
import { fail, type YamlMap, type YamlNode } from "./nodes.ts";

const metadata =
  "name generateName namespace labels:Words annotations:Words uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds ownerReferences finalizers managedFields selfLink";
const container =
  "name image command args env:EnvVar*name envFrom:EnvFromSource* resources:ResourceRequirements ports:ContainerPort*containerPort securityContext:SecurityContext volumeMounts:VolumeMount*mountPath volumeDevices:VolumeDevice*devicePath livenessProbe:Probe readinessProbe:Probe startupProbe:Probe lifecycle:Lifecycle restartPolicy";
/** What changes nothing of what is permitted. */
const harmlessInContainer =
  "workingDir stdin stdinOnce tty imagePullPolicy terminationMessagePath terminationMessagePolicy resizePolicy restartPolicyRules";
const cloud =
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs iscsi nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume";

const sources: Readonly<Record<string, readonly string[]>> = {
  ObjectMeta: [metadata],
  Words: [],
  Pod: ["apiVersion kind metadata:ObjectMeta spec:PodSpec", "status"],
  PodTemplateSpec: ["metadata:ObjectMeta spec:PodSpec"],
  PodSpec: [
    "activeDeadlineSeconds automountServiceAccountToken containers:Container*name initContainers:Container*name ephemeralContainers:EphemeralContainer*name enableServiceLinks hostIPC hostNetwork hostPID hostUsers os:PodOS resourceClaims runtimeClassName securityContext:PodSecurityContext shareProcessNamespace terminationGracePeriodSeconds volumes:Volume*name",
    "affinity dnsConfig dnsPolicy hostAliases hostname hostnameOverride imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates resources restartPolicy schedulerName schedulingGates serviceAccount serviceAccountName setHostnameAsFQDN subdomain tolerations topologySpreadConstraints",
  ],
  PodOS: ["name"],
  Container: [container, harmlessInContainer],
  EphemeralContainer: [container, harmlessInContainer, "targetContainerName"],
  SecurityContext: [
    "allowPrivilegeEscalation capabilities:Capabilities privileged procMount readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seccompProfile:SeccompProfile",
    "appArmorProfile:Profile seLinuxOptions:SELinuxOptions windowsOptions",
  ],
  PodSecurityContext: [
    "fsGroup runAsGroup runAsNonRoot runAsUser seccompProfile:SeccompProfile supplementalGroups supplementalGroupsPolicy",
    "appArmorProfile:Profile fsGroupChangePolicy seLinuxChangePolicy seLinuxOptions:SELinuxOptions sysctls windowsOptions",
  ],
  Profile: ["type localhostProfile"],
  SELinuxOptions: ["user role type level"],
  Capabilities: ["add drop"],
  SeccompProfile: ["type localhostProfile"],
  EnvVar: ["name value valueFrom:EnvVarSource"],
  EnvVarSource: ["configMapKeyRef fieldRef resourceFieldRef secretKeyRef fileKeyRef"],
  EnvFromSource: ["prefix configMapRef secretRef"],
  ResourceRequirements: ["limits:Words requests:Words claims"],
  ContainerPort: ["containerPort hostIP hostPort name protocol"],
  VolumeMount: ["mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr"],
  VolumeDevice: ["devicePath name"],
  Probe: [
    "httpGet:Request tcpSocket:Request exec grpc",
    "failureThreshold initialDelaySeconds periodSeconds successThreshold terminationGracePeriodSeconds timeoutSeconds",
  ],
  Lifecycle: ["postStart:Handler preStop:Handler", "stopSignal"],
  Handler: ["exec httpGet:Request tcpSocket:Request sleep"],
  Request: ["host port path scheme httpHeaders"],
  Volume: [
    "name hostPath:HostPath emptyDir:EmptyDir persistentVolumeClaim:Claim projected:Projected configMap secret downwardAPI image",
    cloud,
  ],
  HostPath: ["path type"],
  EmptyDir: ["medium sizeLimit"],
  Claim: ["claimName readOnly"],
  Projected: ["sources:Projection* defaultMode"],
  Projection: ["clusterTrustBundle configMap downwardAPI secret serviceAccountToken podCertificate"],
  Deployment: ["apiVersion kind metadata:ObjectMeta spec:DeploymentSpec", "status"],
  DeploymentSpec: [
    "template:PodTemplateSpec",
    "minReadySeconds paused progressDeadlineSeconds replicas revisionHistoryLimit selector strategy",
  ],
  StatefulSet: ["apiVersion kind metadata:ObjectMeta spec:StatefulSetSpec", "status"],
  StatefulSetSpec: [
    "template:PodTemplateSpec volumeClaimTemplates",
    "minReadySeconds ordinals persistentVolumeClaimRetentionPolicy podManagementPolicy replicas revisionHistoryLimit selector serviceName updateStrategy",
  ],
  DaemonSet: ["apiVersion kind metadata:ObjectMeta spec:DaemonSetSpec", "status"],
  DaemonSetSpec: ["template:PodTemplateSpec", "minReadySeconds revisionHistoryLimit selector updateStrategy"],
  ReplicaSet: ["apiVersion kind metadata:ObjectMeta spec:ReplicaSetSpec", "status"],
  ReplicaSetSpec: ["template:PodTemplateSpec", "minReadySeconds replicas selector"],
  Job: ["apiVersion kind metadata:ObjectMeta spec:JobSpec", "status"],
  JobSpec: [
    "template:PodTemplateSpec activeDeadlineSeconds",
    "backoffLimit backoffLimitPerIndex completionMode completions managedBy manualSelector maxFailedIndexes parallelism podFailurePolicy podReplacementPolicy selector successPolicy suspend ttlSecondsAfterFinished",
  ],
  JobTemplateSpec: ["metadata:ObjectMeta spec:JobSpec"],
  CronJob: ["apiVersion kind metadata:ObjectMeta spec:CronJobSpec", "status"],
  CronJobSpec: [
    "jobTemplate:JobTemplateSpec",
    "concurrencyPolicy failedJobsHistoryLimit schedule startingDeadlineSeconds successfulJobsHistoryLimit suspend timeZone",
  ],
  NetworkPolicy: ["apiVersion kind metadata:ObjectMeta spec:NetworkPolicySpec", "status"],
  NetworkPolicySpec: [
    "podSelector:LabelSelector policyTypes ingress:NetworkPolicyIngressRule* egress:NetworkPolicyEgressRule*",
  ],
  NetworkPolicyIngressRule: ["from:NetworkPolicyPeer* ports:NetworkPolicyPort*"],
  NetworkPolicyEgressRule: ["to:NetworkPolicyPeer* ports:NetworkPolicyPort*"],
  NetworkPolicyPeer: ["ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector"],
  NetworkPolicyPort: ["port endPort protocol"],
  IPBlock: ["cidr except"],
  LabelSelector: ["matchLabels:Words matchExpressions:LabelSelectorRequirement*"],
  LabelSelectorRequirement: ["key operator values"],
  Component: ["apiVersion kind metadata resources patches:KustomizePatch*"],
  Kustomization: ["apiVersion kind metadata resources patches:KustomizePatch*"],
  KustomizePatch: ["path"],
  List: ["apiVersion kind metadata items"],
};

/** A field of a type. */
export interface FieldType {
  /** Undefined where it is not looked into. */
  readonly type: string | undefined;
  readonly isList: boolean;
  /** The field of an item by which a strategic merge finds it; without one the list is replaced whole. */
  readonly mergeKey: string | undefined;
}

type Fields = ReadonlyMap<string, FieldType>;

function parsed(text: string): readonly [string, FieldType] {
  const [, name = "", type, list, mergeKey] = /^(\w+)(?::(\w+)(\*(\w+)?)?)?$/.exec(text) ?? [];
  return [name, { type, isList: list !== undefined, mergeKey }];
}

const tables = new Map<string, Fields>();

/** The fields of a type. @throws RangeError when there is no such type */
export function fieldsOf(type: string): Fields {
  const known = tables.get(type);
  if (known) return known;
  const lines = sources[type];
  if (!lines) throw new RangeError(`no type ${type}`);
  const words = lines.flatMap((line) => line.split(" ").filter((word) => word !== ""));
  const table = new Map(words.map(parsed));
  tables.set(type, table);
  return table;
}

/** Whether any key may stand in a map of a type: labels, quantities by their resource. */
export const holdsAnyKey = (type: string): boolean => type === "Words";

function checkField(key: string, node: YamlNode, { type, isList }: FieldType): void {
  if (type === undefined || (node.kind === "scalar" && node.value === null)) return;
  if (!isList) {
    checkNode(node, type, key);
    return;
  }
  if (node.kind !== "list") fail(node, `\`${key}\` must be a list`);
  for (const item of node.items) checkNode(item, type, key);
}

function checkNode(node: YamlNode, type: string, key: string): void {
  if (node.kind !== "map") fail(node, `\`${key}\` must be a map`);
  checkFields(node, type);
}

/** Refuses a field that a type does not have. @throws ManifestError */
export function checkFields(map: YamlMap, type: string): void {
  if (holdsAnyKey(type)) return;
  const fields = fieldsOf(type);
  for (const [key, node] of map.fields) {
    const field = fields.get(key);
    if (!field) fail(node, `${type} has no field \`${key}\`: a cluster drops it, or refuses all of this`);
    checkField(key, node, field);
  }
}

/** Names of the types, for tests. */
export const typeNames: readonly string[] = Object.keys(sources);
