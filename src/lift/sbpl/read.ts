/**
 * The reader of SBPL: TinyScheme's s-expressions, of them what profiles use. Anything else is refused.
 *
 * Strings are bytes there: `\xHH` and octal escapes name bytes, and an escape that is not known loses its backslash, so
 * that `"\u00e9"` is the name `u00e9`. `#"…"` has no escapes at all and ends at the next quotation mark.
 *
 * Source: TinyScheme's scheme.c (`token`, `readstrexp`); Apple's reader adds `#"…"`.
 */

/** A profile that can't be read, or whose meaning can't be told; `offset` is in UTF-16 units. */
export class SbError extends Error {
  override readonly name = "SbError";
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** An expression, and where it stands. */
export type Sexp = { readonly at: number } & (
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "quote"; readonly of: Sexp }
  | { readonly kind: "list"; readonly items: readonly Sexp[] }
);

interface Reader {
  readonly text: string;
  at: number;
}

const deepest = 200;
const blank = /(?:[ \t\r\n\f\v]+|;[^\n]*)*/y;
const numberWord = /^[+-]?\d+$/;
const radices: Readonly<Record<string, number>> = { b: 2, o: 8, d: 10, x: 16 };
const simpleEscapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13 };

/** A string's bytes as text; a NUL would end it for the kernel. */
function decoded(bytes: readonly number[], at: number): string {
  if (bytes.includes(0)) throw new SbError("a string holds a NUL", at);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    throw new SbError("a string is not valid UTF-8", at);
  }
}

/** The byte of an escape, and how many characters it takes behind the backslash. */
function escapeAt(text: string, at: number): { readonly byte: number; readonly length: number } | undefined {
  const hex = /^x([0-9a-fA-F]{2})/.exec(text.slice(at, at + 3))?.[1];
  if (hex !== undefined) return { byte: Number.parseInt(hex, 16), length: 3 };
  if (text.charAt(at) === "x") throw new SbError("`\\x` needs two hexadecimal digits", at);
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))?.[0];
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    if (byte > 0xff) throw new SbError(`\`\\${octal}\` is no byte`, at);
    return { byte, length: octal.length };
  }
  const byte = simpleEscapes[text.charAt(at)];
  return byte === undefined ? undefined : { byte, length: 1 };
}

function readString(reader: Reader): Sexp {
  const { text, at } = reader;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let here = at + 1; here < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(here) ?? 0);
    if (character === '"') {
      reader.at = here + 1;
      return { kind: "string", value: decoded(bytes, at), at };
    }
    if (character !== "\\") {
      bytes.push(...encoder.encode(character));
      here += character.length;
      continue;
    }
    const found = escapeAt(text, here + 1);
    if (found) bytes.push(found.byte);
    else if (here + 1 < text.length) {
      const plain = String.fromCodePoint(text.codePointAt(here + 1) ?? 0);
      bytes.push(...encoder.encode(plain));
      here += plain.length - 1;
    }
    here += 1 + (found?.length ?? 1);
  }
  throw new SbError("a string has no end", at);
}

function readRaw(reader: Reader): Sexp {
  const { text, at } = reader;
  const end = text.indexOf('"', at + 2);
  if (end === -1) throw new SbError("a raw string has no end", at);
  reader.at = end + 1;
  const value = text.slice(at + 2, end);
  if (value.includes("\0")) throw new SbError("a string holds a NUL", at);
  return { kind: "string", value, at };
}

function readWord(reader: Reader): Sexp {
  const { text, at } = reader;
  const word = /[^ \t\r\n\f\v()";]*/y;
  word.lastIndex = at;
  const name = word.exec(text)?.[0] ?? "";
  reader.at = at + name.length;
  if (numberWord.test(name)) return { kind: "number", value: Number(name), at };
  if (name === "#t" || name === "#f") return { kind: "boolean", value: name === "#t", at };
  const [, radix = "", digits = ""] = /^#([bodx])([0-9a-fA-F]+)$/.exec(name) ?? [];
  const value = Number.parseInt(digits, radices[radix]);
  if (digits !== "" && value.toString(radices[radix]) === digits.replace(/^0+(?=.)/, "").toLowerCase())
    return { kind: "number", value, at };
  if (!/^[A-Za-z*+!?<>=/:%&^~_$-][A-Za-z0-9*+!?<>=/:%&^~_$.-]*$/.test(name))
    throw new SbError(`\`${name === "" ? text.charAt(at) : name}\` can't be read`, at);
  return { kind: "symbol", name, at };
}

function skipBlank(reader: Reader): void {
  blank.lastIndex = reader.at;
  blank.exec(reader.text);
  reader.at = blank.lastIndex;
}

function readList(reader: Reader, depth: number): Sexp {
  const { text, at } = reader;
  const items: Sexp[] = [];
  reader.at++;
  for (;;) {
    skipBlank(reader);
    if (reader.at >= text.length) throw new SbError("a `(` has no end", at);
    if (text.charAt(reader.at) === ")") break;
    items.push(readOne(reader, depth + 1));
  }
  reader.at++;
  return { kind: "list", items, at };
}

function readOne(reader: Reader, depth: number): Sexp {
  if (depth > deepest) throw new SbError("this is nested too deeply", reader.at);
  skipBlank(reader);
  const { text, at } = reader;
  switch (text.charAt(at)) {
    case "(":
      return readList(reader, depth);
    case ")":
      throw new SbError("a `)` without its `(`", at);
    case '"':
      return readString(reader);
    case "'":
      reader.at++;
      return { kind: "quote", of: readOne(reader, depth + 1), at };
    case "#":
      return text.charAt(at + 1) === '"' ? readRaw(reader) : readWord(reader);
    default:
      return readWord(reader);
  }
}

/** Reads a profile's expressions. @throws SbError */
export function readExpressions(source: string | Uint8Array): readonly Sexp[] {
  let text: string;
  try {
    text =
      typeof source === "string"
        ? source
        : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(source);
  } catch {
    throw new SbError("the profile is not valid UTF-8", 0);
  }
  const nul = text.indexOf("\0");
  if (nul !== -1) throw new SbError("the profile holds a NUL", nul);
  if (!text.isWellFormed()) throw new SbError("the profile is not valid Unicode", 0);
  const reader: Reader = { text, at: 0 };
  const out: Sexp[] = [];
  for (;;) {
    skipBlank(reader);
    if (reader.at >= text.length) return out;
    out.push(readOne(reader, 0));
  }
}
