import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CstNode, IToken } from "chevrotain";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { PolicyParser } from "../../src/syntax/grammar.ts";
import { lex } from "../../src/syntax/lexer.ts";
import { parse } from "../../src/syntax/parse.ts";
import { BadString, Identifier, keywords, keywordToken, quotedPiece, Word } from "../../src/syntax/tokens.ts";
import { brokenPolicyText, validPolicyText } from "../support/policy-texts.ts";
import { loadGrammar, type Scopes } from "../support/textmate.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const texts = ["std", "examples"].flatMap((directory) =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".mcp"))
    .map((name) => [`${directory}/${name}`, readFileSync(join(root, directory, name), "utf8")] as const),
);
const runs = process.env.MCPC_LONG ? 5_000 : 500;

let tokenize: (text: string) => Scopes;
beforeAll(async () => {
  tokenize = await loadGrammar();
});

const keywordScope = /^keyword\.(?:control|other)\./;
const has = (scopes: readonly string[] | undefined, prefix: string): boolean =>
  scopes?.some((scope) => scope.startsWith(prefix)) ?? false;
const isKeyword = (scopes: readonly string[] | undefined): boolean =>
  scopes?.some((scope) => keywordScope.test(scope)) ?? false;

const wordTypes = new Set([Word, BadString, ...keywords.map(({ text }) => keywordToken(text))]);

/** What the lexer takes a character for. */
type Kind = "comment" | "string" | "word" | "other";

function kindsOf(text: string): readonly Kind[] {
  const kinds: Kind[] = Array.from({ length: text.length }, () => "other");
  const { tokens, comments } = lex({ name: "p", text });
  const mark = (start: number, length: number, kind: Kind): void => {
    kinds.fill(kind, start, start + length);
  };
  for (const { startOffset, image } of comments) mark(startOffset, image.length, "comment");
  for (const { tokenType, startOffset, image } of tokens) {
    if (!wordTypes.has(tokenType)) continue;
    mark(startOffset, image.length, "word");
    const pieces = tokenType === BadString ? /"(?:[^"\\]|\\.?)*"?/ : quotedPiece;
    for (const piece of image.matchAll(new RegExp(pieces, "g")))
      mark(startOffset + piece.index, piece[0].length, "string");
  }
  return kinds;
}

function kindOfScopes(scopes: readonly string[] | undefined): Kind {
  if (has(scopes, "comment.")) return "comment";
  if (has(scopes, "string.")) return "string";
  return has(scopes, "meta.word.") || isKeyword(scopes) ? "word" : "other";
}

/** The grammar and the lexer, character by character; line ends belong to nothing. */
function expectAgreement(text: string): void {
  const kinds = kindsOf(text);
  const scopes = tokenize(text);
  expect(scopes.length).toBe(text.length);
  for (const [at, kind] of kinds.entries()) {
    if (/[\r\n]/.test(text.charAt(at))) continue;
    if (kindOfScopes(scopes[at]) !== kind) {
      const place = `${JSON.stringify(text.slice(0, at))} here ${JSON.stringify(text.slice(at))}`;
      expect(`${kindOfScopes(scopes[at])} in ${scopes[at]?.join(" ")}: ${place}`).toBe(kind);
    }
  }
}

/** The tokens that the parser took as keywords, and those with a keyword's text that it took as words. */
function readKeywords(text: string): {
  readonly keywords: readonly IToken[];
  readonly words: readonly IToken[];
} {
  const parser = new PolicyParser({ skipValidations: true });
  parser.input = [...lex({ name: "p", text }).tokens];
  const found = { keywords: [] as IToken[], words: [] as IToken[] };
  const texts = new Set<string>(keywords.map((keyword) => keyword.text));
  const visit = (node: CstNode): void => {
    for (const [key, children] of Object.entries(node.children)) {
      for (const child of children) {
        if ("children" in child) visit(child);
        else if (texts.has(child.image))
          (key === child.tokenType.name && child.tokenType !== Identifier
            ? found.keywords
            : found.words
          ).push(child);
      }
    }
  };
  visit((parser as unknown as { file(): CstNode }).file());
  return found;
}

function expectKeywords(text: string): void {
  const scopes = tokenize(text);
  const found = readKeywords(text);
  const show = (token: IToken): string => `${token.image} at ${token.startOffset} of ${JSON.stringify(text)}`;
  for (const token of found.keywords) expect(isKeyword(scopes[token.startOffset]), show(token)).toBe(true);
  for (const token of found.words) expect(isKeyword(scopes[token.startOffset]), show(token)).toBe(false);
}

describe("the TextMate grammar and the lexer agree on comments, strings and words", () => {
  test.each(texts)("%s, with each kind of line end", (_, text) => {
    expectAgreement(text);
    expectAgreement(text.replaceAll("\n", "\r\n"));
  });

  test("random policies", () => {
    fc.assert(fc.property(validPolicyText, expectAgreement), { numRuns: runs });
  });

  test("random policies with mistakes", () => {
    fc.assert(fc.property(brokenPolicyText, expectAgreement), { numRuns: runs });
  });
});

