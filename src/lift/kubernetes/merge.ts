/**
 * Strategic merge, as kustomize does it: maps are merged, lists by the key of their items where they have one, and replaced
 * otherwise. What a patch is laid over may be unknown: then what it does not say is open.
 *
 * Source: "Update API Objects in Place Using kubectl patch" in Kubernetes' documentation; kustomize, kyaml/yaml/merge2.
 */
import { type FieldType, fieldsOf, holdsAnyKey } from "./fields.ts";
import { fail, mapWithout, type YamlList, type YamlMap, type YamlNode } from "./nodes.ts";

const directive = "$patch";

/** The directive of a map; only `replace` is known here. @throws ManifestError */
function isReplacing(map: YamlMap): boolean {
  const node = map.fields.get(directive);
  if (node === undefined) return false;
  if (node.kind === "scalar" && node.value === "replace") return true;
  return fail(node, "only `$patch: replace` is read here");
}

/** An item of a list that says that the list replaces another. */
const isDirective = (node: YamlNode): boolean =>
  node.kind === "map" && node.fields.size === 1 && isReplacing(node);

function withoutDirective(map: YamlMap): YamlMap {
  return { ...map, fields: new Map([...map.fields].filter(([key]) => key !== directive)) };
}

/** What a patch puts where nothing was: itself. */
function alone(node: YamlNode): YamlNode {
  if (node.kind === "scalar") return node;
  if (node.kind === "list")
    return { ...node, items: node.items.filter((item) => !isDirective(item)).map(alone) };
  isReplacing(node);
  const { fields } = withoutDirective(node);
  return { ...node, fields: new Map([...fields].map(([key, inner]) => [key, alone(inner)])) };
}

const keyIn = (node: YamlNode, key: string): string | undefined => {
  const found = node.kind === "map" ? node.fields.get(key) : undefined;
  return found?.kind === "scalar" ? String(found.value) : undefined;
};

function mergeItems(base: YamlList, patch: YamlList, { type = "", mergeKey = "" }: FieldType): YamlList {
  if (patch.items.some(isDirective)) return { ...(alone(patch) as YamlList), open: false };
  const items = [...base.items];
  for (const item of patch.items) {
    const key = keyIn(item, mergeKey);
    if (item.kind !== "map" || key === undefined) return fail(item, `\`${mergeKey}\` is missing`);
    const at = items.findIndex((other) => keyIn(other, mergeKey) === key);
    const under = items[at];
    const merged = mergeMaps(under?.kind === "map" ? under : mapWithout(item, base.open), item, type);
    if (at === -1) items.push(merged);
    else items[at] = merged;
  }
  return { ...patch, items, open: base.open };
}

function mergeField(base: YamlMap, key: string, patch: YamlNode, field: FieldType): YamlNode {
  const under = base.fields.get(key);
  if (patch.kind === "map" && field.type !== undefined)
    return mergeMaps(
      under?.kind === "map" ? under : mapWithout(patch, base.open && under === undefined),
      patch,
      field.type,
    );
  if (patch.kind === "list" && field.mergeKey !== undefined) {
    const list: YamlList =
      under?.kind === "list" ? under : { ...patch, items: [], open: base.open && under === undefined };
    return mergeItems(list, patch, field);
  }
  if (patch.kind === "list" && patch.items.some(isDirective))
    return fail(patch, `\`${key}\` is replaced whole, and takes no \`$patch\``);
  // What is not looked into is merged all the same, of which nothing depends.
  return alone(patch);
}

/** A patch over a map. @throws ManifestError */
export function mergeMaps(base: YamlMap, patch: YamlMap, type: string): YamlMap {
  if (isReplacing(patch)) {
    const map = alone(patch) as YamlMap;
    return { ...map, open: false };
  }
  const known = holdsAnyKey(type) ? undefined : fieldsOf(type);
  const fields = new Map(base.fields);
  for (const [key, node] of patch.fields) {
    const field = known?.get(key) ?? { type: undefined, isList: false, mergeKey: undefined };
    fields.set(key, mergeField(base, key, node, field));
  }
  return { ...patch, fields, open: base.open };
}
