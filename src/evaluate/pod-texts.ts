/** Manifests as plain data, for those who ask one question of one container. */
import { parseAllDocuments } from "yaml";

/** A file of manifests. */
export interface PodSource {
  readonly path: string;
  readonly text: string;
}

/** Marks data of which more may be there than is written: what a patch is laid over. */
const loose = Symbol("loose");

/** What may be anything. */
export const anything = Symbol("anything");

/** Plain data. */
export type Data = { readonly [key: string | symbol]: unknown };

const isData = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const itemsBy: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  volumes: "name",
  env: "name",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  ports: "containerPort",
};

/** A field: null is absent, and what is not written in loose data may be anything. */
export function get(value: unknown, key: string): unknown {
  if (value === anything) return anything;
  if (!isData(value)) return undefined;
  return value[key] ?? (!(key in value) && value[loose] === true ? anything : undefined);
}

/** A field below others. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce(get, value);
}

/** The items of a list. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a list may hold more than its items. */
export function hasMore(value: unknown): boolean {
  return value === anything || (Array.isArray(value) && loose in value);
}

function overlay(base: unknown, patch: unknown, name: string): unknown {
  if (Array.isArray(patch)) return overlaidList(base, patch, name);
  if (!isData(patch)) return patch;
  const { $patch, ...rest } = patch;
  const under = $patch === "replace" ? {} : base === anything ? { [loose]: true } : isData(base) ? base : {};
  const out: Record<string | symbol, unknown> = { ...under };
  for (const [key, value] of Object.entries(rest)) out[key] = overlay(get(under, key), value, key);
  return out;
}

function overlaidList(base: unknown, patch: readonly unknown[], name: string): unknown {
  const key = itemsBy[name];
  const own = patch.filter((item) => !(isData(item) && Object.keys(item).join() === "$patch"));
  if (key === undefined || own.length < patch.length) return own.map((item) => overlay({}, item, ""));
  const out = [...items(base)];
  for (const item of own) {
    const index = out.findIndex((other) => get(other, key) === get(item, key));
    if (index === -1) out.push(overlay(hasMore(base) ? anything : {}, item, ""));
    else out[index] = overlay(out[index], item, "");
  }
  return hasMore(base) ? Object.assign(out, { [loose]: true }) : out;
}

const sameObject = (a: unknown, b: unknown): boolean =>
  ["kind", "metadata.name", "metadata.namespace"].every((path) => at(a, path) === at(b, path));

/** What was asked about before: many questions are about the same files. */
const known = new WeakMap<readonly PodSource[], readonly unknown[]>();

/** What reaches a cluster. */
export function objectsOf(sources: readonly PodSource[]): readonly unknown[] {
  const found = known.get(sources) ?? gathered(sources);
  known.set(sources, found);
  return found;
}

function gathered(sources: readonly PodSource[]): readonly unknown[] {
  const files = sources.map(({ path, text }) => {
    const documents = [...(parseAllDocuments(text) as Iterable<{ toJS(): unknown }>)].map((d) => d.toJS());
    const flat = (value: unknown): readonly unknown[] =>
      get(value, "kind") === "List" ? items(get(value, "items")).flatMap(flat) : [value];
    return { path, objects: documents.flatMap(flat) };
  });
  const kustomization = files
    .flatMap(({ objects }) => objects)
    .find((one) => get(one, "kind") === "Kustomization" || get(one, "kind") === "Component");
  if (!kustomization) return files.flatMap(({ objects }) => objects);
  const named = (path: unknown): readonly unknown[] =>
    files.filter((file) => file.path.split("/").at(-1) === path).flatMap(({ objects }) => objects);
  const out = items(get(kustomization, "resources")).flatMap(named);
  for (const patch of items(get(kustomization, "patches")).flatMap((one) => named(get(one, "path")))) {
    const index = out.findIndex((one) => sameObject(one, patch));
    if (index === -1) out.push(overlay(anything, patch, ""));
    else out[index] = overlay(out[index], patch, "");
  }
  return out;
}

/** A container, with all that its meaning depends on. */
export interface Found {
  readonly object: unknown;
  readonly metadata: unknown;
  readonly spec: unknown;
  readonly container: unknown;
  readonly objects: readonly unknown[];
}

const templates = ["", "spec.template", "spec.jobTemplate.spec.template"];
const lists = ["containers", "initContainers", "ephemeralContainers"];

/** The container of a name, `pod/container`. @throws RangeError when there is none */
export function containerOf(sources: readonly PodSource[], name: string): Found {
  const objects = objectsOf(sources);
  for (const object of objects)
    for (const path of templates) {
      const template = path === "" ? object : at(object, path);
      const spec = get(template, "spec");
      const owner = at(object, "metadata.name") ?? at(object, "metadata.generateName");
      for (const container of lists.flatMap((list) => items(get(spec, list))))
        if (
          `${String(owner)}/${String(get(container, "name"))}` === name &&
          isData(get(spec, "containers")) === false
        )
          return { object, metadata: get(template, "metadata"), spec, container, objects };
    }
  throw new RangeError(`no container ${name}`);
}

/** Other containers that run beside one, as far as they are known. */
export function beside({ spec, container }: Found): readonly unknown[] {
  return lists
    .flatMap((list) =>
      items(get(spec, list)).filter(
        (one) => list !== "initContainers" || get(one, "restartPolicy") !== undefined,
      ),
    )
    .filter((one) => one !== container);
}

/** Whether others may be there that are not known. */
export function mayHaveOthers({ spec }: Found): boolean {
  return lists.some((list) => hasMore(get(spec, list)));
}

/** A field of the security context: the container's, else the pod's. */
export function secured({ spec, container }: Found, key: string): unknown {
  return at(container, `securityContext.${key}`) ?? at(spec, `securityContext.${key}`);
}

/** Whether a switch is on, or may be. */
export const isOn = (value: unknown): boolean => value === true || value === anything;
