/** Clauses of a block as regions of a TextMate grammar, each with what its words are. */

import { targetNames } from "../../src/policy/target-names.ts";
import { isolationLevels, limitNames, runtimeNames } from "../../src/syntax/ast.ts";
import { netVerbs } from "../../src/syntax/build-clause.ts";
import * as t from "../../src/syntax/tokens.ts";
import { sizeUnits, timeUnits } from "../../src/syntax/values.ts";
import { everywhere } from "./lexical.ts";
import { onig, space, spaces, visible } from "./onig.ts";
import { clauseWord, exactly, oneOf, quoted, type Rule, shaped, word, wordEnd, wordRule } from "./words.ts";

/** Ends what a clause or a block behind it ends. */
const stop = "(?=[;<>{}])";

/** A keyword that is an item: a comma or the end stands behind it, and not what would be its own words. */
const keywordAsItem = `${clauseWord}(?=${space}(?:[,;>#]|$))`;

const wildcard: Rule = { match: "\\*+", name: "constant.other.wildcard.mcp" };

const size = `[1-9][0-9]*(?:${Object.keys(sizeUnits).join("|")})`;
const limitValue = `${size}(?:/s)?|[1-9][0-9]*(?:${Object.keys(timeUnits).join("|")}|%)?`;
const language = (words: readonly string[]): Rule => exactly(words, "constant.language.mcp");

const variable: Rule = {
  match: `([A-Za-z_][A-Za-z0-9_]*)(?:(=)(${word})?)?${wordEnd}`,
  name: "meta.word.mcp",
  captures: {
    1: { name: "variable.other.environment.mcp" },
    2: { name: "keyword.operator.assignment.mcp" },
    3: { patterns: [quoted] },
  },
};

const target = `(${[...targetNames, "all"].join("|")})`;
const targetOrOther = `${target}|(?:${onig(t.quotedPiece)}|${onig(t.plainCharacter)})+?`;

const acceptTargets: Rule = {
  match: `${target}(:)?${wordEnd}`,
  name: "meta.word.mcp",
  captures: { 1: { name: "support.class.target.mcp" }, 2: { name: "punctuation.separator.targets.mcp" } },
};

/** What the words of a clause are, before any other word. */
const wordsOf: Readonly<Record<t.ClauseKeyword, readonly Rule[]>> = {
  accept: [acceptTargets, wordRule("constant.other.item.mcp")],
  deny: [wordRule(undefined, [wildcard])],
  env: [variable],
  exec: [],
  image: [],
  isolation: [language(isolationLevels)],
  limits: [],
  net: [language(netVerbs), wordRule(undefined, [wildcard])],
  read: [],
  run: [],
  runtime: [language(runtimeNames)],
  syscalls: [
    exactly(["default-deny"], "storage.modifier.default-deny.mcp"),
    shaped("[+-]", "keyword.operator.list.mcp"),
    { include: "#list" },
  ],
  tmp: [shaped(size, "constant.numeric.mcp")],
  unix: [],
  user: [language(["dynamic"]), shaped("[0-9]+:[0-9]+", "constant.numeric.mcp")],
  write: [],
};

const keywordName = { name: "keyword.other.clause.mcp" };

/** A region behind a comma, or the colon of `accept`: one word, a keyword's text as well. */
function expecting(begin: string, captures: Readonly<Record<string, Rule>>, item: Rule): Rule {
  return {
    begin,
    beginCaptures: captures,
    end: `(${keywordAsItem})|(?=[^${visible.slice(2, -1)}#'\\\\\`])`,
    endCaptures: { 1: { patterns: [item] } },
    patterns: [...everywhere],
  };
}

/** What a keyword's text is where it is an item. */
function itemOf(keyword: t.ClauseKeyword): Rule {
  if (keyword === "env") return variable;
  return wordRule(keyword === "accept" ? "constant.other.item.mcp" : undefined);
}

