/** Words of a TextMate grammar: what they look like, and the keywords among them. */
import { forbiddenCharacter } from "../../src/syntax/lexer.ts";
import * as t from "../../src/syntax/tokens.ts";
import { onig } from "./onig.ts";

/** A rule of a TextMate grammar. */
export interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly captures?: Readonly<Record<string, Rule>>;
  readonly beginCaptures?: Readonly<Record<string, Rule>>;
  readonly endCaptures?: Readonly<Record<string, Rule>>;
  readonly include?: string;
  readonly patterns?: readonly Rule[];
}

/** The source of a token's pattern. */
export function patternOf(token: { readonly PATTERN?: unknown }): RegExp {
  const { PATTERN: pattern } = token;
  if (pattern instanceof RegExp) return pattern;
  return new RegExp(String(pattern).replace(/[[\](){}|.*+?^$\\]/g, "\\$&"));
}

/** A word, whole. */
export const word = onig(patternOf(t.Word));

/** Where no word goes on. */
export const wordEnd = `(?!${onig(t.quotedPiece)}|${onig(t.bracketedAddress)}|${onig(t.plainCharacter)})`;

/** One of some words, whole and unquoted, in a group of its own. */
export function oneOf(words: readonly string[]): string {
  const longestFirst = [...words].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const escaped = longestFirst.map((text) => text.replace(/[[\](){}|.*+?^$\\]/g, "\\$&"));
  return `(${escaped.join("|")})${wordEnd}`;
}

/** A keyword that begins a clause. */
export const clauseWord = oneOf(t.clauseKeywords);

// JavaScript's `\r(?!\n)` is left out: an editor's lines have no line ends.
const invisible = onig(new RegExp(forbiddenCharacter.source.replace("|\\r(?!\\n)", ""), "u"));

/** Rules for what may stand in a word, a string or a comment and must not. */
export const invisibleCharacter: Rule = { match: invisible, name: "invalid.illegal.invisible.mcp" };

const escapes: Rule = { match: '\\\\["\\\\]', name: "constant.character.escape.mcp" };

const quotedParts = /^"(.*)"$/.exec(onig(t.quotedPiece))?.[1];

/** A quoted piece; a match, not a region: it ends on its line. */
export const quoted: Rule = {
  match: `(")(${quotedParts})(")`,
  name: "string.quoted.double.mcp",
  captures: {
    1: { name: "punctuation.definition.string.begin.mcp" },
    2: { patterns: [escapes, invisibleCharacter] },
    3: { name: "punctuation.definition.string.end.mcp" },
  },
};

/** A quoted piece that is none. */
export const badQuoted: Rule = {
  match: onig(t.badQuotedPiece),
  name: "string.quoted.double.mcp invalid.illegal.bad-string.mcp",
  captures: { 0: { patterns: [escapes, invisibleCharacter] } },
};

/** A rule for a word whose inside other rules may name. */
export function wordRule(name: string | undefined, inside: readonly Rule[] = []): Rule {
  return {
    match: word,
    name: name === undefined ? "meta.word.mcp" : `meta.word.mcp ${name}`,
    captures: { 0: { patterns: [quoted, invisibleCharacter, ...inside] } },
  };
}

/** A rule for some words, whole and unquoted. */
export function exactly(words: readonly string[], name: string): Rule {
  return { match: oneOf(words), name: `meta.word.mcp ${name}` };
}

/** A rule for a word of a shape. */
export function shaped(shape: string, name: string): Rule {
  return { match: `(?:${shape})${wordEnd}`, name: `meta.word.mcp ${name}` };
}
