/** Checks of pods and their network policies. */
import { parse as parseYaml } from "yaml";
import { atLeast } from "../../src/policy/environment.ts";
import { schemaProblems } from "../support/kubernetes-schema.ts";
import {
  manifestsOf,
  networkPolicyOf,
  type PodContainer,
  type PodDocument,
  type PolicyRule,
  podFile,
  podOf,
} from "../support/manifests.ts";
import { type Check, fileOf, type Output } from "../support/outputs.ts";
import { admits, firstOf } from "./trap.ts";

/** A check of the pod and its only container. */
function ofPod(
  problem: (pod: PodDocument, container: PodContainer, output: Output) => string | false | undefined,
): Check {
  return (output) => {
    const pod = podOf(output);
    const [container, ...others] = pod.spec.containers;
    if (!container || others.length > 0) return "not one container";
    return problem(pod, container, output) || undefined;
  };
}

const admitted = (output: Output, dimension: string, words: RegExp): boolean =>
  admits(fileOf(output, podFile(output)), dimension, words);

/** The volume that covers what a runtime mounts writable. */
const cover = "nothing";

/** What a runtime or the kubelet mounts writable is covered, or said. */
export const nothingElseIsWritable = ofPod((_, { securityContext, volumeMounts = [] }, output) => {
  if (securityContext?.readOnlyRootFilesystem !== true) return "the root is writable";
  const covered = volumeMounts.filter((m) => m.name === cover && m.readOnly).map((m) => m.mountPath);
  if ([...covered].sort().join() !== "/dev/mqueue,/dev/shm") return `only ${covered} is covered`;
  return !admitted(output, "files", /termination-log/) && "nobody says what the kubelet mounts";
});

/** Read-only mounts are so below too, or the header says that they are not. */
export const readOnlyIsRecursive = ofPod((_, { volumeMounts = [] }, output) => {
  const recursive = atLeast(output.environment.kubernetes, 1, 31);
  const writable = new Set(
    output.server.files.grants.filter((g) => g.access.includes("write")).map((g) => g.path),
  );
  return firstOf(volumeMounts, (mount) => {
    const isTmp = mount.mountPath === "/tmp" && output.server.tmp !== undefined;
    if (!mount.readOnly)
      return isTmp || writable.has(mount.mountPath) ? undefined : `${mount.mountPath} is writable`;
    // Nothing is mounted in what covers the runtime's own places.
    if (mount.name === cover) return undefined;
    const wanted = recursive ? "Enabled" : undefined;
    if (mount.recursiveReadOnly !== wanted)
      return `${mount.mountPath} is read-only, not what is mounted below it`;
    if (recursive || admitted(output, "files", /nothing is mounted inside the claims/)) return undefined;
    return "nobody says what a read-only mount leaves writable";
  });
});

/** Numbers for the user and the group, never 0, and no group of the image's. */
export const userAndGroup = ofPod(({ spec }, container, { environment }) => {
  for (const context of [spec.securityContext, container.securityContext])
    if (!context?.runAsUser || !context.runAsGroup) return `${context?.runAsUser}:${context?.runAsGroup}`;
  if (spec.securityContext?.supplementalGroups?.length !== 0) return "groups beside";
  if (spec.securityContext.fsGroup !== undefined) return "a group that owns the volumes";
  const policy = atLeast(environment.kubernetes, 1, 33) ? "Strict" : undefined;
  return spec.securityContext.supplementalGroupsPolicy !== policy && "groups of the image";
});

/** gVisor is asked for where the policy wants a kernel, and that it reads no profile is said. */
export const kernelIsAdmitted = ofPod(({ spec }, _, output) => {
  const wanted = output.server.isolation.level === "kernel";
  if ((spec.runtimeClassName === "gvisor") !== wanted) return `the runtime class ${spec.runtimeClassName}`;
  return wanted && !admitted(output, "syscalls", /gVisor/) && "nobody says that the profile is ignored";
});

const sameLabels = (
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);

function ruleProblem(rule: PolicyRule, isOpen: boolean): string | undefined {
  const blocks = rule.to?.map(({ ipBlock }) => ipBlock?.cidr) ?? [];
  if (blocks.length === 0 || blocks.includes(undefined)) return "a rule to everywhere";
  if (!isOpen && (rule.ports ?? []).length === 0) return "a rule of every port";
  return (rule.ports ?? []).some(({ port, protocol }) => port === undefined || protocol === undefined)
    ? "a rule of every port"
    : undefined;
}

