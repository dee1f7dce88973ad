/** Clauses of words, from the CST to the AST: one reader a clause, by its keyword. */
import type { CstNode, IToken } from "chevrotain";
import { syntaxErrors as e } from "../diagnostics/catalogue/syntax.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { Source } from "../text/source.ts";
import { joinSpans, type Span } from "../text/span.ts";
import * as ast from "./ast.ts";
import { leaves, nodes, tokens } from "./cst.ts";
import { readConnect, readListen } from "./endpoints.ts";
import { tokenSpan } from "./lexer.ts";
import type * as t from "./tokens.ts";
import * as values from "./values.ts";
import { readPath, readWord } from "./words.ts";

/** What a reader of a clause works on. */
export interface ClauseInput {
  readonly source: Source;
  readonly node: CstNode;
  readonly keyword: Span;
  readonly span: Span;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** The items of a clause: words between commas; a missing or empty list is reported. */
function itemsOf(input: ClauseInput, expected: string): readonly (readonly IToken[])[] {
  const { source, node, keyword, report } = input;
  const [list] = nodes(node, "items");
  const clause = source.text.slice(keyword.start, keyword.end);
  const items = list ? nodes(list, "item").map((item) => tokens(item, "Word")) : [];
  if (items.length === 0) {
    report(e.missingValue.report({ clause, expected }, { at: keyword }));
    return [];
  }
  const commas = list ? tokens(list, "Comma") : [];
  const last = commas.at(-1);
  if (last && commas.length >= items.length) {
    const at = tokenSpan(source, last);
    report(e.emptyItem.report({ clause: `\`${clause}\`` }, { at }));
  }
  return items;
}

/** One word an item; a second word lacks its comma. */
function words(input: ClauseInput, expected: string): readonly ast.Word[] {
  return itemsOf(input, expected).flatMap(([first, second]) => {
    if (second) {
      const at = tokenSpan(input.source, second);
      input.report(e.missingComma.report({ before: second.image }, { at }));
    }
    return first ? [readWord(input.source, first)] : [];
  });
}

/** The clause's only word; several that are one when joined, as in `64 MiB`, are reported with that as the fix. */
function onlyWord(
  input: ClauseInput,
  expected: string,
  isOne: (text: string) => boolean = () => false,
): ast.Word | undefined {
  const all = itemsOf(input, expected)
    .flat()
    .map((token) => readWord(input.source, token));
  const [first, second] = all;
  if (first && second) {
    const text = input.source.text.slice(first.span.start, all.at(-1)?.span.end);
    const at = joinSpans(first.span, all.at(-1)?.span ?? first.span);
    const newText = text.replace(/\s+/g, "");
    const fixes = isOne(newText) ? [{ title: `write \`${newText}\``, edits: [{ span: at, newText }] }] : [];
    input.report(
      e.badValue.report({ text, expected: `${expected}, without spaces or commas` }, { at, fixes }),
    );
    return undefined;
  }
  return first;
}

function oneOf<N extends string>(input: ClauseInput, names: readonly N[], what: string): N | undefined {
  const expected = `${what}: ${names.map((n) => `\`${n}\``).join(", ")}`;
  const word = onlyWord(input, expected);
  if (!word) return undefined;
  const found = names.find((name) => name === word.text && !word.quoted);
  if (!found) {
    const meant = didYouMean(word.text, names);
    input.report(
      e.badValue.report(
        { text: word.text, expected },
        {
          at: word.span,
          fixes: meant
            ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: word.span, newText: meant }] }]
            : [],
        },
      ),
    );
  }
  return found;
}

function paths(input: ClauseInput, allowGlob: boolean): readonly ast.PathNode[] {
  return words(input, "a path").flatMap((word) => readPath(word, allowGlob, input.report) ?? []);
}

function readDeny(input: ClauseInput): ast.DenyClause {
  const access =
    tokens(input.node, "Write").length > 0 ? "write" : tokens(input.node, "Exec").length > 0 ? "exec" : "all";
  return { kind: "deny", ...base(input), access, paths: paths(input, true) };
}

const base = (input: ClauseInput): { readonly span: Span; readonly keyword: Span } => ({
  span: input.span,
  keyword: input.keyword,
});

function readRun(input: ClauseInput): ast.RunClause | undefined {
  const all = tokens(input.node, "Word").map((token) => readWord(input.source, token));
  const [comma] = tokens(input.node, "Comma");
  if (comma) {
    const at = tokenSpan(input.source, comma);
    const expected =
      "part of a command line: the words of `run` are separated by spaces, and one that holds a comma is quoted";
    input.report(e.badValue.report({ text: ",", expected }, { at }));
  }
  if (all.length === 0) {
    const expected = "a command and its arguments, on the same line";
    input.report(e.missingValue.report({ clause: "run", expected }, { at: input.keyword }));
    return undefined;
  }
  return { kind: "run", ...base(input), words: all };
}

function readImage(input: ClauseInput): ast.ImageClause | undefined {
  const word = onlyWord(input, "an image, as in `NAME@sha256:…`");
  if (!word) return undefined;
  const parts = /^([a-z0-9]+(?:[._:/-]+[a-zA-Z0-9]+)*)(?:@(sha256:[0-9a-f]{64}))?$/.exec(word.text);
  if (!parts?.[1]) {
    const expected =
      "an image: a reference in lower case, best with its digest, as in `ghcr.io/org/server@sha256:` and 64 hexadecimal digits";
    input.report(e.badValue.report({ text: word.text, expected }, { at: word.span }));
    return undefined;
  }
  return { kind: "image", ...base(input), name: parts[1], ...(parts[2] && { digest: parts[2] }) };
}

/** What stands first behind `net`. */
export const netVerbs = ["none", "loopback", "any", "connect", "listen"] as const;

function readNet(input: ClauseInput): ast.NetClause | undefined {
  const { source, report } = input;
  const items = itemsOf(input, "`none`, `loopback`, `any`, `connect …` or `listen …`");
  const [verbToken, ...firstItem] = items[0] ?? [];
  if (!verbToken) return undefined;
  const verb = netVerbs.find((v) => v === verbToken.image);
  if (!verb) {
    const meant = didYouMean(verbToken.image, netVerbs);
    const span = tokenSpan(source, verbToken);
    const fixes = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span, newText: meant }] }]
      : [{ title: "add `connect`", edits: [{ span: { ...span, end: span.start }, newText: "connect " }] }];
    report(e.netVerb.report({ word: verbToken.image }, { at: span, fixes }));
    return undefined;
  }
  const rest = [firstItem, ...items.slice(1)];
  const takesAddresses = verb === "connect" || verb === "listen";
  const [extra] = rest.flat();
  if (!takesAddresses && extra) {
    const expected = `anything that \`net ${verb}\` takes: it stands alone`;
    report(e.badValue.report({ text: extra.image, expected }, { at: tokenSpan(source, extra) }));
  }
  if (takesAddresses && firstItem.length === 0) {
    const expected = verb === "connect" ? "addresses, as in `api.github.com:443`" : "a port, as in `8080`";
    report(e.missingValue.report({ clause: `net ${verb}`, expected }, { at: tokenSpan(source, verbToken) }));
  }
  const endpoints = takesAddresses ? rest.flatMap((item) => readEndpoint(input, verb, item)) : [];
  return { kind: "net", ...base(input), verb, endpoints };
}

