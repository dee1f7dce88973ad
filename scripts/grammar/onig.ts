/** From a regular expression of JavaScript to one of Oniguruma, which editors run TextMate grammars with. */

// ECMA-262, WhiteSpace and LineTerminator: `\s` of Oniguruma lacks U+FEFF and has U+0085.
const whiteSpace =
  "\\t\\n\\x{b}\\x{c}\\r\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";

const codePoint = (hex: string): string => `\\x{${hex.replace(/^0+(?=.)/, "").toLowerCase()}}`;

/** The escape that begins a text, in Oniguruma's way, and its length. */
function rewriteEscape(text: string, inClass: boolean): readonly [string, number] {
  const unicode = /^\\u(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{4}))/.exec(text);
  if (unicode) return [codePoint(unicode[1] ?? unicode[2] ?? ""), unicode[0].length];
  if (text.startsWith("\\s")) return [inClass ? whiteSpace : `[${whiteSpace}]`, 2];
  if (text.startsWith("\\/")) return ["/", 2];
  return [text.slice(0, 2), 2];
}

/** Rewrites what the two engines read in different ways: escapes of characters, `\s`, and `[` inside of a class. */
export function onig({ source }: RegExp): string {
  let out = "";
  let inClass = false;
  for (let at = 0; at < source.length; ) {
    const character = source.charAt(at);
    if (character === "\\") {
      const [escaped, length] = rewriteEscape(source.slice(at), inClass);
      out += escaped;
      at += length;
      continue;
    }
    if (character === "[") {
      out += inClass ? "\\[" : "[";
      inClass = true;
    } else {
      if (character === "]") inClass = false;
      out += inClass && character === "&" ? "\\&" : character;
    }
    at++;
  }
  return out;
}

/** White space within a line, zero or more. */
export const space = `[${whiteSpace}]*`;

/** At least one. */
export const spaces = `[${whiteSpace}]+`;

/** One character that is none. */
export const visible = `[^${whiteSpace}]`;
