/**
 * Instructions of a Dockerfile: directives, comments, continued lines and here-documents.
 *
 * Source: Dockerfile reference, "Format", "Parser directives", "Here-documents"; frontend/dockerfile/parser/parser.go of BuildKit.
 */
import { ContainerError } from "../container/settings.ts";

/** An instruction, its keyword in capitals. */
export interface Instruction {
  readonly keyword: string;
  readonly rest: string;
  readonly line: number;
}

/** A Dockerfile in instructions. */
export interface DockerfileLines {
  readonly instructions: readonly Instruction[];
  readonly escape: "\\" | "`";
  /** The frontend that it asks for. */
  readonly syntax?: string;
}

interface Directives {
  escape: "\\" | "`";
  syntax?: string;
}

/** Directives end with the first line that is none. */
function directivesOf(lines: readonly string[]): Directives {
  const out: Directives = { escape: "\\" };
  for (const [at, line] of lines.entries()) {
    const [, key, value = ""] = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line) ?? [];
    if (key === undefined) break;
    if (key.toLowerCase() === "syntax") out.syntax = value;
    else if (key.toLowerCase() === "escape") {
      if (value !== "\\" && value !== "`")
        throw new ContainerError(`docker refuses the escape \`${value}\``, at + 1);
      out.escape = value;
    } else if (key.toLowerCase() !== "check") break;
  }
  return out;
}

/** Words that end the here-documents of an instruction. */
function hereDocuments({ keyword, rest }: Instruction): readonly string[] {
  if (!["RUN", "COPY", "ADD"].includes(keyword)) return [];
  return [...rest.matchAll(/(?:^|\s)\d*<<-?(["']?)([^\s"'<>|&;]+)\1/g)].map((m) => m[2] ?? "");
}

const keywords: ReadonlySet<string> = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

/** Reads an instruction from its whole text. @throws ContainerError */
export function instructionOf(text: string, line: number): Instruction {
  const [, word = "", rest = ""] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? [];
  const keyword = word.toUpperCase();
  if (!keywords.has(keyword))
    throw new ContainerError(`docker refuses \`${word}\`, which is no instruction`, line);
  return { keyword, rest: rest.trim(), line };
}

/** An instruction and the index of the line behind it; comments and empty lines between continued lines are skipped. */
function continued(lines: readonly string[], from: number, end: RegExp): { text: string; next: number } {
  let text = "";
  for (let at = from; at < lines.length; at++) {
    const one = lines[at] ?? "";
    if (at > from && /^\s*(?:#|$)/.test(one)) continue;
    if (!end.test(one)) return { text: text + one, next: at + 1 };
    text += one.replace(end, "$1");
  }
  return { text, next: lines.length };
}

/** Takes a Dockerfile apart. @throws ContainerError */
export function dockerfileLines(text: string): DockerfileLines {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const directives = directivesOf(lines);
  const end = directives.escape === "\\" ? /(^|[^\\])\\[ \t]*$/ : /(^|[^`])`[ \t]*$/;
  const instructions: Instruction[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = at + 1;
    if (/^\s*(?:#|$)/.test(lines[at] ?? "")) {
      at++;
      continue;
    }
    const { text: whole, next } = continued(lines, at, end);
    at = next;
    if (whole.trim() === "") continue;
    const instruction = instructionOf(whole, line);
    instructions.push(instruction);
    for (const word of hereDocuments(instruction)) {
      while (at < lines.length && (lines[at] ?? "").replace(/^\t+/, "") !== word) at++;
      at++;
    }
  }
  return { instructions, ...directives };
}
