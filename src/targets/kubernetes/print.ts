/** Manifests. Kubernetes' API reference, v1 Pod, apps/v1 Deployment, networking.k8s.io/v1 NetworkPolicy. */

import { atLeast, type Environment } from "../../policy/environment.ts";
import { printYaml, type YamlValue } from "../escape/yaml.ts";
import { printProfile } from "../seccomp/profile.ts";
import type { OutputFile, TargetContext } from "../target.ts";
import type { KubernetesModel } from "./model.ts";

type YamlMap = { [key: string]: YamlValue };

/** RecursiveReadOnlyMounts: in 1.30 behind a gate that is off, which drops the field (KEP-3857). */
export function hasRecursiveReadOnly(environment: Environment): boolean {
  return atLeast(environment.kubernetes, 1, 31);
}

/** `$(NAME)` would be replaced by a variable's value. */
const literal = (text: string): string => text.split("$(").join("$$(");

function environment(model: KubernetesModel): readonly YamlValue[] {
  return model.environment.map(({ name, value }) =>
    value === undefined
      ? { name, valueFrom: { secretKeyRef: { name: `mcp-${model.server}`, key: name } } }
      : { name, value: literal(value) },
  );
}

function resources(model: KubernetesModel): YamlMap {
  const { memory, cpu } = model.limits;
  const own: YamlMap = {
    ...(memory !== undefined && { memory: String(memory) }),
    ...(cpu !== undefined && { cpu: `${cpu * 10}m` }),
  };
  return Object.keys(own).length === 0 ? {} : { resources: { limits: own, requests: own } };
}

/**
 * In a patch, nothing of the pod's own is kept beside what is written: a strategic merge would add to its lists, and
 * leave fields that are not named. At the end of a list as well as in a map.
 */
const directive: YamlMap = { $patch: "replace" };
const replacing = (model: KubernetesModel, list: readonly YamlValue[]): readonly YamlValue[] =>
  model.kind === "Patch" ? [...list, directive] : list;
const replacement = (model: KubernetesModel): YamlMap => (model.kind === "Patch" ? directive : {});

/**
 * What a runtime mounts writable although the root is read-only; containerd and CRI-O leave it out where a pod mounts
 * something of its own there (containerd, pkg/cri/opts, WithMounts; CRI-O, addOCIBindMounts).
 */
const writableOtherwise: readonly string[] = ["/dev/mqueue", "/dev/shm"];
/** The empty volume that covers it. */
const cover = "nothing";

function mounts(model: KubernetesModel, context: TargetContext): readonly YamlValue[] {
  const recursive = hasRecursiveReadOnly(context.environment);
  const claims = model.claims.map(({ claim, path, subPath, readOnly }) => ({
    name: claim,
    mountPath: path,
    ...(subPath !== undefined && { subPath }),
    readOnly,
    ...(readOnly && recursive && { recursiveReadOnly: "Enabled" }),
  }));
  const covers = writableOtherwise
    .filter((path) => !model.claims.some((claim) => claim.path === path))
    .map((path) => ({ name: cover, mountPath: path, readOnly: true }));
  const tmp = model.tmpBytes === undefined ? [] : [{ name: "tmp", mountPath: "/tmp" }];
  return [...claims, ...tmp, ...covers];
}

function volumes(model: KubernetesModel): readonly YamlValue[] {
  const claims = [...new Set(model.claims.map(({ claim }) => claim))].map((claim) => ({
    name: claim,
    persistentVolumeClaim: { claimName: claim },
  }));
  const tmp =
    model.tmpBytes === undefined
      ? []
      : [{ name: "tmp", emptyDir: { medium: "Memory", sizeLimit: String(model.tmpBytes) } }];
  return [...claims, ...tmp, { name: cover, emptyDir: { medium: "Memory", sizeLimit: "4096" } }];
}

function containerPorts(model: KubernetesModel): readonly YamlValue[] {
  return model.ingress.flatMap(({ ports, protocol }) =>
    ports.from === ports.to ? [{ containerPort: ports.from, protocol: protocol.toUpperCase() }] : [],
  );
}

function container(model: KubernetesModel, context: TargetContext): YamlMap {
  const isStdio = model.kind !== "Deployment";
  return {
    name: model.server,
    ...(model.image !== undefined && { image: model.image }),
    ...(model.command && { command: model.command.map(literal), args: [] }),
    ...(model.workingDirectory !== undefined && { workingDir: model.workingDirectory }),
    ...(isStdio && { stdin: true, stdinOnce: true, tty: false }),
    env: replacing(model, environment(model)),
    ...(model.kind === "Patch" && { envFrom: [], volumeDevices: [directive] }),
    ...resources(model),
    ...((model.ingress.length > 0 || model.kind === "Patch") && {
      ports: replacing(model, containerPorts(model)),
    }),
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: model.uid,
      runAsGroup: model.gid,
      procMount: "Default",
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "Localhost", localhostProfile: model.profilePath },
      ...replacement(model),
    },
    volumeMounts: replacing(model, mounts(model, context)),
  };
}

