/**
 * Manifests of Kubernetes, read as a cluster reads them: what a container of a pod is permitted, relative to a named
 * environment. What a cluster would refuse, or drop in silence, is an error.
 *
 * Source: Kubernetes' API reference and documentation of release 1.34; the sources of Kubernetes, containerd and CRI-O where
 * those are silent, named in the files beside this one.
 */
import type { Authority } from "../authority/authority.ts";
import { never } from "../authority/bdd.ts";
import { ruleMachine } from "../authority/path-rules.ts";
import type { Finding } from "./finding.ts";
import { isToldMore } from "./kubernetes/annotations.ts";
import { bundleOf, type KubernetesObject, workloads } from "./kubernetes/bundle.ts";
import { profileFilter } from "./kubernetes/calls.ts";
import { commandOf } from "./kubernetes/command.ts";
import { filesOf, storageOf } from "./kubernetes/files.ts";
import { identityOf, processesOf } from "./kubernetes/identity.ts";
import { limitsOf } from "./kubernetes/limits.ts";
import { podMounts } from "./kubernetes/mounts.ts";
import { podNetwork } from "./kubernetes/network.ts";
import {
  fail,
  flagAt,
  knownText,
  mapAt,
  mapsAt,
  open,
  placeOf,
  textAt,
  type YamlMap,
} from "./kubernetes/nodes.ts";
import { findProbes } from "./kubernetes/probes.ts";
import { isPrivileged, ownContext, type PodEnvironment, type PodReading } from "./kubernetes/reading.ts";
import { variablesOf } from "./kubernetes/variables.ts";
import type { ManifestText } from "./kubernetes/yaml.ts";
import type { SeccompFilter } from "./seccomp-filter.ts";
import { leading, local } from "./sockets.ts";

export { ManifestError } from "./kubernetes/nodes.ts";
export type { PodEnvironment, RuntimeClass } from "./kubernetes/reading.ts";
export type { ManifestText } from "./kubernetes/yaml.ts";

/** A container that was read. */
export interface LiftedPod {
  /** Of the pod, or of what holds it, and of the container: `pod/container`. */
  readonly name: string;
  readonly authority: Authority;
  /** What the manifest does not look like, or whose meaning is not known here. */
  readonly findings: readonly Finding[];
  /** What all this depends on beside the environment, a clause each. */
  readonly assumptions: readonly string[];
  /** What it starts, where no variable stands in it. */
  readonly command?: readonly string[];
  readonly image?: string;
}

/** What a runtime class leads to. */
function runtimeOf(reading: PodReading): {
  readonly isolation?: Authority["isolation"];
  readonly applies: boolean;
} {
  const name = textAt(reading.spec, "runtimeClassName");
  if (name === undefined || name === "") return { isolation: "container", applies: true };
  const known = name === open ? undefined : reading.environment.runtimeClasses?.get(name);
  if (known) return { isolation: known.isolation, applies: known.appliesProfiles };
  if (name !== open)
    reading.find(
      placeOf(reading.spec, "runtimeClassName"),
      `what the runtime class \`${name}\` is, is not known`,
    );
  else reading.assume("the pod that is patched has no runtime class that isolates less than a container");
  return name === open ? { isolation: "container", applies: true } : { applies: false };
}

/** The filter that holds; undefined where none is known to. */
function filterOf(reading: PodReading, applies: boolean): SeccompFilter | undefined {
  const profile = profileFilter(reading);
  if (profile && !applies)
    reading.find(ownContext(reading), "the runtime class does not apply the profile of system calls");
  return applies ? profile : undefined;
}

/** The token of an account, which is handed to every container unless it is said. */
function findToken({ spec, find }: PodReading): void {
  if (flagAt(spec, "automountServiceAccountToken") === false) return;
  find(
    placeOf(spec, "automountServiceAccountToken"),
    "a credential of the cluster's API is mounted: `automountServiceAccountToken` is not false",
  );
}

