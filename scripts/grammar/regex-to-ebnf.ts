/** From the regular expressions of tokens to EBNF in the W3C's notation, as far as the token table uses them. */

const named: Readonly<Record<string, string>> = {
  t: "#x9",
  n: "#xA",
  r: "#xD",
  // ECMA-262, WhiteSpace and LineTerminator.
  s: "#x9-#xD#x20#xA0#x1680#x2000-#x200A#x2028#x2029#x202F#x205F#x3000#xFEFF",
};

const hex = (character: string): string => `#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;

/** A character within `[…]`: those that mean something there by number. */
const inClass = (character: string): string => (/[[\]^#-]/.test(character) ? hex(character) : character);

function readClass(source: string, from: number): readonly [string, number] {
  let out = "[";
  let at = from + 1;
  if (source.charAt(at) === "^") {
    out += "^";
    at++;
  }
  for (; source.charAt(at) !== "]"; at++) {
    const character = source.charAt(at);
    const next = source.charAt(at + 1);
    if (character === "\\") {
      out += named[next] ?? inClass(next);
      at++;
    } else if (character === "-" && next !== "]" && !out.endsWith("[")) out += "-";
    else out += inClass(character);
  }
  return [`${out}]`, at + 1];
}

const literal = (character: string): string => (character === "'" ? `"'"` : `'${character}'`);

/** The group that begins here: which kind, and where its inside begins. */
function groupAt(source: string, at: number): readonly ["group" | "not" | undefined, number] {
  if (source.startsWith("(?:", at)) return ["group", at + 3];
  if (source.startsWith("(?!", at)) return ["not", at + 3];
  return [source.charAt(at) === "(" ? "group" : undefined, at + 1];
}

function readQuantifier(source: string, at: number, term: string): readonly [string, number] {
  const counted = /^\{(\d+),(\d+)\}/.exec(source.slice(at));
  if (counted) {
    const [all, least, most] = counted;
    const terms = Array.from({ length: Number(most) }, (_, i) => (i < Number(least) ? term : `${term}?`));
    return [`(${terms.join(" ")})`, at + all.length];
  }
  return /[?*+]/.test(source.charAt(at)) ? [term + source.charAt(at), at + 1] : [term, at];
}

/** Reads alternatives up to the parenthesis that closes them. */
function readAlternatives(source: string, from: number): readonly [string, number] {
  const alternatives: string[][] = [[]];
  let at = from;
  while (at < source.length && source.charAt(at) !== ")") {
    const character = source.charAt(at);
    if (character === "|") {
      alternatives.push([]);
      at++;
      continue;
    }
    const [kind, inside] = groupAt(source, at);
    let term: string;
    if (kind !== undefined) {
      const [text, end] = readAlternatives(source, inside);
      term = kind === "not" ? `/* not before ${text} */` : `(${text})`;
      at = end + 1;
    } else if (character === "[") [term, at] = readClass(source, at);
    else {
      const escaped = character === "\\";
      const shown = source.charAt(escaped ? at + 1 : at);
      const space = escaped ? named[shown] : undefined;
      term = space === undefined ? literal(shown) : `[${space}]`;
      at += escaped ? 2 : 1;
    }
    [term, at] = readQuantifier(source, at, term);
    alternatives.at(-1)?.push(term);
  }
  return [alternatives.map((terms) => terms.join(" ")).join(" | "), at];
}

/** Writes a pattern in EBNF. */
export function regexToEbnf({ source }: RegExp): string {
  return readAlternatives(source, 0)[0];
}
