/**
 * A compose file as a tree, strictly: what readers of YAML disagree on, or what one line makes of another, is refused or not known.
 *
 * Source: YAML 1.2.2 and 1.1; Compose specification, "Fragments", "Interpolation".
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  visit,
  type Node as YamlNode,
} from "yaml";
import { recently } from "../../authority/recent.ts";
import { ContainerError } from "../container/settings.ts";
import { readVersions } from "../yaml.ts";

/** A scalar; `unknown` says why its value is not known here. */
export interface Scalar {
  readonly kind: "scalar";
  readonly line: number;
  readonly value: string | number | boolean | null;
  readonly unknown?: string;
  /** How compose writes a number where it wants a text; absent where releases of it differ. */
  readonly text?: string;
}

/** A list. */
export interface List {
  readonly kind: "list";
  readonly line: number;
  readonly items: readonly Tree[];
}

/** A table: each key once. */
export interface Table {
  readonly kind: "table";
  readonly line: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** What stands under a key, and the line of the key. */
export interface Entry {
  readonly line: number;
  readonly tree: Tree;
}

/** Any of them. */
export type Tree = Scalar | List | Table;

/** The one form of a variable whose meaning is exact: required, and without it nothing starts. */
const required = /^\$\{[A-Za-z_][A-Za-z0-9_]*:?\?[^${}]*\}$/;

/** Undoes `$$`; undefined where a variable is replaced. @throws ContainerError for a `$` that compose refuses */
function interpolated(text: string, line: number): string | undefined {
  let isKnown = true;
  const out = text.replace(/\$(?:(\$)|(\{[^{}]*\}|[A-Za-z_][A-Za-z0-9_]*|\{)|)/g, (_, doubled, variable) => {
    if (doubled === undefined && variable === undefined)
      throw new ContainerError(`compose refuses the \`$\` in \`${text}\``, line);
    if (doubled === undefined) isKnown = false;
    return "$";
  });
  return isKnown ? out : undefined;
}

type Value = Scalar["value"];

/** A scalar of the library; `source` is how it is written. */
type ParsedScalar = { readonly value: unknown; readonly source?: string };

const isValue = (value: unknown): value is Value =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

interface Place {
  readonly lines: LineCounter;
}

const lineOf = (node: YamlNode | null | undefined, { lines }: Place): number =>
  node?.range ? lines.linePos(node.range[0]).line : 1;

/** What Go and Python both make of a number: Go has an exponent from 1e6 and below 1e-4, and whole numbers have 64 bits. */
function numberText(value: Value, source: string | undefined): Pick<Scalar, "text"> {
  if (typeof value !== "number" || source !== String(value)) return {};
  const size = Math.abs(value);
  return Number.isSafeInteger(value) || (size >= 1e-4 && size < 1e6) ? { text: source } : {};
}

function scalarOf({ value, source }: ParsedScalar, older: unknown, line: number): Scalar {
  if (!isValue(value)) throw new ContainerError("this is no value that a compose file has", line);
  const bare = { kind: "scalar", line, value, ...numberText(value, source) } as const;
  // The library's YAML 1.1 takes a lonely point for a number, as no reader of that version does.
  if (value !== older && value !== ".") return { ...bare, unknown: "YAML 1.1 and 1.2 read it differently" };
  if (typeof value !== "string" || !value.includes("$")) return bare;
  if (required.test(value)) return { ...bare, unknown: "required" };
  const plain = interpolated(value, line);
  return plain === undefined
    ? { ...bare, unknown: "it depends on variables of whoever starts it" }
    : { ...bare, value: plain };
}

/** Reads a node beside the same node as YAML 1.1 reads it. */
function treeOf(node: unknown, older: unknown, place: Place): Tree {
  const line = lineOf(node as YamlNode, place);
  if (isMap(node) && isMap(older)) {
    const entries = new Map<string, Entry>();
    for (const [at, { key, value }] of node.items.entries()) {
      const twin = older.items[at];
      const keyLine = lineOf(key as YamlNode, place);
      const name = isScalar(key)
        ? scalarOf(key, isScalar(twin?.key) ? twin.key.value : undefined, keyLine)
        : undefined;
      if (name?.kind !== "scalar" || name.unknown !== undefined || typeof name.value !== "string")
        throw new ContainerError("a key that is no plain string", keyLine);
      const tree = value === null ? nothingAt(keyLine) : treeOf(value, twin?.value, place);
      entries.set(name.value, { line: keyLine, tree });
    }
    return { kind: "table", line, entries };
  }
  if (isSeq(node) && isSeq(older))
    return { kind: "list", line, items: node.items.map((item, at) => treeOf(item, older.items[at], place)) };
  return isScalar(node) ? scalarOf(node, isScalar(older) ? older.value : undefined, line) : nothingAt(line);
}

const nothingAt = (line: number): Scalar => ({ kind: "scalar", line, value: null });

const notWritten = (what: string): string =>
  `${what}: what it comes to is not read here, so write it where it belongs`;

/** Refuses what makes one place of a document stand for another. */
function refuseFragments(document: Document.Parsed, place: Place): void {
  visit(document, (_, node) => {
    if (isAlias(node)) throw new ContainerError(notWritten("an alias"), lineOf(node, place));
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    if (node.anchor !== undefined) throw new ContainerError(notWritten("an anchor"), lineOf(node, place));
    // Plain nodes of YAML 1.2 have no tag unless it is written.
    if (node.tag !== undefined)
      throw new ContainerError(
        "a tag, which gives a value another type: quotes do for a text",
        lineOf(node, place),
      );
    if (isMap(node) && node.items.some(({ key }) => isScalar(key) && key.value === "<<"))
      throw new ContainerError(notWritten("a merge key"), lineOf(node, place));
  });
}

const recent = recently<Tree>();

/** Reads a document; a file without one holds nothing. @throws ContainerError */
export function readTree(text: string): Tree {
  return recent(text, () => makeTree(text));
}

function makeTree(text: string): Tree {
  const { newer, older, lines } = readVersions(text);
  const place: Place = { lines };
  const [document, another] = newer;
  if (!document) return nothingAt(1);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw new ContainerError(problem.message, lines.linePos(problem.pos[0]).line);
  if (another)
    throw new ContainerError(
      "a second document, and a compose file has one",
      lines.linePos(another.range[0]).line,
    );
  if (document.directives?.yaml.explicit)
    throw new ContainerError("a directive, which readers of YAML do not all obey", 1);
  refuseFragments(document, place);
  const [twin, ...more] = older;
  if (!twin || more.length > 0 || twin.errors.length > 0)
    throw new ContainerError("as YAML 1.1 this can't be read", 1);
  return treeOf(document.contents, twin.contents, place);
}
