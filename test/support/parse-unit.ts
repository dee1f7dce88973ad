/** An independent reader of unit files, from systemd.syntax(7) and systemd.service(5). */

/** Settings in order; lines that are neither a section, a comment nor a setting are errors. */
export function unitSettings(text: string): {
  readonly settings: readonly { section: string; key: string; value: string }[];
} {
  const settings: { section: string; key: string; value: string }[] = [];
  let section = "";
  for (const line of text.replace(/\\\n/g, " ").split("\n")) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const header = /^\[(\w+)\]$/.exec(line.trim());
    if (header) {
      section = header[1] ?? "";
      continue;
    }
    const equals = line.indexOf("=");
    if (equals <= 0) throw new Error(`not a setting: ${line}`);
    settings.push({ section, key: line.slice(0, equals).trim(), value: line.slice(equals + 1).trim() });
  }
  return { settings };
}

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  s: " ",
};

/** Splits a value into words; white space is what systemd takes for it (WHITESPACE in string-util.h): quotes, C escapes, and `%%`; any other specifier is an error. */
export function execWords(value: string, separator = ""): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < value.length; at++) {
    const c = value.charAt(at);
    if (c === "\\") {
      const next = value.charAt(++at);
      if (next === "x") {
        word = (word ?? "") + String.fromCharCode(Number.parseInt(value.slice(at + 1, at + 3), 16));
        at += 2;
      } else word = (word ?? "") + (escapes[next] ?? next);
    } else if (quote === "" && (c === '"' || c === "'")) {
      quote = c;
      word ??= "";
    } else if (c === quote && quote !== "") quote = "";
    else if (c === "%") {
      if (value.charAt(++at) !== "%") throw new Error(`a specifier in ${value}`);
      word = `${word ?? ""}%`;
    } else if (quote === "" && (" \t\n\r".includes(c) || c === separator)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + c;
  }
  if (quote !== "") throw new Error(`an open quote in ${value}`);
  if (word !== undefined) words.push(word);
  return words;
}
