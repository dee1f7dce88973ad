/**
 * JSON as a verifier must read it: whole numbers of any size exactly, a key that stands twice an error, and nothing behind
 * the end. Readers of other languages keep the last of two keys, or the first, or round: what they disagree on is refused.
 *
 * Source: RFC 8259.
 */

/** A value. */
export type Json =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Why a text is no such JSON, and where (UTF-16 offset). */
export class JsonError extends Error {
  override readonly name = "JsonError";
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

const deepest = 100;
const token =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(true|false|null))/y;

interface Reader {
  readonly text: string;
  at: number;
}

interface Token {
  readonly kind: "mark" | "string" | "number" | "word";
  readonly text: string;
}

function next(reader: Reader): Token {
  token.lastIndex = reader.at;
  const found = token.exec(reader.text);
  if (!found) {
    const ended = reader.text.slice(reader.at).trim() === "";
    throw new JsonError(ended ? "it ends too early: something is missing" : "this is no JSON", reader.at);
  }
  reader.at = token.lastIndex;
  const [, mark, string, number, word] = found;
  if (mark !== undefined) return { kind: "mark", text: mark };
  if (string !== undefined) return { kind: "string", text: string };
  if (number !== undefined) return { kind: "number", text: number };
  return { kind: "word", text: word ?? "" };
}

function readArray(reader: Reader, depth: number): readonly Json[] {
  const out: Json[] = [];
  const start = reader.at;
  const first = next(reader);
  if (first.text === "]" && first.kind === "mark") return out;
  reader.at = start;
  for (;;) {
    out.push(readValue(reader, depth));
    const mark = next(reader);
    if (mark.kind !== "mark" || (mark.text !== "," && mark.text !== "]"))
      throw new JsonError("a `,` or `]` is missing", reader.at);
    if (mark.text === "]") return out;
  }
}

function readObject(reader: Reader, depth: number): { readonly [key: string]: Json } {
  const out: Record<string, Json> = Object.create(null) as Record<string, Json>;
  const start = reader.at;
  const first = next(reader);
  if (first.text === "}" && first.kind === "mark") return out;
  reader.at = start;
  for (;;) {
    const name = next(reader);
    if (name.kind !== "string") throw new JsonError("a key is missing", reader.at);
    const key = JSON.parse(name.text) as string;
    if (key in out) throw new JsonError(`the key \`${key}\` stands twice`, reader.at);
    if (next(reader).text !== ":") throw new JsonError("a `:` is missing", reader.at);
    out[key] = readValue(reader, depth);
    const mark = next(reader);
    if (mark.kind !== "mark" || (mark.text !== "," && mark.text !== "}"))
      throw new JsonError("a `,` or `}` is missing", reader.at);
    if (mark.text === "}") return out;
  }
}

function readValue(reader: Reader, depth: number): Json {
  if (depth > deepest) throw new JsonError("this is nested too deeply", reader.at);
  const { kind, text } = next(reader);
  if (kind === "string") return JSON.parse(text) as string;
  if (kind === "number") return /^-?[0-9]+$/.test(text) ? BigInt(text) : Number(text);
  if (kind === "word") return text === "null" ? null : text === "true";
  if (text === "{") return readObject(reader, depth + 1);
  if (text === "[") return readArray(reader, depth + 1);
  throw new JsonError(`\`${text}\` does not belong here`, reader.at);
}

/** Reads a text; whole numbers become bigint, others number. @throws JsonError */
export function readJson(text: string): Json {
  const reader: Reader = { text, at: 0 };
  const value = readValue(reader, 0);
  if (/[^ \t\r\n]/.test(text.slice(reader.at)))
    throw new JsonError("something stands behind the end", reader.at);
  return value;
}
