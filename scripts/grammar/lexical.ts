/** What stands anywhere, whatever is around it: the lexer's two modes as rules of a TextMate grammar. */
import * as t from "../../src/syntax/tokens.ts";
import { onig } from "./onig.ts";
import { badQuoted, invisibleCharacter, patternOf, type Rule, wordRule } from "./words.ts";

const match = (token: { readonly PATTERN?: unknown }): string => onig(patternOf(token));

// A comment that begins where a word goes on is one, and an error.
const gluedBehind = `[^${onig(/\s/).slice(1, -1)};<>,\\[\\](){}]`;

const comment: Rule = {
  match: `(?:(?<=${gluedBehind})(#)|(#))([^\\r\\n]*)`,
  name: "comment.line.number-sign.mcp",
  captures: {
    1: { name: "punctuation.definition.comment.mcp invalid.illegal.glued-comment.mcp" },
    2: { name: "punctuation.definition.comment.mcp" },
    3: { patterns: [invisibleCharacter] },
  },
};

// The token is the string and what is glued behind it; only the string is one.
const badString: Rule = {
  match: match(t.BadString),
  name: "meta.word.mcp",
  captures: { 0: { patterns: [badQuoted, invisibleCharacter] } },
};

const badCharacters: Rule = { match: match(t.BadCharacters), name: "invalid.illegal.character.mcp" };

const argumentsPatterns = (nested: Rule): readonly Rule[] => [
  { include: "#comment" },
  { match: `(?:${match(t.In)})(?![A-Za-z0-9_])`, name: "keyword.operator.in.mcp" },
  { match: "[A-Z][A-Z0-9_]*(?![A-Za-z0-9_])", name: "support.constant.kernel.mcp" },
  { match: match(t.Identifier), name: "variable.parameter.mcp" },
  { match: match(t.NumberLiteral), name: "constant.numeric.mcp" },
  { match: match(t.Equals), name: "keyword.operator.comparison.mcp" },
  { match: match(t.And), name: "keyword.operator.bitwise.mcp" },
  { match: match(t.ForeignOperator), name: "invalid.illegal.operator.mcp" },
  { match: "[{}]", name: "punctuation.section.set.mcp" },
  { match: ",", name: "punctuation.separator.mcp" },
  nested,
  { match: match(t.BadArgument), name: "invalid.illegal.argument.mcp" },
  { match: "\\[", name: "invalid.illegal.argument.mcp" },
];

/** The rules by name, for `include`. */
export const lexicalRules: Readonly<Record<string, Rule>> = {
  comment,
  bad: { patterns: [badString, badCharacters] },
  word: wordRule(undefined),
  comma: { match: ",", name: "punctuation.separator.mcp" },
  // Brackets of another kind stand for those of blocks, so that one mistake is one.
  braces: { match: "[{}]", name: "invalid.illegal.brace.mcp" },
  stray: { match: "\\)", name: "punctuation.stray.mcp" },
  arguments: {
    begin: "\\(",
    beginCaptures: { 0: { name: "punctuation.section.arguments.begin.mcp" } },
    // `;` and `]` end them as well, and belong to what is around.
    end: "(\\))|(?=[;\\]])",
    endCaptures: { 1: { name: "punctuation.section.arguments.end.mcp" } },
    name: "meta.arguments.mcp",
    patterns: argumentsPatterns({ include: "#nested-arguments" }),
  },
  // The lexer leaves one level for each of these, so an inner one is taken here.
  "nested-arguments": {
    begin: "\\(",
    beginCaptures: { 0: { name: "punctuation.section.arguments.begin.mcp invalid.illegal.group.mcp" } },
    end: "([)])|([;\\]])",
    endCaptures: {
      1: { name: "punctuation.section.arguments.end.mcp invalid.illegal.group.mcp" },
      2: { name: "punctuation.terminator.mcp" },
    },
    patterns: argumentsPatterns({ include: "#nested-arguments" }),
  },
};

/** What every region holds beside its own. */
export const everywhere: readonly Rule[] = [
  { include: "#comment" },
  { include: "#arguments" },
  { include: "#bad" },
  { include: "#stray" },
];
