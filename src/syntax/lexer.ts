import { type ILexingError, type IToken, Lexer } from "chevrotain";
import { syntaxErrors as e } from "../diagnostics/catalogue/syntax.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Source } from "../text/source.ts";
import type { Span } from "../text/span.ts";
import { BadString, modes } from "./tokens.ts";

/** The tokens of a source, its comments, and what could not be read. */
export interface LexedSource {
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

declare const MCPC_BUNDLED: boolean | undefined;

let lexer: Lexer | undefined;

/** As for the parser, the table is validated in tests. */
function policyLexer(): Lexer {
  lexer ??= new Lexer(
    { modes: { policy: [...modes.policy], arguments: [...modes.arguments] }, defaultMode: "policy" },
    {
      positionTracking: "full",
      ensureOptimizations: false,
      skipValidations: typeof MCPC_BUNDLED !== "undefined" && MCPC_BUNDLED,
    },
  );
  return lexer;
}

/** The span of a token. */
export function tokenSpan(source: Source, token: IToken): Span {
  return { source, start: token.startOffset, end: token.startOffset + token.image.length };
}

/**
 * Control characters save tab, LF and CR LF; C1; what is invisible or turns the direction of writing (Unicode
 * general categories Cf and Zl/Zp as far as they are not shown). They are errors everywhere, comments included:
 * a reviewer would not see them.
 */
export const forbiddenCharacter =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each of these is a character of its own here.
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]|\r(?!\n)/gu;

function forbiddenCharacters(source: Source): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const match of source.text.matchAll(forbiddenCharacter)) {
    if (match.index === 0 && match[0] === "\uFEFF") continue;
    const span = { source, start: match.index, end: match.index + match[0].length };
    const code = `U+${(match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    found.push(
      e.invisibleCharacter.report(
        { code },
        { at: span, fixes: [{ title: "remove the character", edits: [{ span, newText: "" }] }] },
      ),
    );
  }
  return found;
}

function badString(source: Source, token: IToken): Diagnostic {
  const span = tokenSpan(source, token);
  const badEscape = /\\([^"\\])/.exec(token.image);
  if (token.image.includes("\t"))
    return e.badString.report({ what: "a tab can't stand in quotes" }, { at: span });
  if (badEscape) {
    const what = `\`\\${badEscape[1]}\` is no escape; only \`\\"\` and \`\\\\\` are`;
    return e.badString.report({ what }, { at: span });
  }
  return e.badString.report({ what: 'the closing `"` is missing on this line' }, { at: span });
}

function badCharacters(source: Source, token: IToken): Diagnostic {
  const span = tokenSpan(source, token);
  const character = token.image.charAt(0);
  return e.badCharacter.report(
    { character },
    {
      at: { ...span, end: span.start + 1 },
      notes: ['put the whole word in double quotes if it is meant: "…"'],
    },
  );
}

function unreadable(source: Source, error: ILexingError): Diagnostic {
  const span = { source, start: error.offset, end: error.offset + Math.max(error.length, 1) };
  return e.badCharacter.report({ character: source.text.slice(span.start, span.start + 1) }, { at: span });
}

/** A comment that begins where a word goes on: `a#b` reads like one word, and is not. */
function gluedComments(source: Source, tokens: readonly IToken[], comments: readonly IToken[]): Diagnostic[] {
  const ends = new Set<number>();
  for (const token of tokens) {
    const last = token.image.at(-1) ?? "";
    if (!";<>,[](){}".includes(last)) ends.add(token.startOffset + token.image.length);
  }
  return comments
    .filter((comment) => ends.has(comment.startOffset))
    .map((comment) => {
      const at = { source, start: comment.startOffset, end: comment.startOffset + 1 };
      return e.commentInWord.report(
        {},
        {
          at,
          fixes: [
            {
              title: "put a space before the comment",
              edits: [{ span: { ...at, end: at.start }, newText: " " }],
            },
          ],
        },
      );
    });
}

/** Splits a source into tokens; never throws. */
export function lex(source: Source): LexedSource {
  const text = source.text.startsWith("\uFEFF") ? ` ${source.text.slice(1)}` : source.text;
  const { tokens, groups, errors } = policyLexer().tokenize(text);
  const comments = groups.comments ?? [];
  const bad = groups.bad ?? [];
  const diagnostics = [
    ...forbiddenCharacters(source),
    ...tokens.filter((t) => t.tokenType === BadString).map((t) => badString(source, t)),
    ...bad.map((t) => badCharacters(source, t)),
    ...errors.map((error) => unreadable(source, error)),
    ...gluedComments(source, tokens, comments),
  ];
  return { tokens, comments, diagnostics };
}
