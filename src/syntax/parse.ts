import type { CstNode, IRecognitionException } from "chevrotain";
import { syntaxErrors as e } from "../diagnostics/catalogue/syntax.ts";
import type { Diagnostic, Result } from "../diagnostics/diagnostic.ts";
import type { Source } from "../text/source.ts";
import { positionAt } from "../text/source.ts";
import type { Span } from "../text/span.ts";
import type { PolicyFile } from "./ast.ts";
import { buildAst } from "./build-ast.ts";
import { PolicyParser } from "./grammar.ts";
import { lex, tokenSpan } from "./lexer.ts";

declare const MCPC_BUNDLED: boolean | undefined;

let parser: PolicyParser | undefined;

/** Self-analysis of the grammar is for tests; the bundle, which they have passed, does without. */
function policyParser(): PolicyParser {
  parser ??= new PolicyParser({ skipValidations: typeof MCPC_BUNDLED !== "undefined" && MCPC_BUNDLED });
  return parser;
}

function parseError(source: Source, error: IRecognitionException): Diagnostic {
  const { token } = error;
  // The token of the end of the file has no position: what is missing is missing behind the last one.
  const atEnd = Number.isNaN(token.startOffset);
  const end = source.text.trimEnd().length;
  const at = atEnd ? { source, start: Math.max(end - 1, 0), end } : tokenSpan(source, token);
  const found = atEnd ? "the end of the file" : `\`${token.image}\``;
  return e.unexpected.report({ found, expected: "it can't be read as part of a policy" }, { at });
}

const begins = (d: Diagnostic): number => d.primary?.span.start ?? 0;

/** Keeps one syntax error a statement: the first, and of the lexer's and others' the lexer's. */
function onePerStatement(
  lexical: readonly Diagnostic[],
  others: readonly Diagnostic[],
  statements: readonly Span[],
): Diagnostic[] {
  const spans = [...statements].sort((a, b) => a.end - a.start - (b.end - b.start));
  const statementOf = (d: Diagnostic): Span | undefined =>
    spans.find((s) => begins(d) >= s.start && begins(d) <= s.end);
  const taken = new Set<Span>();
  const kept: Diagnostic[] = [];
  const ordered = [...lexical, ...[...others].sort((a, b) => begins(a) - begins(b))];
  for (const diagnostic of ordered) {
    const statement = statementOf(diagnostic);
    if (statement && taken.has(statement)) continue;
    if (statement)
      for (const span of spans)
        if (span.start <= begins(diagnostic) && span.end >= begins(diagnostic)) taken.add(span);
    kept.push(diagnostic);
  }
  return kept.sort((a, b) => begins(a) - begins(b));
}

/** Reads a policy file; never throws. A tree with errors lacks what could not be read. */
export function parse(source: Source): Result<PolicyFile> {
  const { tokens, diagnostics: lexical } = lex(source);
  const machine = policyParser();
  machine.input = [...tokens];
  const cst = (machine as unknown as { file(): CstNode | undefined }).file();
  const built = cst ? buildAst(source, cst) : { file: { declarations: [] }, diagnostics: [], statements: [] };
  const errors = machine.errors.map((error) => parseError(source, error));
  const diagnostics = onePerStatement(lexical, [...errors, ...built.diagnostics], built.statements);
  return { value: built.file, diagnostics };
}

/** Where a span begins, as `name:line:column`. */
export function formatPlace(span: Span): string {
  const { line, column } = positionAt(span.source, span.start);
  return `${span.source.name}:${line}:${column}`;
}
