/** Manifests as trees, each node with its line; a tree that a patch leaves unknown in part is open there. */

/** A text that no cluster takes as it looks, or that means what is not known here. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
  constructor(
    message: string,
    readonly file: string,
    readonly line: number,
  ) {
    super(message);
  }
}

/** Where something stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A string, number, boolean or null. */
export interface YamlScalar extends Place {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As it is written. */
  readonly source: string;
  /** YAML 1.1 and 1.2 read it differently, and so do the programs between a file and a cluster. */
  readonly ambiguous: boolean;
}

/** A list; `open` where it may hold more items, in any order. */
export interface YamlList extends Place {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
  readonly open: boolean;
}

/** A map; `open` where it may have fields that are not named. */
export interface YamlMap extends Place {
  readonly kind: "map";
  readonly fields: ReadonlyMap<string, YamlNode>;
  readonly open: boolean;
}

/** A node of a tree. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** Stands for what is not known: a patch leaves it to what it patches. */
export const open: unique symbol = Symbol("open");

/** What is read of a field: undefined where it is absent. */
export type Read<T> = T | undefined | typeof open;

/** @throws ManifestError */
export function fail(at: Place, message: string): never {
  throw new ManifestError(message, at.file, at.line);
}

/** A map with nothing in it, or of which nothing is known. */
export function mapWithout({ file, line }: Place, isOpen: boolean): YamlMap {
  return { kind: "map", fields: new Map(), open: isOpen, file, line };
}

/** A field: null is as good as absent to a cluster. */
export function fieldOf(map: YamlMap, key: string): Read<YamlNode> {
  const node = map.fields.get(key);
  if (node === undefined) return map.open ? open : undefined;
  return node.kind === "scalar" && node.value === null ? undefined : node;
}

/** A field as far as it is known. */
export function knownField(map: YamlMap, key: string): YamlNode | undefined {
  const node = fieldOf(map, key);
  return node === open ? undefined : node;
}

/** Where a field stands, or what it is missing in. */
export function placeOf(map: YamlMap, key: string): Place {
  return map.fields.get(key) ?? map;
}

/** A map below; an empty one where there is none, which is open where it may be anything. @throws ManifestError */
export function mapAt(map: YamlMap, key: string): YamlMap {
  const node = fieldOf(map, key);
  if (node === undefined || node === open) return mapWithout(map, node === open);
  return node.kind === "map" ? node : fail(node, `\`${key}\` must be a map`);
}

/** A list below, as `mapAt`. @throws ManifestError */
export function listAt(map: YamlMap, key: string): YamlList {
  const node = fieldOf(map, key);
  if (node === undefined || node === open)
    return { kind: "list", items: [], open: node === open, file: map.file, line: map.line };
  return node.kind === "list" ? node : fail(node, `\`${key}\` must be a list`);
}

/** The maps of a list, as far as they are known. @throws ManifestError */
export function mapsAt(map: YamlMap, key: string): readonly YamlMap[] {
  return listAt(map, key).items.map((item) =>
    item.kind === "map" ? item : fail(item, `\`${key}\` must hold maps`),
  );
}

/** Whether something is written in a field, or may be. */
export function isGiven(map: YamlMap, key: string): boolean {
  return fieldOf(map, key) !== undefined;
}

function unambiguous(node: YamlScalar): YamlScalar {
  return node.ambiguous
    ? fail(node, `\`${node.source}\` means different things in YAML 1.1 and 1.2: quote it`)
    : node;
}

function scalarAt(map: YamlMap, key: string): Read<YamlScalar> {
  const node = fieldOf(map, key);
  if (node === undefined || node === open) return node;
  return node.kind === "scalar" ? unambiguous(node) : fail(node, `\`${key}\` must be a single value`);
}

/** A node as a string. @throws ManifestError */
export function textOf(node: YamlNode, what: string): string {
  if (node.kind !== "scalar") return fail(node, `\`${what}\` must be a string`);
  const { value } = unambiguous(node);
  return typeof value === "string" ? value : fail(node, `\`${what}\` must be a string: quote it`);
}

/** A string. @throws ManifestError */
export function textAt(map: YamlMap, key: string): Read<string> {
  const node = scalarAt(map, key);
  return node === undefined || node === open ? node : textOf(node, key);
}

/** The strings of a list, as far as they are known. @throws ManifestError */
export function textsAt(map: YamlMap, key: string): readonly string[] {
  return listAt(map, key).items.map((item) => textOf(item, key));
}

/** A string, where an unknown one is as good as none. @throws ManifestError */
export function knownText(map: YamlMap, key: string): string | undefined {
  const text = textAt(map, key);
  return text === open ? undefined : text;
}

/** True or false. @throws ManifestError */
export function flagAt(map: YamlMap, key: string): Read<boolean> {
  const node = scalarAt(map, key);
  if (node === undefined || node === open) return node;
  return typeof node.value === "boolean" ? node.value : fail(node, `\`${key}\` must be true or false`);
}

/** A whole number within bounds. @throws ManifestError */
export function wholeAt(map: YamlMap, key: string, least: number, most: number): Read<number> {
  const node = scalarAt(map, key);
  if (node === undefined || node === open) return node;
  const { value } = node;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  return fail(node, `\`${key}\` must be a whole number from ${least} to ${most}`);
}

/** A number or a string, as it is written: what a quantity may be. @throws ManifestError */
export function writtenAt(map: YamlMap, key: string): Read<string> {
  const node = scalarAt(map, key);
  if (node === undefined || node === open) return node;
  if (typeof node.value === "string") return node.value;
  return typeof node.value === "number" ? node.source : fail(node, `\`${key}\` must be a number or a string`);
}
