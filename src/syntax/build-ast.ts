/**
 * From the concrete to the abstract syntax tree. Tolerates every absence: what can't be read is reported and left out,
 * what can is kept, so that the rest of the file is still checked.
 */
import type { CstNode, IToken } from "chevrotain";
import { syntaxErrors as e } from "../diagnostics/catalogue/syntax.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { Source } from "../text/source.ts";
import { endOf, type Span } from "../text/span.ts";
import type * as ast from "./ast.ts";
import { readCallList, readSyscallLists } from "./build-calls.ts";
import { type ClauseInput, clauseReaders } from "./build-clause.ts";
import { leaves, nodeSpan, nodes, tokens } from "./cst.ts";
import { tokenSpan } from "./lexer.ts";
import * as t from "./tokens.ts";
import { readWord } from "./words.ts";

/** A statement's place, so that one mistake in it is reported once. */
export interface Built {
  readonly file: ast.PolicyFile;
  readonly diagnostics: readonly Diagnostic[];
  readonly statements: readonly Span[];
}

const scalarClauses: ReadonlySet<string> = new Set([
  "run",
  "runtime",
  "image",
  "user",
  "isolation",
  "tmp",
  "syscalls",
]);

/** Builds the tree of one file. */
export function buildAst(source: Source, root: CstNode): Built {
  const diagnostics: Diagnostic[] = [];
  const statements: Span[] = [];
  const report = (diagnostic: Diagnostic): void => {
    diagnostics.push(diagnostic);
  };
  const span = (token: IToken): Span => tokenSpan(source, token);

  const valueNode = (token: IToken): ast.ValueNode => {
    const word = readWord(source, token);
    return { text: word.text, span: word.span };
  };

  const dnsName = (token: IToken, what: string): ast.ValueNode => {
    const value = valueNode(token);
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value.text)) {
      const suggestion = value.text
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .slice(0, 63);
      const fixes = suggestion
        ? [{ title: `write \`${suggestion}\``, edits: [{ span: value.span, newText: suggestion }] }]
        : [];
      report(e.badName.report({ text: value.text, what }, { at: value.span, fixes }));
    }
    return value;
  };

  /** Words up to `;`, which must follow unless nothing does. */
  const closed = (node: CstNode, following: IToken | undefined): void => {
    const at = nodeSpan(source, node);
    if (at && following && following.tokenType !== t.Semicolon && following.tokenType !== t.Close) {
      report(e.missingSemicolon.report({ before: following.image }, missingAt(at, following)));
    }
  };

  const missingAt = (before: Span, following: IToken) => ({
    at: span(following),
    fixes: [{ title: "add `;`", edits: [{ span: endOf(before), newText: ";" }] }],
  });

  const language = (node: CstNode): ast.LanguageDeclaration[] => {
    const at = nodeSpan(source, node);
    const all = nodes(node, "declarationWords").flatMap((n) => tokens(n, "Word"));
    if (!at) return [];
    if (all.length !== 1 || all[0]?.image !== "1") {
      const text = all.map((x) => x.image).join(" ");
      report(
        e.languageVersion.report(
          { text },
          { at, fixes: [{ title: "write `language 1`", edits: [{ span: at, newText: "language 1" }] }] },
        ),
      );
    }
    return [{ kind: "language", span: at }];
  };

  const importOf = (node: CstNode): ast.ImportDeclaration[] => {
    const at = nodeSpan(source, node);
    const all = nodes(node, "declarationWords").flatMap((n) => tokens(n, "Word"));
    const [path, extra] = all;
    if (!at) return [];
    if (!path)
      report(
        e.missingValue.report({ clause: "import", expected: "a path, as in `import ./org.mcp;`" }, { at }),
      );
    if (extra) report(e.missingSemicolon.report({ before: extra.image }, { at: span(extra) }));
    return path ? [{ kind: "import", path: readWord(source, path), span: at }] : [];
  };

  const group = (node: CstNode): ast.GroupDeclaration[] => {
    const at = nodeSpan(source, node);
    const [name] = tokens(node, "Word");
    const [list] = nodes(node, "callList");
    if (!at) return [];
    if (!name || !/^@[a-z0-9][a-z0-9-]*$/.test(name.image)) {
      const where = name ? span(name) : at;
      report(e.badSyscalls.report({ reason: "a group is named `@name`, in lower case" }, { at: where }));
      return [];
    }
    if (!list)
      report(
        e.badSyscalls.report(
          { reason: "a group needs its list, as in `group @name [read, write];`" },
          { at },
        ),
      );
    const calls = list ? readCallList(source, list, report) : [];
    return [{ kind: "group", name: { text: name.image, span: span(name) }, calls, span: at }];
  };

  const names = (node: CstNode, what: string): ast.ValueNode[] => {
    const lists = nodes(node, "names");
    const found = lists.flatMap((n) => tokens(n, "Word"));
    const commas = lists.flatMap((n) => tokens(n, "Comma"));
    const [keyword] = leaves(node);
    if (keyword && found.length === 0) {
      report(
        e.missingValue.report(
          { clause: keyword.image, expected: "the name of a profile" },
          { at: span(keyword) },
        ),
      );
    } else if (commas.length >= Math.max(found.length, 1) && commas[0]) {
      report(e.emptyItem.report({ clause: `\`${what}\`` }, { at: span(commas[0]) }));
    }
    return found.map((token) => valueNode(token));
  };

  const blockDeclaration = (node: CstNode): ast.BlockDeclaration[] => {
    const kind = tokens(node, "Profile").length > 0 ? ("profile" as const) : ("server" as const);
    const [keyword] = leaves(node);
    const [name] = tokens(node, "name");
    const [block] = nodes(node, "block");
    const at = nodeSpan(source, node);
    if (!keyword || !at) return [];
    if (!name) report(e.missingValue.report({ clause: kind, expected: "a name" }, { at: span(keyword) }));
    if (name && !block) {
      const expected = "a block, as in `server fs < read ./project; >`";
      report(e.missingValue.report({ clause: `${kind} ${name.image}`, expected }, { at: span(name) }));
    }
    const relations = nodes(node, "relation");
    const parents = relations
      .filter((r) => tokens(r, "Extends").length > 0)
      .flatMap((r) => names(r, "extends"));
    const ceilings = relations
      .filter((r) => tokens(r, "Within").length > 0)
      .flatMap((r) => names(r, "within"));
    if (ceilings[1]) report(e.duplicate.report({ what: "within" }, { at: ceilings[1].span }));
    if (!name) return [];
    const named = dnsName(name, `a ${kind}`);
    const clauses = block ? readBlock(block, `\`${kind} ${name.image}\``) : [];
    statements.push({
      source,
      start: at.start,
      end: block ? (leaves(block)[0]?.startOffset ?? at.start) + 1 : at.end,
    });
    return [{ kind, name: named, parents, ...(ceilings[0] && { ceiling: ceilings[0] }), clauses, span: at }];
  };

  const braces = (block: CstNode): void => {
    for (const token of [...tokens(block, "Open"), ...tokens(block, "Close")]) {
      if (token.image === "<" || token.image === ">") continue;
      const expected = token.image === "{" ? "<" : ">";
      const at = span(token);
      report(
        e.brace.report(
          { found: token.image, expected },
          { at, fixes: [{ title: `write \`${expected}\``, edits: [{ span: at, newText: expected }] }] },
        ),
      );
    }
  };

  const readBlock = (block: CstNode, what: string): ast.Clause[] => {
    braces(block);
    const [open] = tokens(block, "Open");
    if (open && tokens(block, "Close").length === 0) {
      report(e.missingClose.report({ what }, { at: span(open) }));
    }
    const clauses: ast.Clause[] = [];
    const parts = [
      ...nodes(block, "clause").map((clause) => ({ at: leaves(clause)[0]?.startOffset ?? 0, clause })),
      ...tokens(block, "Semicolon").map((token) => ({ at: token.startOffset, clause: undefined })),
    ].sort((a, b) => a.at - b.at);
    let previous: CstNode | undefined;
    for (const part of parts) {
      if (part.clause) {
        const clause = readClause(part.clause, previous);
        if (clause) clauses.push(clause);
      }
      previous = part.clause;
    }
    duplicates(clauses);
    return clauses;
  };

  const duplicates = (clauses: readonly ast.Clause[]): void => {
    const seen = new Map<string, ast.Clause>();
    const limits = new Map<string, Span>();
    for (const clause of clauses) {
      const first = seen.get(clause.kind);
      if (scalarClauses.has(clause.kind) && first) {
        report(
          e.duplicate.report(
            { what: clause.kind },
            { at: clause.span, related: [{ span: first.span, text: "first here" }] },
          ),
        );
      }
      seen.set(clause.kind, first ?? clause);
      if (clause.kind !== "limits" || !first) {
        if (clause.kind === "limits") for (const limit of clause.limits) limits.set(limit.name, limit.span);
        continue;
      }
      for (const limit of clause.limits) {
        const other = limits.get(limit.name);
        if (other)
          report(
            e.duplicate.report(
              { what: limit.name },
              { at: limit.span, related: [{ span: other, text: "first here" }] },
            ),
          );
        limits.set(limit.name, limit.span);
      }
    }
  };

  const readClause = (wrapper: CstNode, previous: CstNode | undefined): ast.Clause | undefined => {
    const [node] = Object.values(wrapper.children)
      .flatMap((c) => c ?? [])
      .filter((c): c is CstNode => "children" in c);
    const [keyword] = node ? leaves(node) : [];
    const at = node && nodeSpan(source, node);
    if (!node || !keyword || !at) return undefined;
    const before = previous && nodeSpan(source, previous);
    if (before) {
      statements.push({ source, start: before.start, end: at.end });
      const inRun = previous.children.runClause !== undefined && sameLine(before, at);
      const known = node.name !== "unknownClause";
      if (inRun && known) report(e.quoteKeyword.report({ word: keyword.image }, { at: span(keyword) }));
      else if (known)
        report(e.missingSemicolon.report({ before: keyword.image }, missingAt(before, keyword)));
      else {
        report(e.missingComma.report({ before: keyword.image }, { at: span(keyword) }));
        return undefined;
      }
    } else statements.push(at);
    if (node.name === "unknownClause") return unknownClause(node, keyword);
    const input: ClauseInput = { source, node, keyword: span(keyword), span: at, report };
    if (node.name === "syscallsClause") {
      return {
        kind: "syscalls",
        span: at,
        keyword: input.keyword,
        lists: readSyscallLists(source, node, report),
      };
    }
    const kind = t.clauseKeywords.find((k) => k === keyword.image);
    return kind && kind !== "syscalls" ? clauseReaders[kind](input) : undefined;
  };

  const sameLine = (a: Span, b: Span): boolean => !source.text.slice(a.end, b.start).includes("\n");

  const unknownClause = (node: CstNode, first: IToken): undefined => {
    const at = span(first);
    const meant = didYouMean(first.image, t.clauseKeywords);
    const isWord = tokens(nodes(node, "anything")[0] ?? node, "Word").length > 0;
    if (!isWord) {
      report(
        e.unexpected.report({ found: `\`${first.image}\``, expected: "a clause begins with a word" }, { at }),
      );
      return undefined;
    }
    report(
      e.unknownClause.report(
        { word: first.image },
        {
          at,
          fixes: meant
            ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: at, newText: meant }] }]
            : [],
        },
      ),
    );
    return undefined;
  };

  const unknownDeclaration = (node: CstNode): void => {
    const [first] = leaves(node);
    if (!first) return;
    const at = span(first);
    const meant = didYouMean(first.image, t.declarationKeywords);
    const expected = "a declaration begins with `server`, `profile`, `import`, `group` or `language`";
    report(
      e.unexpected.report(
        { found: `\`${first.image}\``, expected },
        {
          at,
          fixes: meant
            ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: at, newText: meant }] }]
            : [],
        },
      ),
    );
  };

  const declarations: ast.Declaration[] = [];
  const all = nodes(root, "declaration");
  for (const [index, wrapper] of all.entries()) {
    const [node] = Object.values(wrapper.children)
      .flatMap((c) => c ?? [])
      .filter((c): c is CstNode => "children" in c);
    if (!node) continue;
    const at = nodeSpan(source, node);
    if (at && node.name !== "blockDeclaration") statements.push(at);
    const next = all[index + 1];
    if (
      node.name === "languageDeclaration" ||
      node.name === "importDeclaration" ||
      node.name === "groupDeclaration"
    ) {
      closed(node, next && leaves(next)[0]);
    }
    if (node.name === "languageDeclaration") declarations.push(...language(node));
    else if (node.name === "importDeclaration") declarations.push(...importOf(node));
    else if (node.name === "groupDeclaration") declarations.push(...group(node));
    else if (node.name === "blockDeclaration") declarations.push(...blockDeclaration(node));
    else unknownDeclaration(node);
  }
  return { file: { declarations }, diagnostics, statements };
}