/** Clauses of items between commas. */
function itemsClause(keyword: t.ClauseKeyword): Rule {
  const item = itemOf(keyword);
  const comma = expecting(",", { 0: { name: "punctuation.separator.mcp" } }, item);
  const colon = expecting(
    `(?:${targetOrOther})(:)${wordEnd}`,
    { 0: { name: "meta.word.mcp" }, ...acceptTargets.captures },
    item,
  );
  const modifier = keyword === "deny" ? `(?:${spaces}${oneOf(["write", "exec"])})?` : "()";
  return {
    begin: `${oneOf([keyword])}${modifier}(?:${spaces}(${keywordAsItem}))?`,
    beginCaptures: { 1: keywordName, 2: { name: "keyword.other.modifier.mcp" }, 3: { patterns: [item] } },
    end: `${stop}|(?=${clauseWord})`,
    name: `meta.clause.${keyword}.mcp`,
    patterns: [
      ...everywhere,
      ...(keyword === "accept" ? [colon] : []),
      comma,
      ...wordsOf[keyword],
      { include: "#word" },
      { include: "#list" },
    ],
  };
}

/** `run` ends with its line. */
const run: Rule = {
  begin: oneOf(["run"]),
  beginCaptures: { 1: keywordName },
  end: `$|${stop}|(?=${clauseWord})`,
  name: "meta.clause.run.mcp",
  patterns: [...everywhere, { include: "#comma" }, { include: "#word" }, { include: "#list" }],
};

const limits: Rule = {
  begin: oneOf(["limits"]),
  beginCaptures: { 1: keywordName },
  end: `(?=[;>}])|(?=${clauseWord})`,
  name: "meta.clause.limits.mcp",
  patterns: [
    ...everywhere,
    {
      begin: "(<)|(\\{)",
      beginCaptures: {
        1: { name: "punctuation.section.block.begin.mcp" },
        2: { name: "punctuation.section.block.begin.mcp invalid.illegal.brace.mcp" },
      },
      end: `(>)|(\\})|(?=${clauseWord}|${oneOf(t.declarationKeywords.filter((k) => k !== "language"))})`,
      endCaptures: {
        1: { name: "punctuation.section.block.end.mcp" },
        2: { name: "punctuation.section.block.end.mcp invalid.illegal.brace.mcp" },
      },
      patterns: [
        ...everywhere,
        { match: ";", name: "punctuation.terminator.mcp" },
        { include: "#comma" },
        exactly(limitNames, "support.type.property-name.limit.mcp"),
        shaped(limitValue, "constant.numeric.mcp"),
        { include: "#word" },
        { include: "#list" },
      ],
    },
    { include: "#comma" },
    { include: "#word" },
    { include: "#list" },
  ],
};

const syscalls: Rule = {
  begin: oneOf(["syscalls"]),
  beginCaptures: { 1: keywordName },
  end: `${stop}|(?=${clauseWord})`,
  name: "meta.clause.syscalls.mcp",
  patterns: [...everywhere, ...wordsOf.syscalls, { include: "#comma" }, { include: "#word" }],
};

/** A list of system calls; a clause on a line of its own ends it, whose `]` was lost. */
export const list: Rule = {
  begin: `(?!${onig(t.bracketedAddress)})\\[`,
  beginCaptures: { 0: { name: "punctuation.section.list.begin.mcp" } },
  end: `(\\])|${stop}|^(?=${space}${clauseWord}${spaces}(?![,\\](#])${visible})`,
  endCaptures: { 1: { name: "punctuation.section.list.end.mcp" } },
  name: "meta.list.mcp",
  patterns: [
    ...everywhere,
    { include: "#comma" },
    shaped("\\.\\.\\.", "keyword.operator.spread.mcp"),
    shaped("@[a-z0-9][a-z0-9-]*", "support.type.group.mcp"),
    shaped("[A-Za-z_][A-Za-z0-9_]*", "entity.name.function.call.mcp"),
    { include: "#word" },
    { include: "#list" },
  ],
};

/** The clause of each keyword. */
export const clauses: readonly Rule[] = t.clauseKeywords.map((keyword) => {
  if (keyword === "run") return run;
  if (keyword === "limits") return limits;
  return keyword === "syscalls" ? syscalls : itemsClause(keyword);
});
