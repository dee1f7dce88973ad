/**
 * The token table: what the lexer, the TextMate grammar, the EBNF and the completion of editors are made from.
 *
 * No word is reserved. A keyword token is also a `Word` (its category), so that position decides what it is.
 */
import "./object-group-by.ts";
import { createToken, Lexer, type TokenType } from "chevrotain";
import { keywords } from "./keywords.ts";

export * from "./keywords.ts";

/** A quoted piece of a word: `\"` and `\\` are its only escapes; tabs and line ends can't stand in it. */
export const quotedPiece = /"(?:[^"\\\t\r\n]|\\["\\])*"/;

/** An IPv6 address or prefix in brackets, which may stand in a word although `[` and `]` otherwise may not. */
export const bracketedAddress = /\[[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*(?:\/[0-9]{1,3})?\]/;

/** A character that may stand in a word without quotes. */
export const plainCharacter = /[^\s;<>#,()[\]{}"'\\`]/;

/** What begins like a quoted piece and is none: no closing quote on its line, an unknown escape, a tab. */
export const badQuotedPiece = /"(?:[^"\\\r\n]|\\[^\r\n]?)*"?/;

const wordPattern = new RegExp(
  `(?:${quotedPiece.source}|${bracketedAddress.source}|${plainCharacter.source})+`,
  "u",
);

export const Word = createToken({ name: "Word", label: "a word", pattern: wordPattern });

/** A string that is not one, with what is glued behind it. It stays a word, to keep its place. */
export const BadString = createToken({
  name: "BadString",
  label: "a string",
  pattern: new RegExp(`${badQuotedPiece.source}${plainCharacter.source}*`),
  categories: [Word],
});

/** Characters that can't stand in a word, with what is glued behind them; taken out of the token stream. */
export const BadCharacters = createToken({
  name: "BadCharacters",
  pattern: /['\\`][^\s;<>,()[\]{}]*/,
  group: "bad",
});

export const WhiteSpace = createToken({
  name: "WhiteSpace",
  pattern: /\s+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});

export const Comment = createToken({ name: "Comment", pattern: /#[^\r\n]*/, group: "comments" });

export const Open = createToken({ name: "Open", label: "`<`", pattern: "<" });
export const Close = createToken({ name: "Close", label: "`>`", pattern: ">" });
/** `{` where `<` belongs: read as `<`, and reported. */
export const OpenBrace = createToken({ name: "OpenBrace", pattern: "{", categories: [Open] });
/** `}` where `>` belongs. */
export const CloseBrace = createToken({ name: "CloseBrace", pattern: "}", categories: [Close] });
export const Semicolon = createToken({ name: "Semicolon", label: "`;`", pattern: ";" });
export const Comma = createToken({ name: "Comma", label: "`,`", pattern: "," });
export const OpenList = createToken({ name: "OpenList", label: "`[`", pattern: "[" });
export const CloseList = createToken({ name: "CloseList", label: "`]`", pattern: "]" });
export const OpenArguments = createToken({
  name: "OpenArguments",
  label: "`(`",
  pattern: "(",
  push_mode: "arguments",
});
/** A `)` outside of arguments. */
export const StrayParenthesis = createToken({ name: "StrayParenthesis", label: "`)`", pattern: ")" });

// Inside the parentheses of a system call.
export const CloseArguments = createToken({
  name: "CloseArguments",
  label: "`)`",
  pattern: ")",
  pop_mode: true,
});
export const Identifier = createToken({
  name: "Identifier",
  label: "a name",
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
});
export const In = createToken({ name: "In", label: "`in`", pattern: "in", longer_alt: Identifier });
export const NumberLiteral = createToken({
  name: "NumberLiteral",
  label: "a number",
  pattern: /-?(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?![A-Za-z0-9_])/,
});
export const Equals = createToken({ name: "Equals", label: "`=`", pattern: /=(?!=)/ });
export const And = createToken({ name: "And", label: "`&`", pattern: /&(?!&)/ });
export const OpenSet = createToken({ name: "OpenSet", label: "`{`", pattern: "{" });
export const CloseSet = createToken({ name: "CloseSet", label: "`}`", pattern: "}" });
/** Operators that other languages have here and this one does not: `|`, `==`, `<`, `!=`, `&&`. */
export const ForeignOperator = createToken({
  name: "ForeignOperator",
  label: "an operator",
  pattern: /\|\||\||&&|==|!=|<=|>=|<|>|!/,
});
/** A parenthesis inside parentheses, where other languages group: read to its end, and reported. */
export const NestedParenthesis = createToken({
  name: "NestedParenthesis",
  label: "`(`",
  pattern: "(",
  push_mode: "arguments",
});
export const BadArgument = createToken({
  name: "BadArgument",
  pattern: /[^\s;,()[\]{}=&|<>!#]+/,
  group: "bad",
});
/** `;` or `]` inside parentheses: the `)` is missing, and what follows is outside again. */
export const EndArguments = createToken({
  name: "EndArguments",
  pattern: ";",
  pop_mode: true,
  categories: [Semicolon],
});
export const EndArgumentsList = createToken({
  name: "EndArgumentsList",
  pattern: "]",
  pop_mode: true,
  categories: [CloseList],
});

// The lexer takes the first that matches, and then only a longer word: `run` would hide `runtime`.
const longestFirst = [...keywords].sort((a, b) => b.text.length - a.text.length);

const keywordTokens = new Map<string, TokenType>(
  longestFirst.map(({ text }) => [
    text,
    createToken({
      name: `${text.charAt(0).toUpperCase()}${text.slice(1)}`,
      label: `\`${text}\``,
      pattern: text,
      longer_alt: [Word],
      categories: [Word],
    }),
  ]),
);

/** The token type of a keyword. */
export function keywordToken(text: (typeof keywords)[number]["text"]): TokenType {
  const token = keywordTokens.get(text);
  if (!token) throw new RangeError(`no keyword ${text}`);
  return token;
}

/** The lexer's modes; the first is where a file starts. */
export const modes: Readonly<Record<"policy" | "arguments", readonly TokenType[]>> = {
  policy: [
    WhiteSpace,
    Comment,
    ...keywordTokens.values(),
    Word,
    BadString,
    OpenArguments,
    StrayParenthesis,
    OpenList,
    CloseList,
    Open,
    Close,
    OpenBrace,
    CloseBrace,
    Semicolon,
    Comma,
    BadCharacters,
  ],
  arguments: [
    WhiteSpace,
    Comment,
    In,
    Identifier,
    NumberLiteral,
    Equals,
    And,
    ForeignOperator,
    OpenSet,
    CloseSet,
    NestedParenthesis,
    CloseArguments,
    EndArguments,
    EndArgumentsList,
    Comma,
    BadArgument,
  ],
};

/** Every token type, once. */
export const allTokens: readonly TokenType[] = [...new Set([...modes.policy, ...modes.arguments])];
