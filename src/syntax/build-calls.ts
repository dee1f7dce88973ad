/** Lists of system calls, from the CST to the AST. */
import type { CstNode, IToken } from "chevrotain";
import { syntaxErrors as e } from "../diagnostics/catalogue/syntax.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Source } from "../text/source.ts";
import type { Span } from "../text/span.ts";
import type { CallNode, ConditionNode, SyscallsClause, ValueNode } from "./ast.ts";
import { leaves, nodeSpan, nodes, tokens } from "./cst.ts";
import { tokenSpan } from "./lexer.ts";
import * as t from "./tokens.ts";

type Report = (diagnostic: Diagnostic) => void;

function valueNode(source: Source, token: IToken): ValueNode {
  return { text: token.image, span: tokenSpan(source, token) };
}

const isValue = (token: IToken | undefined): token is IToken =>
  token !== undefined && (token.tokenType === t.Identifier || token.tokenType === t.NumberLiteral);

/** The values of `{A, B}`, or undefined with a report. */
function readSet(
  source: Source,
  inside: readonly IToken[],
  at: Span,
  report: Report,
): ValueNode[] | undefined {
  const values: ValueNode[] = [];
  for (const [index, token] of inside.entries()) {
    const wantsValue = index % 2 === 0;
    if (wantsValue ? !isValue(token) : token.tokenType !== t.Comma) {
      report(
        e.badCondition.report({ reason: "a set is written `{A, B}`" }, { at: tokenSpan(source, token) }),
      );
      return undefined;
    }
    if (wantsValue) values.push(valueNode(source, token));
  }
  if (values.length === 0 || inside.length % 2 === 0) {
    report(e.badCondition.report({ reason: "a set is written `{A, B}`, with at least one value" }, { at }));
    return undefined;
  }
  return values;
}

function foreignOperator(source: Source, all: readonly IToken[], at: Span): Diagnostic {
  const token = all.find((x) => x.tokenType === t.ForeignOperator);
  const operator = token?.image ?? "";
  const hints: Readonly<Record<string, string>> = {
    "|": "alternatives are written `arg in {A, B}`",
    "||": "alternatives are written `arg in {A, B}`, or as a second entry of the same call",
    "==": "equality is written with one `=`",
    "&&": "several conditions are separated by `,`",
    "!=": "what is to be excluded is taken away: `- [call(arg = VALUE)]`",
  };
  const reason = hints[operator] ?? `\`${operator}\` is no operator here; there are \`=\`, \`in\` and \`&\``;
  return e.badCondition.report({ reason }, { at: token ? tokenSpan(source, token) : at });
}

function readCondition(source: Source, node: CstNode, report: Report): ConditionNode | undefined {
  const all = leaves(node);
  const span = nodeSpan(source, node);
  const [argument, second, third, fourth, fifth] = all;
  if (!span) return undefined;
  const bad = (reason: string): undefined => {
    report(e.badCondition.report({ reason }, { at: span }));
    return undefined;
  };
  if (all.some((x) => x.tokenType === t.ForeignOperator)) {
    report(foreignOperator(source, all, span));
    return undefined;
  }
  if (argument?.tokenType !== t.Identifier) return bad("a condition begins with the name of an argument");
  const named = { argument: valueNode(source, argument), span };
  if (second?.tokenType === t.Equals && isValue(third) && all.length === 3) {
    return { ...named, values: [valueNode(source, third)] };
  }
  if (
    second?.tokenType === t.And &&
    isValue(third) &&
    fourth?.tokenType === t.Equals &&
    isValue(fifth) &&
    all.length === 5
  ) {
    return { ...named, mask: valueNode(source, third), values: [valueNode(source, fifth)] };
  }
  if (second?.tokenType === t.In && third?.tokenType === t.OpenSet && all.at(-1)?.tokenType === t.CloseSet) {
    const values = readSet(source, all.slice(3, -1), span, report);
    return values && { ...named, values };
  }
  return bad("a condition is `name = VALUE`, `name in {A, B}` or `name & MASK = VALUE`");
}