function readEndpoint(
  input: ClauseInput,
  verb: "connect" | "listen",
  item: readonly IToken[],
): ast.EndpointNode[] {
  const [token, second] = item;
  if (!token) return [];
  if (second) {
    input.report(e.missingComma.report({ before: second.image }, { at: tokenSpan(input.source, second) }));
  }
  const word = readWord(input.source, token);
  const read = verb === "connect" ? readConnect(word.text) : readListen(word.text);
  if (read.ok) return [{ ...read.value, span: word.span }];
  input.report(e.badEndpoint.report({ text: word.text, reason: read.reason }, { at: word.span }));
  return [];
}

function readVariable(input: ClauseInput, item: readonly IToken[]): ast.VariableNode[] {
  const { source, report } = input;
  const [token, second, third] = item;
  if (!token) return [];
  if (second) {
    const spaced = second.image.startsWith("=") || token.image.endsWith("=");
    const at = tokenSpan(source, second);
    if (!spaced) report(e.missingComma.report({ before: second.image }, { at }));
    else {
      const whole = joinSpans(tokenSpan(source, token), tokenSpan(source, third ?? second));
      const newText = item.map((x) => x.image).join("");
      report(
        e.spacedEquals.report(
          {},
          { at: whole, fixes: [{ title: `write \`${newText}\``, edits: [{ span: whole, newText }] }] },
        ),
      );
    }
    return [];
  }
  const word = readWord(source, token);
  const equals = word.text.indexOf("=");
  const name = equals === -1 ? word.text : word.text.slice(0, equals);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    const reason = "its name must be letters, digits and `_`, not beginning with a digit";
    report(e.badVariable.report({ text: word.text, reason }, { at: word.span }));
    return [];
  }
  return [{ name, ...(equals !== -1 && { value: word.text.slice(equals + 1) }), span: word.span }];
}

