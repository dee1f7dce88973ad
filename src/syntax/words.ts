/** From word tokens to words and paths. */
import type { IToken } from "chevrotain";
import { syntaxErrors as e } from "../diagnostics/catalogue/syntax.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Source } from "../text/source.ts";
import type { PathNode, Word } from "./ast.ts";
import { tokenSpan } from "./lexer.ts";

/** Decodes a word token: its quoted pieces lose quotes and escapes. */
export function readWord(source: Source, token: IToken): Word {
  const text = token.image.replace(/"((?:[^"\\]|\\.)*)"?/g, (_, inner: string) =>
    inner.replace(/\\(["\\])/g, "$1"),
  );
  return {
    text,
    span: tokenSpan(source, token),
    quoted: token.image.includes('"'),
    startsQuoted: token.image.startsWith('"'),
  };
}

/** A word as it must be written so that it reads as this text. */
export function writeWord(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function anchorOf(text: string): PathNode["anchor"] | undefined {
  if (text.startsWith("/")) return "root";
  if (text.startsWith("./") || text.startsWith("../")) return "relative";
  if (text.startsWith("~/")) return "home";
  return undefined;
}

function badPath(word: Word, reason: string, replacement?: string): Diagnostic {
  return e.badPath.report(
    { text: word.text, reason },
    {
      at: word.span,
      fixes:
        replacement === undefined
          ? []
          : [
              {
                title: `write \`${replacement}\``,
                edits: [{ span: word.span, newText: word.quoted ? writeWord(replacement) : replacement }],
              },
            ],
    },
  );
}

function pathWithoutAnchor(word: Word): Diagnostic {
  const { text } = word;
  const begins = "paths begin with `/`, `./`, `../` or `~/`";
  if (text === "." || text === ".." || text === "~") return badPath(word, begins, `${text}/`);
  if (/^[A-Za-z]:[\\/]/.test(text)) return badPath(word, "drive letters have no meaning here");
  if (/^~[^/]/.test(text)) return badPath(word, "other users' homes are written out, as in `/home/NAME`");
  if (text.startsWith("file://")) return badPath(word, begins, text.slice("file://".length));
  return badPath(word, begins, /^[\w@.+-]/.test(text) ? `./${text}` : undefined);
}

/** Reads a word as a path; in `deny` it may be a glob, and begin with a `*`. */
export function readPath(
  word: Word,
  allowGlob: boolean,
  report: (d: Diagnostic) => void,
): PathNode | undefined {
  const hasStar = word.text.includes("*");
  const anchor = anchorOf(word.text);
  if (hasStar && !word.quoted && !allowGlob) {
    report(e.globOutsideDeny.report({ text: word.text }, { at: word.span }));
    return undefined;
  }
  if (
    hasStar &&
    word.quoted &&
    !word.span.source.text.slice(word.span.start, word.span.end).match(/^"[\s\S]*"$/)
  ) {
    report(badPath(word, "a glob can't be quoted, and no path may hold a literal `*`"));
    return undefined;
  }
  const glob = hasStar && !word.quoted;
  if (!anchor && !(glob && word.text.startsWith("*"))) {
    report(pathWithoutAnchor(word));
    return undefined;
  }
  if (glob && /[?]|\[|\]/.test(word.text)) {
    report(badPath(word, "`*` and `**` are the only patterns"));
    return undefined;
  }
  if (glob && word.text.split("/").some((part) => part.includes("**") && part !== "**")) {
    report(badPath(word, "`**` stands alone between slashes"));
    return undefined;
  }
  return { text: word.text, span: word.span, glob, anchor: anchor ?? "anywhere" };
}