function readCall(source: Source, node: CstNode, report: Report): CallNode | undefined {
  const words = tokens(node, "Word");
  const [name, extra] = words;
  const span = nodeSpan(source, node);
  if (!name || !span) return undefined;
  if (extra) {
    report(e.missingComma.report({ before: extra.image }, { at: tokenSpan(source, extra) }));
  }
  const nameSpan = tokenSpan(source, name);
  const [argumentsNode] = nodes(node, "arguments");
  if (name.image === "...") return { kind: "spread", span };
  if (name.image.startsWith("@")) {
    if (argumentsNode) report(e.badSyscalls.report({ reason: "a group takes no conditions" }, { at: span }));
    return { kind: "group", name: name.image, span };
  }
  if (!/^[a-z_][a-z0-9_]*$/i.test(name.image)) {
    const reason = `\`${name.image}\` is no name of a system call, no \`@group\` and not \`...\``;
    report(e.badSyscalls.report({ reason }, { at: nameSpan }));
    return undefined;
  }
  const conditions: ConditionNode[] = [];
  if (argumentsNode) {
    const found = nodes(argumentsNode, "condition");
    for (const condition of found) {
      const read = readCondition(source, condition, report);
      if (read) conditions.push(read);
    }
    const commas = tokens(argumentsNode, "Comma").length;
    if (found.length === 0) {
      report(
        e.badCondition.report(
          { reason: "the parentheses are empty; without them every argument is meant" },
          { at: span },
        ),
      );
    } else if (commas >= found.length) report(e.emptyItem.report({ clause: "conditions" }, { at: span }));
    if (tokens(argumentsNode, "CloseArguments").length === 0) {
      report(e.badCondition.report({ reason: "the `)` is missing" }, { at: span }));
    }
  }
  return { kind: "call", name: name.image, nameSpan, conditions, span };
}

/** Reads `[a, b(c = D), @g, ...]`. */
export function readCallList(source: Source, node: CstNode, report: Report): readonly CallNode[] {
  const span = nodeSpan(source, node);
  const found = nodes(node, "call");
  const calls = found.flatMap((call) => readCall(source, call, report) ?? []);
  if (span && tokens(node, "Comma").length >= Math.max(found.length, 1)) {
    report(e.emptyItem.report({ clause: "system calls" }, { at: span }));
  }
  if (span && tokens(node, "CloseList").length === 0) {
    report(e.badSyscalls.report({ reason: "the `]` is missing" }, { at: span }));
  }
  return calls;
}

/** Reads the lists behind `syscalls`: `default-deny + [...] - [...]`. */
export function readSyscallLists(source: Source, node: CstNode, report: Report): SyscallsClause["lists"] {
  const parts = [
    ...tokens(node, "Word").map((token) => ({ at: token.startOffset, token, list: undefined })),
    ...nodes(node, "callList").map((list) => ({
      at: leaves(list)[0]?.startOffset ?? 0,
      token: undefined,
      list,
    })),
  ].sort((a, b) => a.at - b.at);
  const keyword = tokens(node, "Syscalls")[0];
  const at = keyword ? tokenSpan(source, keyword) : { source, start: 0, end: 0 };
  const bad = (reason: string, where: Span): void => report(e.badSyscalls.report({ reason }, { at: where }));
  // A sign that is glued to it has a message of its own.
  if (!/^default-deny[+-]?$/.test(parts[0]?.token?.image ?? "")) {
    bad("`syscalls` always begins with `default-deny`, as in `syscalls default-deny + [...]`", at);
  }
  const lists: { sign: "+" | "-"; calls: readonly CallNode[]; span: Span }[] = [];
  let sign: "+" | "-" | undefined;
  for (const part of parts) {
    if (part.list) {
      const listSpan = nodeSpan(source, part.list) ?? at;
      const calls = readCallList(source, part.list, report);
      if (!sign) bad("a `+` or `-` is missing before this list", listSpan);
      if (sign === "-" && calls.length === 0) report(e.nothingDenied.report({}, { at: listSpan }));
      lists.push({ sign: sign ?? "-", calls, span: listSpan });
      sign = undefined;
      continue;
    }
    const word = part.token;
    if (!word) continue;
    if (word.image === "+" || word.image === "-") {
      if (sign) bad(`two signs in a row`, tokenSpan(source, word));
      sign = word.image;
    } else if (word.image !== "default-deny" || part !== parts[0]) {
      const glued = /^(?:default-deny)?[+-]$/.test(word.image)
        ? "`+` and `-` stand between spaces"
        : undefined;
      bad(
        glued ?? `\`${word.image}\` does not belong here; lists stand in brackets`,
        tokenSpan(source, word),
      );
    }
  }
  if (sign) bad(`a list is missing behind \`${sign}\``, at);
  return lists;
}
