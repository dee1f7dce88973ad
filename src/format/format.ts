/**
 * The formatter: the same tokens and comments in one layout. It changes white space, adds the `;` behind a block's last
 * clause and `language 1;` at the top, and nothing else.
 */
import type { IToken } from "chevrotain";
import { lex } from "../syntax/lexer.ts";
import type { Source } from "../text/source.ts";

const width = 100;
const indentation = "  ";

interface Piece {
  readonly text: string;
  readonly kind: "token" | "comment";
  /** Line ends before it in the source: 0 stands behind its predecessor, 2 and more keep one empty line. */
  readonly linesBefore: number;
}

function piecesOf(source: Source): readonly Piece[] {
  const { tokens, comments } = lex(source);
  const all = [
    ...tokens.map((token: IToken) => ({ token, kind: "token" as const })),
    ...comments.map((token: IToken) => ({ token, kind: "comment" as const })),
  ].sort((a, b) => a.token.startOffset - b.token.startOffset);
  let end = source.text.startsWith("\uFEFF") ? 1 : 0;
  return all.map(({ token, kind }) => {
    const between = source.text.slice(end, token.startOffset);
    end = token.startOffset + token.image.length;
    return { text: token.image.trimEnd(), kind, linesBefore: between.split("\n").length - 1 };
  });
}

/** A line of output in the making: words with the spaces between them decided. */
function spaced(words: readonly string[]): string {
  let out = "";
  let previous = "";
  for (const word of words) {
    const glued =
      out === "" ||
      word === "," ||
      word === "]" ||
      word === ")" ||
      word === "}" ||
      word === ";" ||
      word === "(" ||
      previous === "[" ||
      previous === "(" ||
      previous === "{";
    out += glued ? word : ` ${word}`;
    previous = word;
  }
  return out;
}

/** Breaks a statement behind commas, so that its lines fit; \`run\` stands on one line whatever its length. */
function wrapped(words: readonly string[], indent: string): string {
  const whole = indent + spaced(words);
  if (whole.length <= width || words[0] === "run") return whole;
  const deeper = `${indent}${" ".repeat((words[0]?.length ?? 0) + 1)}`;
  const lines: string[] = [];
  let current: string[] = [];
  let depth = 0;
  const prefix = (): string => (lines.length === 0 ? indent : deeper);
  let unit: string[] = [];
  const flush = (): void => {
    if (current.length > 0 && (prefix() + spaced([...current, ...unit])).length > width) {
      lines.push(prefix() + spaced(current));
      current = [];
    }
    current.push(...unit);
    unit = [];
  };
  for (const word of words) {
    unit.push(word);
    if (word === "(") depth++;
    if (word === ")") depth--;
    if (word === "," && depth === 0) flush();
  }
  flush();
  lines.push(prefix() + spaced(current));
  return lines.join("\n");
}

class Printer {
  private readonly lines: string[] = [];
  private statement: string[] = [];
  private depth = 0;
  private pendingBlank = false;

  private indent(): string {
    return indentation.repeat(this.depth);
  }

  private push(text: string): void {
    if (this.pendingBlank && this.lines.length > 0) this.lines.push("");
    this.pendingBlank = false;
    this.lines.push(text);
  }

  /** Ends the statement; a block's last clause gets its \`;\`. */
  private end(terminator: string): void {
    if (this.statement.length === 0) return;
    this.push(wrapped(terminator === "" ? this.statement : [...this.statement, terminator], this.indent()));
    this.statement = [];
  }

  comment({ text, linesBefore }: Piece): void {
    const last = this.lines.at(-1);
    if (linesBefore === 0 && this.statement.length === 0 && last !== undefined && last !== "") {
      this.lines[this.lines.length - 1] = `${last}  ${text}`;
      return;
    }
    if (this.statement.length > 0) {
      // In the middle of a statement: what is there so far stays, and goes on below.
      this.push(`${wrapped(this.statement, this.indent())}${linesBefore === 0 ? `  ${text}` : ""}`);
      if (linesBefore > 0) this.push(`${this.indent()}${indentation}${text}`);
      this.statement = [];
      return;
    }
    if (linesBefore > 1) this.pendingBlank = true;
    this.push(this.indent() + text);
  }

  token(piece: Piece, inline: boolean): void {
    const { text, linesBefore } = piece;
    if (this.statement.length === 0 && linesBefore > 1) this.pendingBlank = true;
    if (inline) {
      this.statement.push(text);
      return;
    }
    if (text === "<" || text === ">") {
      if (text === "<") {
        this.statement.push(text);
        this.end("");
        this.depth++;
      } else {
        this.end(";");
        this.depth = Math.max(0, this.depth - 1);
        this.pendingBlank = false;
        this.push(`${this.indent()}>`);
      }
      return;
    }
    if (text === ";") {
      if (this.statement.length > 0) this.end(";");
      else if (this.lines.at(-1)?.endsWith(">") && this.depth > 0) this.lines[this.lines.length - 1] += ";";
      return;
    }
    this.statement.push(text);
  }

  text(): string {
    this.end("");
    return `${this.lines.join("\n")}\n`;
  }
}

/** The index behind the block of \`limits\` when it can stand on one line: short, and without comments. */
function inlineEnd(pieces: readonly Piece[], open: number): number {
  let length = 0;
  for (let at = open; at < pieces.length; at++) {
    const piece = pieces[at];
    if (!piece || piece.kind === "comment") return open;
    length += piece.text.length + 1;
    if (length > width - 12) return open;
    if (piece.text === ">") return at + 1;
  }
  return open;
}

/** The tokens of an inline block with a \`;\` between its limits and none behind the last. */
function tidyInline(texts: readonly string[]): readonly string[] {
  const inner = texts
    .slice(1, -1)
    .filter((text, at, all) => text !== ";" || (all[at + 1] !== undefined && all[at + 1] !== ";" && at > 0));
  return ["<", ...inner, ">"];
}

/** Formats a policy that has no syntax errors. */
export function format(source: Source): string {
  const pieces = piecesOf(source);
  const printer = new Printer();
  const hasLanguage = pieces.some(
    (piece, at) =>
      piece.text === "language" &&
      (at === 0 || pieces[at - 1]?.kind === "comment" || pieces[at - 1]?.text === ";"),
  );
  let announced = hasLanguage;
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at];
    if (!piece) continue;
    if (piece.kind === "comment") {
      printer.comment(piece);
      continue;
    }
    if (!announced) {
      for (const text of ["language", "1", ";"])
        printer.token(
          { text, kind: "token", linesBefore: text === "language" ? piece.linesBefore : 0 },
          false,
        );
      announced = true;
      printer.token({ ...piece, linesBefore: 2 }, false);
      continue;
    }
    const previous = pieces[at - 1];
    if (piece.text === "<" && previous?.text === "limits") {
      const end = inlineEnd(pieces, at);
      if (end > at) {
        for (const text of tidyInline(pieces.slice(at, end).map((p) => p.text)))
          printer.token({ text, kind: "token", linesBefore: 0 }, true);
        at = end - 1;
        continue;
      }
    }
    printer.token(piece, false);
  }
  return printer.text();
}
