/** Which strings a format can hold at all, and quoting for the formats that are not YAML or JSON. */

/** A string that a format takes, or why it can't. */
export type Escaped =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: string };

const lineEnds = /[\n\r\u0085\u2028\u2029]/;

/** Why a string can't be passed to any program as an argument or variable; undefined when it can. */
export function notAnArgument(text: string): string | undefined {
  if (text.includes("\0")) return "it holds a NUL, which ends a string for the kernel";
  if (!text.isWellFormed()) return "it is not valid Unicode";
  return undefined;
}

/** Why a string can't be a path in an artifact: control characters and what hides or reorders text. */
export function notAPath(text: string): string | undefined {
  const basic = notAnArgument(text);
  if (basic) return basic;
  if (lineEnds.test(text)) return "it holds a line end";
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return "it holds a control character";
  if (/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/.test(text))
    return "it holds an invisible or bidirectional character";
  if (text.split("/").includes("..") || text.includes("//")) return "it is not normalised";
  if (text.includes("*")) return "it holds a `*`, which can't be told from a pattern";
  return undefined;
}

/** One line for a comment: anything but printable ASCII is shown as its code. */
export function asciiLine(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A word of a POSIX shell in single quotes. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `$` doubled, for strings that compose would interpolate. */
export function composeString(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** A field of the comma-separated options of `docker run --mount`, RFC 4180 quoting. */
export function csvField(text: string): string {
  return /[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A string for the JSON form of COPY in a Dockerfile, whose words are words of a shell still: `$` is a variable, quotes are
 * taken off, a backslash goes. Source: frontend/dockerfile/shell/lex.go of BuildKit; tried with both builders of docker 20.10.
 */
export function dockerfileJson(text: string): string {
  return JSON.stringify(text.replace(/[\\$'"]/g, "\\$&"));
}

/** A path as a source of COPY: patterns of Go's filepath.Match can't be escaped for every builder. */
export function dockerfileSource(path: string): Escaped {
  const reason =
    notAPath(path) ??
    (/[*?[\]\\]/.test(path) ? "a COPY source with `*`, `?`, `[`, `]` or `\\` is a pattern" : undefined);
  return reason === undefined ? { ok: true, value: dockerfileJson(path) } : { ok: false, reason };
}