function authorityOf(reading: PodReading): Authority {
  findToken(reading);
  findProbes(reading);
  if (isToldMore(reading)) return {};
  if (isPrivileged(reading)) {
    reading.find(placeOf(ownContext(reading), "privileged"), "a privileged container has all of the host");
    return {};
  }
  const { isolation, applies } = runtimeOf(reading);
  const filter = filterOf(reading, applies);
  const mounts = podMounts(reading);
  const files = filesOf(reading, mounts);
  const network = podNetwork(reading);
  const isSilent = filter?.makes(leading) === false;
  return {
    ...(files && { files, sockets: filter?.makes(local) === false ? ruleMachine([]) : files }),
    ...(filter && { calls: filter.calls }),
    ...(isSilent ? { network: () => never } : network && { network }),
    processes: processesOf(reading),
    environment: variablesOf(reading),
    identity: identityOf(reading),
    limits: limitsOf(reading, storageOf(reading, mounts)),
    ...(isolation && { isolation }),
  };
}

interface Pod {
  readonly object: KubernetesObject;
  readonly template: YamlMap;
  readonly name: string;
  readonly spec: YamlMap;
}

function podsOf(object: KubernetesObject): readonly Pod[] {
  const path = workloads.get(object.kind);
  if (!path) return [];
  const template = path.reduce(mapAt, object.map);
  const metadata = mapAt(object.map, "metadata");
  const name = knownText(metadata, "name") ?? knownText(metadata, "generateName");
  const spec = mapAt(template, "spec");
  if (name === undefined) return fail(object.map, "`metadata.name` is missing");
  if (knownText(mapAt(spec, "os"), "name") === "windows")
    return fail(spec, "a pod of Windows is not read here");
  return [{ object, template, name, spec }];
}

const roles = ["containers", "initContainers", "ephemeralContainers"] as const;

function liftContainer(pod: Pod, role: (typeof roles)[number], container: YamlMap, rest: Shared): LiftedPod {
  const findings: Finding[] = [...rest.findings];
  const assumptions = new Set<string>();
  const name = knownText(container, "name");
  if (name === undefined) return fail(container, "`name` is missing");
  const reading: PodReading = {
    environment: rest.environment,
    kind: pod.object.kind,
    owner: pod.object.map,
    metadata: mapAt(pod.template, "metadata"),
    namespace: textAt(mapAt(pod.object.map, "metadata"), "namespace"),
    spec: pod.spec,
    container,
    role,
    networkPolicies: rest.networkPolicies,
    hasVolumes: rest.hasVolumes,
    find: ({ file, line }, message) => {
      if (!findings.some((one) => one.file === file && one.line === line && one.message === message))
        findings.push({ file, line, message });
    },
    assume: (text) => assumptions.add(text),
  };
  const authority = authorityOf(reading);
  const command = commandOf(reading);
  const image = knownText(container, "image");
  return {
    name: `${pod.name}/${name}`,
    authority,
    findings,
    assumptions: [...assumptions],
    ...(command && { command }),
    ...(image !== undefined && { image }),
  };
}

/** What the containers of all pods have in common. */
interface Shared {
  readonly environment: PodEnvironment;
  readonly findings: readonly Finding[];
  readonly networkPolicies: readonly YamlMap[];
  readonly hasVolumes: boolean;
}

function liftPod(pod: Pod, rest: Shared): readonly LiftedPod[] {
  const names = new Set<string>();
  return roles.flatMap((role) =>
    mapsAt(pod.spec, role).map((container) => {
      const lifted = liftContainer(pod, role, container, rest);
      if (names.has(lifted.name)) fail(container, "a second container of this name");
      names.add(lifted.name);
      return lifted;
    }),
  );
}

/** Reads manifests: a container each, of every pod that they hold. @throws ManifestError */
export function liftManifests(
  texts: readonly ManifestText[],
  environment: PodEnvironment,
): readonly LiftedPod[] {
  const { objects, findings } = bundleOf(texts);
  const rest: Shared = {
    environment,
    findings,
    networkPolicies: objects.filter(({ kind }) => kind.endsWith(" NetworkPolicy")).map(({ map }) => map),
    hasVolumes: objects.some(({ kind }) => kind === "v1 PersistentVolume"),
  };
  return objects.flatMap(podsOf).flatMap((pod) => liftPod(pod, rest));
}
