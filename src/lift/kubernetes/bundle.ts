/**
 * What of a set of files reaches a cluster: all documents, or with a kustomization those that it names, its patches laid over
 * what they patch. The pod that a component patches may be nowhere among the files: then nothing of it is known beside.
 *
 * Source: kustomize's reference, "Kustomization File" and "Component"; resid.ResId for how a patch finds its resource.
 */

import type { Finding } from "../finding.ts";
import { checkFields } from "./fields.ts";
import { mergeMaps } from "./merge.ts";
import { fail, knownText, mapAt, mapsAt, mapWithout, textAt, textsAt, type YamlMap } from "./nodes.ts";
import { type ManifestText, readDocuments } from "./yaml.ts";

/** An object of the cluster. */
export interface KubernetesObject {
  readonly kind: string;
  readonly map: YamlMap;
}

/** What a set of files means. */
export interface Bundle {
  readonly objects: readonly KubernetesObject[];
  readonly findings: readonly Finding[];
}

/** Kinds that hold pods, and where the template is. */
export const workloads: ReadonlyMap<string, readonly string[]> = new Map([
  ["v1 Pod", []],
  ["apps/v1 Deployment", ["spec", "template"]],
  ["apps/v1 StatefulSet", ["spec", "template"]],
  ["apps/v1 DaemonSet", ["spec", "template"]],
  ["apps/v1 ReplicaSet", ["spec", "template"]],
  ["batch/v1 Job", ["spec", "template"]],
  ["batch/v1 CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

/** Kinds that change nothing of what a pod is permitted, beside what is said of them elsewhere. */
const harmless: ReadonlySet<string> = new Set([
  "v1 Namespace",
  "v1 ConfigMap",
  "v1 Secret",
  "v1 Service",
  "v1 ServiceAccount",
  "v1 PersistentVolumeClaim",
  "v1 LimitRange",
  "v1 ResourceQuota",
  "autoscaling/v2 HorizontalPodAutoscaler",
  "networking.k8s.io/v1 Ingress",
  "policy/v1 PodDisruptionBudget",
  "rbac.authorization.k8s.io/v1 ClusterRole",
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding",
  "rbac.authorization.k8s.io/v1 Role",
  "rbac.authorization.k8s.io/v1 RoleBinding",
  "scheduling.k8s.io/v1 PriorityClass",
]);

/** Kinds that are read beside workloads. */
const others: ReadonlySet<string> = new Set(["networking.k8s.io/v1 NetworkPolicy", "v1 PersistentVolume"]);

const kustomizations: ReadonlySet<string> = new Set([
  "kustomize.config.k8s.io/v1alpha1 Component",
  "kustomize.config.k8s.io/v1beta1 Kustomization",
]);

/** `apiVersion` and `kind` of a document. @throws ManifestError */
function kindOf(map: YamlMap): string {
  const version = textAt(map, "apiVersion");
  const kind = textAt(map, "kind");
  if (typeof version !== "string" || typeof kind !== "string")
    return fail(map, "`apiVersion` and `kind` are missing");
  return `${version} ${kind}`;
}

const typeOf = (kind: string): string => kind.slice(kind.indexOf(" ") + 1);

/** The documents of a file, those in lists each by itself. */
function documentsOf(map: YamlMap): readonly KubernetesObject[] {
  const kind = kindOf(map);
  if (kind !== "v1 List") return [{ kind, map }];
  checkFields(map, "List");
  return mapsAt(map, "items").flatMap(documentsOf);
}

interface Resource extends KubernetesObject {
  readonly file: string;
}

function identity({ kind, map }: KubernetesObject): string {
  const metadata = mapAt(map, "metadata");
  return [kind, knownText(metadata, "namespace") ?? "", knownText(metadata, "name") ?? ""].join(" ");
}

/** A path as a kustomization names it, from where its files are. */
function besides(file: string, path: string): string {
  const parts = [...file.split("/").slice(0, -1), ...path.split("/")];
  const out: string[] = [];
  for (const part of parts.filter((name) => name !== "" && name !== ".")) {
    if (part === ".." && out.length > 0 && out.at(-1) !== "..") out.pop();
    else out.push(part);
  }
  return `${file.startsWith("/") ? "/" : ""}${out.join("/")}`;
}

const plainPath = (path: string): string => besides(path, path.slice(path.lastIndexOf("/") + 1));

/** Lays a patch over the resource that it names; over an unknown one where a component names what it does not hold. */
function patched(resources: readonly Resource[], patch: Resource, isComponent: boolean): readonly Resource[] {
  if (!workloads.has(patch.kind)) return fail(patch.map, `a patch of a \`${patch.kind}\` is not read here`);
  const at = resources.findIndex((other) => identity(other) === identity(patch));
  const under = resources[at];
  if (!under && !isComponent) return fail(patch.map, "this patches nothing among the resources");
  const base = under?.map ?? mapWithout(patch.map, true);
  const merged = { ...patch, map: mergeMaps(base, patch.map, typeOf(patch.kind)) };
  return under ? resources.map((other, index) => (index === at ? merged : other)) : [...resources, merged];
}

function kustomized(kustomization: Resource, resources: readonly Resource[]): Bundle {
  const { kind, map, file } = kustomization;
  checkFields(map, typeOf(kind));
  const named = (path: string): readonly Resource[] => {
    const found = resources.filter((other) => plainPath(other.file) === besides(file, path));
    return found.length > 0 ? found : fail(map, `\`${path}\` is not among the files`);
  };
  const bases = textsAt(map, "resources").flatMap(named);
  const patches = mapsAt(map, "patches").flatMap((entry) => {
    const path = knownText(entry, "path");
    return path === undefined ? fail(entry, "only a patch with `path` is read here") : named(path);
  });
  const isComponent = kind.endsWith(" Component");
  const applied = patches.reduce<readonly Resource[]>(
    (all, patch) => patched(all, patch, isComponent),
    bases,
  );
  const used = new Set([...bases, ...patches].map((one) => one.file));
  const unused = resources.filter((one) => !used.has(one.file));
  const findings = unused.map(({ map: at, kind: what }): Finding => {
    if (workloads.has(what)) fail(at, "the kustomization does not name this file");
    return { file: at.file, line: at.line, message: "the kustomization does not name this file" };
  });
  return { objects: applied, findings };
}

function checked({ kind, map }: KubernetesObject): KubernetesObject {
  if (workloads.has(kind) || kind === "networking.k8s.io/v1 NetworkPolicy") checkFields(map, typeOf(kind));
  else if (!harmless.has(kind) && !others.has(kind)) fail(map, `\`${kind}\` is not known here`);
  return { kind, map };
}

/** Reads the files. @throws ManifestError */
export function bundleOf(texts: readonly ManifestText[]): Bundle {
  const all = texts.flatMap((text) =>
    readDocuments(text)
      .flatMap(documentsOf)
      .map((object): Resource => ({ ...object, file: text.path })),
  );
  const [kustomization, another] = all.filter(({ kind }) => kustomizations.has(kind));
  if (another) return fail(another.map, "a second kustomization");
  const resources = all.filter((one) => one !== kustomization);
  const bundle = kustomization ? kustomized(kustomization, resources) : { objects: resources, findings: [] };
  const seen = new Map<string, YamlMap>();
  for (const object of bundle.objects) {
    const name = identity(object);
    if (seen.has(name)) fail(object.map, "a second object of this kind and name: the last one would count");
    // Without a name each is one of its own.
    if (!name.endsWith(" ")) seen.set(name, object.map);
  }
  return { objects: bundle.objects.map(checked), findings: bundle.findings };
}
