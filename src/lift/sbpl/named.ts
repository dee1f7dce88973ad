/**
 * Regular expressions that speak of names one after the other, as the pattern of names that they are: most that people write
 * for a path do, and following a pattern name by name costs a look-up where an automaton reads each character.
 */
import { countsCharacters, type Expression, parseExpression } from "./regex.ts";

/** A pattern of names: `*` within a name, `**` for any number of names. */
export interface NamesPattern {
  readonly parts: readonly string[];
  /** Whether all that lies below what the pattern matches is matched too. */
  readonly below: boolean;
}

const isSlash = (node: Expression | undefined): boolean => characterOf(node) === "/";

/** The one character that an expression stands for. */
function characterOf(node: Expression | undefined): string | undefined {
  if (node?.kind !== "set" || node.set.negated || node.set.members.size !== 1) return undefined;
  return [...node.set.members][0];
}

/** Whether an expression is `[^/]`, or `.` when `of` is empty, repeated at least so often. */
function isRun(node: Expression | undefined, least: 0 | 1, of: "/" | ""): boolean {
  if (node?.kind !== "repeat" || !node.many || node.least !== least || node.of.kind !== "set") return false;
  const { negated, members } = node.of.set;
  return negated && [...members].join("") === of;
}

const innerOf = (node: Expression): readonly Expression[] => (node.kind === "sequence" ? node.of : [node]);

/** `(/[^/]+)*` */
function isAnyNames(node: Expression): boolean {
  if (node.kind !== "repeat" || !node.many || node.least !== 0) return false;
  const [slash, name, ...rest] = innerOf(node.of);
  return rest.length === 0 && isSlash(slash) && isRun(name, 1, "/");
}

/** `(/.*)?` */
function isBelow(node: Expression | undefined): boolean {
  if (node?.kind !== "repeat" || node.many) return false;
  const [slash, rest, ...more] = innerOf(node.of);
  return more.length === 0 && isSlash(slash) && isRun(rest, 0, "");
}

/** The pattern of one name; undefined where it is none, or one that means something else as a pattern. */
function nameOf(nodes: readonly Expression[]): string | undefined {
  if (nodes.length === 1 && isRun(nodes[0], 1, "/")) return "*";
  let name = "";
  for (const node of nodes) {
    const character = characterOf(node);
    if (isRun(node, 0, "/")) name += "*";
    else if (character === undefined || character === "*") return undefined;
    else name += character;
  }
  return name === "" || /^\*+$/.test(name) || name === "." || name === ".." ? undefined : name;
}

/** Names, each with its slash in front. */
function partsOf(nodes: readonly Expression[]): readonly string[] | undefined {
  const parts: string[] = [];
  for (let at = 0; at < nodes.length; ) {
    const node = nodes[at++];
    if (node && isAnyNames(node)) {
      parts.push("**");
      continue;
    }
    if (!isSlash(node)) return undefined;
    const from = at;
    for (let next = nodes[at]; next && !isSlash(next) && !isAnyNames(next); next = nodes[at]) at++;
    const name = nameOf(nodes.slice(from, at));
    if (name === undefined) return undefined;
    parts.push(name);
  }
  // The path of the root has a slash and no name.
  return parts.length === 0 || parts.at(-1) === "**" ? undefined : parts;
}

/** The pattern of names that an expression is; undefined when it is none. @throws RegexError */
export function namesPattern(text: string): NamesPattern | undefined {
  const expression = parseExpression(text);
  if (expression.kind !== "sequence" || countsCharacters(expression)) return undefined;
  const [start, ...rest] = expression.of;
  if (start?.kind !== "start" || rest.pop()?.kind !== "end") return undefined;
  const below = isBelow(rest.at(-1));
  if (below) rest.pop();
  const parts = partsOf(rest);
  return parts && { parts, below };
}