function podSpec(model: KubernetesModel, context: TargetContext): YamlMap {
  const release = context.environment.kubernetes;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
    shareProcessNamespace: false,
    ...(atLeast(release, 1, 33) && { hostUsers: false }),
    ...(model.kind === "Pod" && { restartPolicy: "Never" }),
    ...(model.limits.seconds !== undefined && { activeDeadlineSeconds: model.limits.seconds }),
    ...(model.runtimeClass !== undefined && { runtimeClassName: model.runtimeClass }),
    terminationGracePeriodSeconds: 5,
    // The pause container runs under the pod's profile, the server under its own.
    securityContext: {
      runAsNonRoot: true,
      runAsUser: model.uid,
      runAsGroup: model.gid,
      supplementalGroups: [],
      ...(atLeast(release, 1, 33) && { supplementalGroupsPolicy: "Strict" }),
      seccompProfile: { type: "RuntimeDefault" },
      ...replacement(model),
    },
    containers: [container(model, context)],
    volumes: volumes(model),
  };
}

const labels = (model: KubernetesModel): YamlMap => ({ "app.kubernetes.io/name": `mcp-${model.server}` });
const metadata = (model: KubernetesModel): YamlMap => ({
  name: `mcp-${model.server}`,
  namespace: `mcp-${model.server}`,
  labels: labels(model),
});

function workload(model: KubernetesModel, context: TargetContext): YamlMap {
  if (model.kind === "Deployment") {
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata(model),
      spec: {
        replicas: 1,
        selector: { matchLabels: labels(model) },
        template: { metadata: { labels: labels(model) }, spec: podSpec(model, context) },
      },
    };
  }
  return { apiVersion: "v1", kind: "Pod", metadata: metadata(model), spec: podSpec(model, context) };
}

function portRule(ports: { readonly from: number; readonly to: number }, protocol: string): YamlMap {
  return {
    protocol: protocol.toUpperCase(),
    port: ports.from,
    ...(ports.to > ports.from && { endPort: ports.to }),
  };
}

/** Both directions are named, so that an empty list denies all of one. */
function networkPolicy(model: KubernetesModel): YamlMap {
  const egress: readonly YamlValue[] =
    model.egress === "any"
      ? [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0" } }] }]
      : model.egress.flatMap(({ host, ports, protocol }) =>
          host.kind === "network"
            ? [
                {
                  to: [{ ipBlock: { cidr: `${host.address}/${host.prefix}` } }],
                  ports: [portRule(ports, protocol)],
                },
              ]
            : [],
        );
  const ingress = model.ingress.map(({ ports, protocol }) => ({ ports: [portRule(ports, protocol)] }));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(model),
    spec: {
      podSelector: { matchLabels: labels(model) },
      policyTypes: ["Ingress", "Egress"],
      ingress,
      egress,
    },
  };
}

function namespace(model: KubernetesModel): YamlMap {
  const standard = "pod-security.kubernetes.io";
  const modes = ["audit", "enforce", "warn"];
  const rows = modes.flatMap((mode) => [
    [`${standard}/${mode}`, "restricted"],
    [`${standard}/${mode}-version`, "latest"],
  ]);
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: `mcp-${model.server}`, labels: Object.fromEntries(rows) as YamlMap },
  };
}

/**
 * A kustomize component: what confines the container of this name in whatever pod it stands. The patch finds its pod by
 * its own name and namespace: kustomize refuses a patch that finds none, and would drop one with a `target` in silence.
 */
function patchFiles(model: KubernetesModel, context: TargetContext): readonly OutputFile[] {
  const patch = workload(model, context);
  const component: YamlMap = {
    apiVersion: "kustomize.config.k8s.io/v1alpha1",
    kind: "Component",
    resources: ["networkpolicy.yaml"],
    patches: [{ path: "patch.yaml" }],
  };
  return [
    { path: "kustomization.yaml", content: printYaml(component, context.header) },
    { path: "patch.yaml", content: printYaml(patch, context.header) },
  ];
}

/** All files. */
export function printKubernetes(model: KubernetesModel, context: TargetContext): readonly OutputFile[] {
  const body: readonly OutputFile[] =
    model.kind === "Patch"
      ? patchFiles(model, context)
      : [
          {
            path: `${model.kind.toLowerCase()}.yaml`,
            content: printYaml(workload(model, context), context.header),
          },
          { path: "namespace.yaml", content: printYaml(namespace(model), context.header) },
        ];
  return [
    ...body,
    { path: "networkpolicy.yaml", content: printYaml(networkPolicy(model), context.header) },
    { path: "seccomp.json", content: printProfile(model.seccomp, context.environment) },
  ];
}
