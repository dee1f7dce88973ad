/**
 * YAML, of which only what every reader reads alike: no anchors, aliases, merge keys, tags, directives, or keys that are no
 * strings. A file goes through readers of YAML 1.1 (kubectl) and 1.2 (kustomize) on its way to a cluster.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type ParsedNode } from "yaml";
import { readVersions } from "../yaml.ts";
import { ManifestError, type Place, type YamlMap, type YamlNode } from "./nodes.ts";

/** A file. */
export interface ManifestText {
  readonly path: string;
  readonly text: string;
}

interface Reading {
  readonly file: string;
  readonly lines: LineCounter;
}

type Parsed = ParsedNode | null | undefined;

const lineOf = ({ lines }: Reading, node: Parsed): number =>
  node?.range ? lines.linePos(node.range[0]).line : 1;

function refuse(reading: Reading, node: Parsed, message: string): never {
  throw new ManifestError(message, reading.file, lineOf(reading, node));
}

/** A key, which both versions read as the same string. */
function keyOf(reading: Reading, key: Parsed, elsewhere: unknown): string {
  if (!isScalar(key)) return refuse(reading, key, "a key must be a string");
  if (key.anchor !== undefined || key.tag !== undefined)
    return refuse(reading, key, "a key with an anchor or a tag");
  if (key.value === "<<") return refuse(reading, key, "a merge key: write out what it stands for");
  const other = isScalar(elsewhere) ? elsewhere.value : undefined;
  if (typeof key.value !== "string" || key.value !== other)
    return refuse(reading, key, `the key \`${key.source}\` is no string in some version of YAML: quote it`);
  return key.value;
}

function scalarValue(reading: Reading, node: Parsed, value: unknown): string | number | boolean | null {
  if (value === null || ["string", "boolean"].includes(typeof value)) return value as string | boolean | null;
  if (typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER)
    return value;
  return refuse(reading, node, "a number that readers round");
}

const nothing = (place: Place): YamlNode => ({
  kind: "scalar",
  value: null,
  source: "",
  ambiguous: false,
  ...place,
});

/** A node as version 1.2 reads it, beside the same as 1.1 does. */
function convert(reading: Reading, node: Parsed, other: unknown): YamlNode {
  const place = { file: reading.file, line: lineOf(reading, node) };
  if (isAlias(node)) return refuse(reading, node, "an alias: write out what it stands for");
  if (node && (node.anchor !== undefined || node.tag !== undefined))
    return refuse(reading, node, "an anchor or a tag");
  if (isMap(node) && isMap(other)) {
    const fields = new Map<string, YamlNode>();
    for (const [at, pair] of node.items.entries()) {
      const key = keyOf(reading, pair.key as Parsed, other.items[at]?.key);
      const value = pair.value as Parsed;
      fields.set(key, value ? convert(reading, value, other.items[at]?.value) : nothing(place));
    }
    return { kind: "map", fields, open: false, ...place };
  }
  if (isSeq(node) && isSeq(other)) {
    const items = node.items.map((item, at) => convert(reading, item as Parsed, other.items[at]));
    return { kind: "list", items, open: false, ...place };
  }
  if (!isScalar(node)) return refuse(reading, node, "this reads differently in YAML 1.1 and 1.2");
  const elsewhere = isScalar(other) ? other.value : undefined;
  return {
    kind: "scalar",
    value: scalarValue(reading, node, node.value),
    source: node.source ?? "",
    ambiguous: node.value !== elsewhere,
    ...place,
  };
}

type Parse = Document.Parsed;

function checkDocument(reading: Reading, document: Parse): void {
  const [problem] = [...document.errors, ...document.warnings];
  if (problem)
    throw new ManifestError(problem.message, reading.file, reading.lines.linePos(problem.pos[0]).line);
  if (document.directives?.yaml.explicit || Object.keys(document.directives?.tags ?? {}).length > 1)
    refuse(reading, document.contents as Parsed, "a directive of YAML");
}

/** The documents of a file, which must be maps; empty ones are none. @throws ManifestError */
export function readDocuments({ path, text }: ManifestText): readonly YamlMap[] {
  const { newer: documents, older: others, lines } = readVersions(text);
  const reading: Reading = { file: path, lines };
  if (others.length !== documents.length)
    throw new ManifestError("this reads differently in YAML 1.1 and 1.2", path, 1);
  return documents.flatMap((document, at): readonly YamlMap[] => {
    checkDocument(reading, document);
    for (const problem of others[at]?.errors ?? []) throw new ManifestError(problem.message, path, 1);
    const contents = document.contents as Parsed;
    if (isScalar(contents) && contents.value === null) return [];
    const node = contents ? convert(reading, contents, others[at]?.contents) : undefined;
    if (node && node.kind !== "map") throw new ManifestError("a document must be a map", path, node.line);
    return node ? [node] : [];
  });
}