function readEnv(input: ClauseInput): ast.EnvClause {
  const { source, node, report } = input;
  const items = itemsOf(input, "names of variables, as in `HOME, NODE_ENV=production`");
  const [list] = nodes(node, "items");
  for (const comma of list ? tokens(list, "Comma") : []) {
    const before = source.text.charAt(comma.startOffset - 1);
    const after = source.text.charAt(comma.startOffset + 1);
    if (before.trim() !== "" && after.trim() !== "") {
      report(
        e.gluedComma.report(
          {},
          { at: tokenSpan(source, comma), notes: ["put the value in quotes, or a space behind the comma"] },
        ),
      );
    }
  }
  return { kind: "env", ...base(input), variables: items.flatMap((item) => readVariable(input, item)) };
}

function readUser(input: ClauseInput): ast.UserClause | undefined {
  const expected = "a user: NAME, `UID:GID`, or `dynamic`";
  const word = onlyWord(input, expected);
  if (!word) return undefined;
  const ids = /^([0-9]{1,10}):([0-9]{1,10})$/.exec(word.text);
  if (ids) {
    const user = { kind: "ids" as const, uid: Number(ids[1]), gid: Number(ids[2]) };
    return { kind: "user", ...base(input), user };
  }
  if (word.text === "dynamic" && !word.quoted)
    return { kind: "user", ...base(input), user: { kind: "dynamic" } };
  if (/^[a-z_][a-z0-9_-]{0,30}$/.test(word.text)) {
    return { kind: "user", ...base(input), user: { kind: "name", name: word.text } };
  }
  const alone = /^[0-9]+$/.test(word.text)
    ? `${expected}; a uid alone would mean gid 0 to some runtimes`
    : expected;
  input.report(e.badValue.report({ text: word.text, expected: alone }, { at: word.span }));
  return undefined;
}

function readTmp(input: ClauseInput): ast.TmpClause | undefined {
  const word = onlyWord(input, "a size, as in `64MiB`", (text) => values.readSize(text).ok);
  const read = word && values.readSize(word.text);
  if (!word || !read) return undefined;
  if (read.ok) return { kind: "tmp", ...base(input), bytes: read.value };
  input.report(e.badValue.report({ text: word.text, expected: read.expected }, { at: word.span }));
  return undefined;
}

const limitReaders: Readonly<Record<ast.LimitName, (text: string) => values.Read>> = {
  memory: values.readSize,
  processes: values.readCount,
  files: values.readCount,
  cpu: values.readShare,
  io: values.readRate,
  time: values.readDuration,
};

function readLimit(input: ClauseInput, node: CstNode): ast.LimitNode[] {
  const { source, report } = input;
  const [nameToken, valueToken, extra] = leaves(node);
  if (!nameToken) return [];
  const nameSpan = tokenSpan(source, nameToken);
  const name = ast.limitNames.find((n) => n === nameToken.image);
  if (!name) {
    const meant = didYouMean(nameToken.image, ast.limitNames);
    const expected = `a limit: ${ast.limitNames.map((n) => `\`${n}\``).join(", ")}`;
    const fixes = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: nameSpan, newText: meant }] }]
      : [];
    report(e.badValue.report({ text: nameToken.image, expected }, { at: nameSpan, fixes }));
    return [];
  }
  if (!valueToken) {
    report(e.missingValue.report({ clause: name, expected: "a value" }, { at: nameSpan }));
    return [];
  }
  const word = readWord(source, valueToken);
  const read = limitReaders[name](word.text);
  if (!read.ok) {
    const joined = extra ? limitReaders[name](word.text + extra.image) : undefined;
    const span = joined?.ok && extra ? joinSpans(word.span, tokenSpan(source, extra)) : word.span;
    const newText = joined?.ok && extra ? word.text + extra.image : undefined;
    const fixes = newText ? [{ title: `write \`${newText}\``, edits: [{ span, newText }] }] : [];
    report(
      e.badValue.report(
        { text: source.text.slice(span.start, span.end), expected: read.expected },
        { at: span, fixes },
      ),
    );
    return [];
  }
  if (extra) report(e.missingSemicolon.report({ before: extra.image }, { at: tokenSpan(source, extra) }));
  return [{ name, value: read.value, span: joinSpans(nameSpan, word.span) }];
}

