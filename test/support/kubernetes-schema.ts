/**
 * Kubernetes' published schemas, as compiled in the package kubernetes-models. They know types and enumerations, and
 * let unknown fields pass, as a typed client does; so the document is handed over such that every field that is looked
 * at is remembered: one that no schema ever looks at is one that a server drops.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as z from "zod";

const require = createRequire(import.meta.url);
const root = dirname(require.resolve("kubernetes-models/package.json"));

interface Validate {
  (data: unknown): boolean;
  errors?:
    | readonly { readonly instancePath: string; readonly message?: string; readonly keyword: string }[]
    | null;
}

const schemas: Readonly<Record<string, string>> = {
  "v1 Pod": "IoK8sApiCoreV1Pod",
  "v1 Namespace": "IoK8sApiCoreV1Namespace",
  "apps/v1 Deployment": "IoK8sApiAppsV1Deployment",
  "networking.k8s.io/v1 NetworkPolicy": "IoK8sApiNetworkingV1NetworkPolicy",
};

/** Kustomize has no published schema: the fields of a component that are used (kustomize's reference, "Component"). */
const component = z.strictObject({
  apiVersion: z.literal("kustomize.config.k8s.io/v1alpha1"),
  kind: z.literal("Component"),
  resources: z.array(z.string()),
  patches: z.array(z.strictObject({ path: z.string() })),
});

interface Watched {
  readonly value: unknown;
  /** Paths of fields that nobody looked at. */
  readonly unread: () => readonly string[];
}

function watch(value: unknown, path: string): Watched {
  if (value === null || typeof value !== "object") return { value, unread: () => [] };
  const inner = new Map(
    Object.entries(value).map(([key, child]) => [key, watch(child, `${path}/${key}`)] as const),
  );
  const read = new Set<string>();
  const copy: object = Array.isArray(value) ? [] : {};
  for (const [key, child] of inner) Object.assign(copy, { [key]: child.value });
  const proxy = new Proxy(copy, {
    get: (target, key, receiver) => {
      if (typeof key === "string") read.add(key);
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  const unread = (): readonly string[] =>
    [...inner].flatMap(([key, child]) => (read.has(key) ? child.unread() : [`${path}/${key}`]));
  return { value: proxy, unread };
}

/** A document without the directives of a strategic merge patch: what remains is held against the schema. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = value.filter((item) => JSON.stringify(item) !== '{"$patch":"replace"}');
    return kept.map(withoutDirectives);
  }
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([key, inner]) => !(key === "$patch" && inner === "replace"));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutDirectives(inner)]));
}

/** What is wrong with a document by the schema of its kind; empty when it is right. */
export function schemaProblems(document: unknown): readonly string[] {
  const { apiVersion, kind } = document as { readonly apiVersion?: string; readonly kind?: string };
  if (kind === "Component") {
    const { error } = component.safeParse(document);
    return error ? [z.prettifyError(error)] : [];
  }
  const name = schemas[`${apiVersion} ${kind}`];
  if (name === undefined) return [`no schema for ${apiVersion} ${kind}`];
  const { validate } = require(join(root, `_schemas/${name}.js`)) as { readonly validate: Validate };
  const watched = watch(document, "");
  const problems = validate(watched.value)
    ? []
    : (validate.errors ?? []).map((e) => `${e.instancePath}: ${e.message ?? e.keyword}`);
  return [...problems, ...watched.unread().map((path) => `${path}: no such field`)];
}

/** The version of the package whose schemas these are. */
export function schemaVersion(): string {
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string })
    .version;
}
