/** Access to Chevrotain's concrete syntax tree, in which everything may be absent. */
import type { CstElement, CstNode, IToken } from "chevrotain";
import type { Source } from "../text/source.ts";
import type { Span } from "../text/span.ts";

const isNode = (element: CstElement): element is CstNode => "children" in element;

/** The child nodes of a rule. */
export function nodes(node: CstNode, rule: string): readonly CstNode[] {
  return (node.children[rule] ?? []).filter(isNode);
}

/** The child tokens of a type, without the ones that recovery made up. */
export function tokens(node: CstNode, type: string): readonly IToken[] {
  return (node.children[type] ?? []).filter(
    (element): element is IToken => !isNode(element) && !Number.isNaN(element.startOffset),
  );
}

/** All tokens below a node, in the order of the text. */
export function leaves(node: CstNode): readonly IToken[] {
  const out: IToken[] = [];
  const visit = (element: CstElement): void => {
    if (!isNode(element)) {
      if (!Number.isNaN(element.startOffset)) out.push(element);
      return;
    }
    for (const children of Object.values(element.children)) for (const child of children) visit(child);
  };
  visit(node);
  return out.sort((a, b) => a.startOffset - b.startOffset);
}

/** From a node's first token to its last; undefined when it has none. */
export function nodeSpan(source: Source, node: CstNode): Span | undefined {
  const all = leaves(node);
  const first = all[0];
  const last = all.at(-1);
  if (!first || !last) return undefined;
  return { source, start: first.startOffset, end: last.startOffset + last.image.length };
}
