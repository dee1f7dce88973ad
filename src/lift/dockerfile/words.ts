/**
 * Words of instructions: flags, the JSON form, quotes and variables.
 *
 * Source: Dockerfile reference, "Environment replacement", "Exec form"; frontend/dockerfile/shell/lex.go of BuildKit.
 */

/** The words before and behind the flags of an instruction. */
export interface Flagged {
  readonly flags: readonly (readonly [name: string, value: string])[];
  readonly rest: string;
}

/** Takes the flags off. */
export function flagged(text: string): Flagged {
  const flags: (readonly [string, string])[] = [];
  let rest = text;
  for (;;) {
    const found = /^--([a-z-]+)(?:=(\S*))?(?:\s+|$)/.exec(rest);
    if (!found) return { flags, rest };
    flags.push([found[1] ?? "", found[2] ?? ""]);
    rest = rest.slice(found[0].length);
  }
}

/** The words of the JSON form; undefined when it is not in that form. */
export function jsonWords(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((word) => typeof word === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A word without its escapes; undefined where a variable or a quote in it is replaced. */
export function plainWord(word: string, mark: string): string | undefined {
  let out = "";
  for (let at = 0; at < word.length; at++) {
    const c = word.charAt(at);
    if (c === "$" || c === '"' || c === "'") return undefined;
    if (c === mark) at++;
    out += word.charAt(at);
  }
  return out;
}

/** A value in quotes or without, of one word; undefined where a variable in it is replaced. */
export function plainValue(text: string, mark: string): string | undefined {
  const bare = /^"(.*)"$/s.exec(text)?.[1] ?? text;
  if (/^'[^']*'$/s.test(text)) return text.slice(1, -1);
  return plainWord(bare, mark);
}

/** Assignments of ENV: `NAME=VALUE …`, or the older `NAME VALUE`. */
export function assignments(text: string): readonly (readonly [name: string, value: string])[] {
  if (!/^[^\s=]+=/.test(text)) {
    const [, name = "", value = ""] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
    return [[name, value]];
  }
  const word = /([^\s=]+)=((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])*)/gs;
  return [...text.matchAll(word)].map((m) => [m[1] ?? "", m[2] ?? ""]);
}