/** A policy that selects the pod, names both directions, and holds no rule that is wider than a grant. */
export const networkIsClosed: Check = (output) => {
  const pod = podOf(output);
  const { metadata, spec } = networkPolicyOf(output);
  const selector = spec.podSelector.matchLabels ?? {};
  if (Object.keys(selector).length === 0) return "every pod is selected";
  if (!sameLabels(selector, pod.metadata.labels ?? {})) return "the pod is not selected";
  if (metadata.namespace !== pod.metadata.namespace) return "the pod is in another namespace";
  if ([...(spec.policyTypes ?? [])].sort().join() !== "Egress,Ingress") return `only ${spec.policyTypes}`;
  const { network } = output.server;
  const wanted = network.connect.filter(({ host }) => host.kind === "network");
  const { egress, ingress } = spec;
  if (!egress || !ingress) return "a direction without a list";
  const wide = firstOf(egress, (rule) => ruleProblem(rule, network.any));
  if (wide) return wide;
  if (!network.any) {
    const peers = egress.map(
      (r) =>
        `${r.to?.map((t) => t.ipBlock?.cidr)} ${r.ports?.map((p) => `${p.port}-${p.endPort ?? p.port}/${p.protocol}`)}`,
    );
    const granted = wanted.map(({ host, ports, protocol }) =>
      host.kind === "network"
        ? `${host.address}/${host.prefix} ${ports.from}-${ports.to}/${protocol.toUpperCase()}`
        : "",
    );
    if (peers.sort().join() !== granted.sort().join()) return `egress to ${peers}, not ${granted}`;
  }
  const reachable = network.listen.filter(({ address }) => address !== "::1" && !address.startsWith("127."));
  const ports = ingress.flatMap((rule) => rule.ports ?? [{ port: -1 }]).map((p) => `${p.port}`);
  if (ports.join() !== reachable.map((r) => `${r.ports.from}`).join()) return `ingress to ${ports}`;
  const reachesOut = network.any || network.loopback || network.connect.length + network.listen.length > 0;
  return reachesOut && !admitted(output, "net.none", /network plugin enforces/)
    ? "nobody says that the network policy may be enforced by nothing"
    : undefined;
};

/** A kustomize component fails where its patch finds no pod, and keeps nothing of the pod's own container. */
export const componentFails: Check = (output) => {
  const text = output.files.get("kustomization.yaml");
  if (text === undefined) return undefined;
  const component = parseYaml(text) as {
    readonly resources?: readonly string[];
    readonly patches?: readonly Readonly<Record<string, unknown>>[];
  };
  if (!component.resources?.includes("networkpolicy.yaml")) return "no network policy";
  if (component.patches?.some((patch) => "target" in patch))
    return "a patch that is left out when it finds no pod";
  const patch = parseYaml(fileOf(output, "patch.yaml")) as PodDocument;
  const [container] = patch.spec.containers;
  const directive = '{"$patch":"replace"}';
  for (const list of ["env", "ports", "volumeMounts", "volumeDevices"]) {
    const items = (container as unknown as Record<string, readonly unknown[] | undefined>)[list] ?? [];
    if (JSON.stringify(items.at(-1)) !== directive) return `the pod's own ${list} are kept`;
  }
  if (!("envFrom" in (container ?? {}))) return "the pod's own envFrom is kept";
  const contexts: readonly object[] = [patch.spec.securityContext ?? {}, container?.securityContext ?? {}];
  return contexts.every((context) => "$patch" in context) ? undefined : "the pod's own context is kept";
};

/** The pause container runs under the default profile, the server under its own, which each node must have. */
export const profileIsTheContainers = ofPod(({ spec }, container, output) => {
  if (spec.securityContext?.seccompProfile?.type !== "RuntimeDefault") return "the pause container's profile";
  const { type, localhostProfile = "" } = container.securityContext?.seccompProfile ?? {};
  if (type !== "Localhost") return `the profile ${type}`;
  if (!/^[a-z0-9][a-z0-9/.-]*\.json$/.test(localhostProfile) || localhostProfile.split("/").includes(".."))
    return `the profile ${localhostProfile}`;
  return (
    !admitted(output, "syscalls", /profile is missing/) &&
    "nobody says that a missing profile may be no profile"
  );
});

/** No field that a server drops, and each limit is set or said not to be. */
export const everyFieldIsKnown: Check = (output) => {
  for (const [path, document] of manifestsOf(output)) {
    const [problem] = schemaProblems(document);
    if (problem !== undefined) return `${path}: ${problem}`;
  }
  return limitsAreSet(output);
};

const limitsAreSet = ofPod(({ kind, spec }, { resources }, output) => {
  const { memory, cpu, processes, files, io, time } = output.server.limits;
  const limits = {
    ...(memory && { memory: String(memory.value) }),
    ...(cpu && { cpu: `${cpu.value * 10}m` }),
  };
  if (JSON.stringify(resources?.limits ?? {}) !== JSON.stringify(limits)) return "other limits";
  if (JSON.stringify(resources?.requests) !== JSON.stringify(resources?.limits))
    return "requests below the limits";
  const missing = { processes, descriptors: files, io };
  const silent = Object.entries(missing).find(
    ([name, limit]) => limit && !admitted(output, name, /no limit of/),
  );
  if (silent) return `nobody says that there is no limit of ${silent[0]}`;
  if (!time) return spec.activeDeadlineSeconds !== undefined && "a deadline";
  if (kind === "Deployment" || output.server.network.listen.length > 0)
    return !admitted(output, "time", /no limit of run time/) && "nobody says that time is not limited";
  return (spec.activeDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000 > time.value && "more time";
});

/** Nothing can be mounted noexec here, and volumes in memory have a size: what does not hold is said. */
export const volumesAreBounded = ofPod(({ spec }, _, output) => {
  const { tmp } = output.server;
  const memory = (spec.volumes ?? []).filter((v) => "emptyDir" in v);
  const odd = memory.find((v) => {
    const { medium, sizeLimit } = v.emptyDir as { readonly medium?: string; readonly sizeLimit?: string };
    return medium !== "Memory" || sizeLimit !== (v.name === cover ? "4096" : String(tmp?.bytes));
  });
  if (odd) return `${odd.name} has no size`;
  if (tmp && !admitted(output, "exec", /temporary directory can't be mounted noexec/))
    return "tmp is executable";
  const old = !atLeast(output.environment.kubernetes, 1, 22);
  return tmp && old && !admitted(output, "tmp", /before 1\.22/) ? "a size that is not held" : undefined;
});
