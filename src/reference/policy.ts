/**
 * What the reference evaluator works on: syntax trees, and the clauses that a server has. Naive on purpose, and sharing
 * nothing with the lowering, so that what one of the two loses is found by the other.
 */
import type { Host } from "../host/host.ts";
import type { BlockDeclaration, Clause, GroupDeclaration, PathNode, PolicyFile } from "../syntax/ast.ts";

/** A file of a policy; `directory` is what `./` means in it. */
export interface ReferenceFile {
  readonly ast: PolicyFile;
  readonly directory: string;
}

/** A policy with what it refers to. */
export interface ReferencePolicy {
  readonly files: readonly ReferenceFile[];
  readonly std: readonly PolicyFile[];
  readonly root: string;
  readonly home: string;
  readonly host: Host;
  /** What the sandbox is made of: nobody may write there. */
  readonly essentials: readonly string[];
}

/** A clause, where its paths are relative to, and whether the standard library wrote it. */
export interface Held<C extends Clause = Clause> {
  readonly clause: C;
  readonly directory: string;
  readonly isStd: boolean;
}

interface Block {
  readonly block: BlockDeclaration;
  readonly directory: string;
  readonly isStd: boolean;
}

function allBlocks({ files, std }: ReferencePolicy): readonly Block[] {
  const blocksIn = (ast: PolicyFile, directory: string, isStd: boolean): Block[] =>
    ast.declarations.flatMap((d) =>
      d.kind === "server" || d.kind === "profile" ? [{ block: d, directory, isStd }] : [],
    );
  return [
    ...files.flatMap((f) => blocksIn(f.ast, f.directory, false)),
    ...std.flatMap((ast) => blocksIn(ast, "/", true)),
  ];
}

/** The server of a name. */
export function findServer(policy: ReferencePolicy, name: string): BlockDeclaration | undefined {
  return allBlocks(policy).find(({ block }) => block.kind === "server" && block.name.text === name)?.block;
}

/** A block and all it extends, nearest first. */
function family(
  policy: ReferencePolicy,
  kind: "server" | "profile",
  name: string,
  isStd: boolean,
): readonly Block[] {
  const all = allBlocks(policy).filter((b) => !isStd || b.isStd);
  const own = all.find(({ block }) => block.kind === kind && block.name.text === name);
  if (!own) return [];
  return [own, ...own.block.parents.flatMap((parent) => family(policy, "profile", parent.text, own.isStd))];
}

const heldOf = (blocks: readonly Block[]): readonly Held[] =>
  blocks.flatMap(({ block, directory, isStd }) =>
    block.clauses.map((clause) => ({ clause, directory, isStd })),
  );

/** The clauses of a server, its own first, then those of its profiles. */
export function clausesOfServer(policy: ReferencePolicy, name: string): readonly Held[] {
  return heldOf(family(policy, "server", name, false));
}

/** The clauses of a profile of the standard library. */
export function clausesOfStd(policy: ReferencePolicy, profile: string): readonly Held[] {
  return heldOf(family(policy, "profile", profile, true));
}

/** The group of a name: the policy's own first. */
export function findGroup(
  { files, std }: ReferencePolicy,
  name: string,
): { readonly group: GroupDeclaration; readonly isStd: boolean } | undefined {
  for (const [asts, isStd] of [
    [files.map((f) => f.ast), false],
    [std, true],
  ] as const) {
    for (const ast of asts) {
      const group = ast.declarations.find(
        (d): d is GroupDeclaration => d.kind === "group" && d.name.text === name,
      );
      if (group) return { group, isStd };
    }
  }
  return undefined;
}

/** The clauses of one kind. */
export function ofKind<K extends Clause["kind"]>(
  held: readonly Held[],
  kind: K,
): readonly Held<Extract<Clause, { kind: K }>>[] {
  return held.filter((h): h is Held<Extract<Clause, { kind: K }>> => h.clause.kind === kind);
}

/** `a/b/../c` without its dots. */
function dotless(path: string): string {
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") out.pop();
    else if (part !== "" && part !== ".") out.push(part);
  }
  return `/${out.join("/")}`;
}

/** A path as the policy means it: absolute, before symlinks. */
export function absolute(policy: ReferencePolicy, text: string, directory: string): string {
  if (text.startsWith("~/")) return dotless(`${policy.home}/${text.slice(2)}`);
  if (text.startsWith("/")) return dotless(text);
  return dotless(`${directory}/${text}`);
}

/** Symlinks resolved, as far as the path exists. */
export function resolved(policy: ReferencePolicy, path: string): string {
  const found = policy.host.lookup(path);
  return found.kind === "unknown" ? path : found.path;
}

/** A pattern, with what stands before its first `*` resolved as a path is. */
function resolvedPattern(policy: ReferencePolicy, pattern: string): string {
  const plain = pattern.slice(0, pattern.lastIndexOf("/", pattern.indexOf("*")));
  if (plain === "") return pattern;
  const real = resolved(policy, plain);
  return `${real === "/" ? "" : real}${pattern.slice(plain.length)}`;
}

/** Whether a path node, as a pattern, covers a path: matches it or something above it. */
export function covers(policy: ReferencePolicy, node: PathNode, directory: string, path: string): boolean {
  if (!node.glob) {
    const own = resolved(policy, absolute(policy, node.text, directory));
    return path === own || own === "/" || path.startsWith(`${own}/`);
  }
  const pattern =
    node.anchor === "anywhere"
      ? `/**/${node.text}`
      : resolvedPattern(policy, absolute(policy, node.text, directory));
  const parts = pattern.split("/").filter((part) => part !== "");
  const names = path.split("/").filter((part) => part !== "");
  return matchesParts(parts, names);
}

/** Component by component; what is left of the path when the pattern ends lies below a match. */
function matchesParts(parts: readonly string[], names: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return true;
  if (part === "**")
    return matchesParts(rest, names) || (names.length > 0 && matchesParts(parts, names.slice(1)));
  const [name, ...deeper] = names;
  return name !== undefined && matchesName(part, name) && matchesParts(rest, deeper);
}

function matchesName(part: string, name: string): boolean {
  const [first = "", ...others] = part.split("*");
  if (others.length === 0) return part === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  const last = others.at(-1) ?? "";
  for (const piece of others.slice(0, -1)) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