function readLimits(input: ClauseInput): ast.LimitsClause {
  const { source, node, report } = input;
  const limits = nodes(node, "limit").flatMap((limit) => readLimit(input, limit));
  const [open] = tokens(node, "Open");
  if (!open) {
    const expected = "a block, as in `limits < memory 512MiB; processes 64 >`";
    report(e.missingValue.report({ clause: "limits", expected }, { at: input.keyword }));
  } else if (tokens(node, "Close").length === 0) {
    report(e.missingClose.report({ what: "`limits`" }, { at: tokenSpan(source, open) }));
  }
  const seen = new Set<string>();
  for (const limit of limits) {
    if (seen.has(limit.name)) report(e.duplicate.report({ what: limit.name }, { at: limit.span }));
    seen.add(limit.name);
  }
  return { kind: "limits", ...base(input), limits };
}

function readAccept(input: ClauseInput): ast.AcceptClause | undefined {
  const { source, report } = input;
  const items = itemsOf(input, "targets and items, as in `accept docker: files.exec`");
  const all = items.flat().map((token) => readWord(source, token));
  const colon = all.findIndex((word) => word.text.endsWith(":"));
  if (all.length === 0) return undefined;
  const bad = (reason: string, at: Span): undefined => {
    report(e.badAccept.report({ reason }, { at }));
    return undefined;
  };
  if (colon === -1)
    return bad("the colon behind the targets is missing, as in `accept docker: files.exec`", input.span);
  if (all[colon]?.text === ":")
    return bad("the colon is glued to the last target, as in `docker:`", all[colon].span);
  const targets = all.slice(0, colon + 1).map((word, index) => ({
    text: index === colon ? word.text.slice(0, -1) : word.text,
    span: index === colon ? { ...word.span, end: word.span.end - 1 } : word.span,
  }));
  const accepted = all.slice(colon + 1).map((word) => ({ text: word.text, span: word.span }));
  if (accepted.length === 0) return bad("the items behind the colon are missing", input.span);
  // Every item is a word of its own, but for the one that holds the colon: `sb: tmp.size`.
  for (const item of items) {
    const allowed = item.some((token) => token.image.endsWith(":")) ? 2 : 1;
    const stray = item[allowed];
    if (stray) report(e.missingComma.report({ before: stray.image }, { at: tokenSpan(source, stray) }));
  }
  return { kind: "accept", ...base(input), targets, items: accepted };
}

function pathClause<K extends "read" | "write" | "exec" | "unix">(kind: K) {
  return (input: ClauseInput): ast.PathClause<K> => ({ kind, ...base(input), paths: paths(input, false) });
}

const runtime = (input: ClauseInput): ast.RuntimeClause | undefined => {
  const name = oneOf(input, ast.runtimeNames, "a runtime");
  return name && { kind: "runtime", ...base(input), name };
};

const isolation = (input: ClauseInput): ast.IsolationClause | undefined => {
  const level = oneOf(input, ast.isolationLevels, "a level of isolation");
  return level && { kind: "isolation", ...base(input), level };
};

type ClauseReader = (input: ClauseInput) => ast.Clause | undefined;

/** The reader of each clause that is made of words; `syscalls` has its own, beside its lists. */
export const clauseReaders: Readonly<Record<Exclude<t.ClauseKeyword, "syscalls">, ClauseReader>> = {
  accept: readAccept,
  deny: readDeny,
  env: readEnv,
  exec: pathClause("exec"),
  image: readImage,
  isolation,
  limits: readLimits,
  net: readNet,
  read: pathClause("read"),
  run: readRun,
  runtime,
  tmp: readTmp,
  unix: pathClause("unix"),
  user: readUser,
  write: pathClause("write"),
};