describe("a keyword is one by position only", () => {
  test("every keyword of the table, in its place and out of it", () => {
    const seen = new Set<string>();
    for (const [, text] of [...texts, ["", allClauses] as const]) {
      for (const { image } of readKeywords(text).keywords) seen.add(image);
      expectKeywords(text);
    }
    expect([...seen].sort()).toEqual(keywords.map(({ text }) => text).sort());
    for (const { text: word } of keywords) {
      expectKeywords(
        `server ${word} extends ${word}, ${word} within\n${word}\n<\nenv ${word}, ${word}\n, ${word};\n>`,
      );
      expectKeywords(
        `server a <\nuser ${word};\nsyscalls default-deny + [${word}, ${word}(a = 1),\n${word}\n];\n>`,
      );
      expectKeywords(`server a <\nrun "${word}" x${word} ${word}x;\nread ./${word}; deny **/${word} >`);
    }
  });

  test("random policies", () => {
    fc.assert(
      fc.property(validPolicyText, (text) => {
        expect(parse({ name: "p", text }).diagnostics.map((d) => d.message)).toEqual([]);
        expectKeywords(text);
      }),
      { numRuns: runs },
    );
  });

  test("a clause behind a lost `;` or `]` is one", () => {
    expectKeywords("server a <\nread ./a\nwrite ./b;\nnet none deny ./c\n>");
    expectKeywords("server a <\nsyscalls default-deny + [read,\n  write ./b;\n  read ./x;\n>\n");
    expectKeywords("server a <\nread ./a;\nserver b <\nnet none;\n>");
  });
});

const allClauses = `import ./a.mcp;
server a extends b within c <
  accept docker: unix; deny write ./a; env A; exec ./b; image x; isolation process; limits < cpu 5% >;
  net none; read ./c; run node ./x; runtime node; syscalls default-deny + [...]; tmp 1MiB; unix /s; user me; write ./d;
>`;

describe("what else has a scope", () => {
  /** The scope that a piece of a text has, by its place in the text. */
  const scopeOf = (text: string, piece: string): string =>
    tokenize(text)[text.indexOf(piece)]?.join(" ") ?? "";
  const inServer = (clauses: string): string => `server fs <\n  ${clauses}\n>`;

  test.each([
    ["server fs <>", "fs", "entity.name.type.server"],
    ["profile house <>", "house", "entity.name.type.profile"],
    ["server fs extends house <>", "house", "entity.name.type.profile"],
    ["group @g [openat];", "@g", "entity.name.type.group"],
    ["group @g [openat];", "openat", "entity.name.function"],
    ["language 1;", "1", "constant.numeric"],
    [inServer("syscalls default-deny + [...];"), "default-deny", "storage.modifier"],
    [inServer("syscalls default-deny + [...];"), "+", "keyword.operator"],
    [inServer("syscalls default-deny + [...];"), "...", "keyword.operator"],
    [inServer("syscalls default-deny + [@g];"), "@g", "support.type.group"],
    [inServer("syscalls default-deny + [ioctl(cmd = TCGETS)];"), "TCGETS", "support.constant.kernel"],
    [inServer("syscalls default-deny + [ioctl(cmd & 0xff = 3)];"), "&", "keyword.operator"],
    [inServer("syscalls default-deny + [ioctl(cmd & 0xff = 3)];"), "0xff", "constant.numeric"],
    [inServer("syscalls default-deny + [ioctl(cmd in {A})];"), "in {", "keyword.operator.in"],
    [inServer("syscalls default-deny + [ioctl(cmd == A)];"), "==", "invalid.illegal"],
    [inServer("env TOKEN;"), "TOKEN", "variable.other"],
    [inServer("env A=b;"), "=", "keyword.operator"],
    [inServer('env A="b\\"c";'), '\\"', "constant.character.escape"],
    [inServer("env A=b, user;"), "user", "variable.other"],
    [inServer("limits < memory 512MiB >;"), "memory", "support.type.property-name"],
    [inServer("limits < memory 512MiB >;"), "512MiB", "constant.numeric"],
    [inServer("limits # a >\n < memory 512MiB >;"), "memory", "support.type.property-name"],
    [inServer("tmp 64MiB;"), "64MiB", "constant.numeric"],
    [inServer("net loopback;"), "loopback", "constant.language"],
    [inServer("deny **/.env;"), "**", "constant.other.wildcard"],
    [inServer("accept docker: unix;"), "docker", "support.class.target"],
    [inServer("accept docker: unix;"), "unix", "constant.other.item"],
    [inServer("read ./a#b;"), "#", "invalid.illegal.glued-comment"],
    [inServer("read 'a';"), "'", "invalid.illegal.character"],
    [inServer('read "a;'), '"', "invalid.illegal.bad-string"],
    [inServer("read ./a\u200bb;"), "\u200b", "invalid.illegal.invisible"],
    ["# a\u202eb", "\u202e", "invalid.illegal.invisible"],
    ["server fs {}", "{", "invalid.illegal.brace"],
  ])("%j: %s is %s", (text, piece, scope) => {
    expect(scopeOf(text, piece)).toContain(scope);
  });

  test("no glob outside of deny and net, none in quotes", () => {
    expect(scopeOf(inServer('deny "./*";'), "*")).not.toContain("wildcard");
    expect(scopeOf(inServer("read ./*;"), "*")).not.toContain("wildcard");
  });
});
