/** Values of a tree, where a certain kind is expected: others are refused, and those that are not known leave their parts open. */
import { ContainerError, type Draft, find, type Said, type Slice } from "../container/settings.ts";
import { bytesOf, decimalOf, wholeOf } from "../container/values.ts";
import type { Entry, List, Scalar, Table, Tree } from "./tree.ts";

const articles = { list: "a list", table: "a table", scalar: "a value" } as const;

function wrong(expected: string, tree: Tree): never {
  throw new ContainerError(`${expected} is expected here`, tree.line);
}

/** A table. @throws ContainerError */
export function tableOf(tree: Tree): Table {
  return tree.kind === "table" ? tree : wrong(articles.table, tree);
}

/** A list. @throws ContainerError */
export function listOf(tree: Tree): List {
  return tree.kind === "list" ? tree : wrong(articles.list, tree);
}

/** A scalar that is known; undefined, with a finding, when it is not. @throws ContainerError */
export function knownScalar(draft: Draft, tree: Tree, ...slices: readonly Slice[]): Scalar | undefined {
  if (tree.kind !== "scalar") return wrong(articles.scalar, tree);
  if (tree.unknown === undefined) return tree;
  find(draft, tree.line, `\`${String(tree.value)}\` is not known: ${tree.unknown}`, ...slices);
  return undefined;
}

/** A string. @throws ContainerError for a number or a truth value, which compose wants in quotes */
export function textOf(draft: Draft, tree: Tree, ...slices: readonly Slice[]): Said<string> | undefined {
  const scalar = knownScalar(draft, tree, ...slices);
  if (!scalar) return undefined;
  const { value, line } = scalar;
  if (typeof value === "string") return { value, line };
  if (value === null) return wrong("a string", tree);
  throw new ContainerError(`compose refuses \`${value}\` here, which without quotes is no string`, line);
}

/** A string, or the text that compose makes of a number. */
export function wordOf(draft: Draft, tree: Tree, ...slices: readonly Slice[]): Said<string> | undefined {
  const scalar = knownScalar(draft, tree, ...slices);
  if (typeof scalar?.value !== "number") return scalar && textOf(draft, tree, ...slices);
  if (scalar.text !== undefined) return { value: scalar.text, line: scalar.line };
  const what = `\`${scalar.value}\` is a number, which releases of compose write differently: it wants quotes`;
  find(draft, tree.line, what, ...slices);
  return undefined;
}

const yes: ReadonlySet<string> = new Set(["true", "y", "yes", "on"]);
const no: ReadonlySet<string> = new Set(["false", "n", "no", "off"]);

/**
 * A truth value. A word in its place, in quotes or as YAML 1.1 has it, means the same to each compose that does not refuse it
 * (`toBoolean` in loader/interpolate.go of compose-go).
 */
export function truthOf(draft: Draft, tree: Tree, ...slices: readonly Slice[]): boolean | undefined {
  if (tree.kind === "scalar" && typeof tree.value === "string") {
    const word = tree.value.toLowerCase();
    if (yes.has(word) || no.has(word)) return yes.has(word);
  }
  const scalar = knownScalar(draft, tree, ...slices);
  if (!scalar) return undefined;
  if (typeof scalar.value === "boolean") return scalar.value;
  find(draft, tree.line, `\`${String(scalar.value)}\` is neither true nor false`, ...slices);
  return undefined;
}

/** Strings of a list. */
export function textsOf(draft: Draft, tree: Tree, ...slices: readonly Slice[]): readonly Said<string>[] {
  return listOf(tree).items.flatMap((item) => textOf(draft, item, ...slices) ?? []);
}

type Parse = (text: string) => number | undefined;

/** A number, or a string that is read as one. */
export function numberOf(
  draft: Draft,
  tree: Tree,
  parse: Parse,
  ...slices: readonly Slice[]
): number | undefined {
  const scalar = knownScalar(draft, tree, ...slices);
  if (!scalar) return undefined;
  const value = parse(String(scalar.value));
  if (value === undefined) throw new ContainerError(`\`${scalar.value}\` is no number for it`, tree.line);
  return value;
}

/** Bytes, with -1 for no limit. */
export const bytesOrNone: Parse = (text) => (text === "-1" ? -1 : bytesOf(text));
export { decimalOf, wholeOf };

/** The entries of a table, each of which must be among the known; those that begin with `x-` mean nothing. */
export function entriesOf(
  table: Table,
  known: (key: string) => boolean,
): readonly (readonly [string, Entry])[] {
  const own = [...table.entries].filter(([key]) => !key.startsWith("x-"));
  const odd = own.find(([key]) => !known(key));
  if (odd)
    throw new ContainerError(`compose refuses the key \`${odd[0]}\`, which it does not know`, odd[1].line);
  return own;
}
