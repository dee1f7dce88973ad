/**
 * Words of a value: quotes, escapes, specifiers.
 *
 * Source: `extract_first_word` in src/basic/extract-word.c; systemd.unit(5), "Specifiers".
 */

/** How a value is cut up. */
export interface Cutting {
  /** Whether `\n` and its like stand for characters, as in Exec lines; else a backslash only takes the next one as it is. */
  readonly escapes?: boolean;
}

/** The words of a value; `broken` when it ends within quotes or an escape: systemd drops the rest. */
export interface Words {
  readonly words: readonly string[];
  readonly broken: boolean;
}

const named: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  s: " ",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

const numeric = /(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;

/** What an escape stands for, and how long it is; undefined when there is no such one. */
function escaped(text: string, at: number): { readonly text: string; readonly length: number } | undefined {
  const single = named[text.charAt(at)];
  if (single !== undefined) return { text: single, length: 1 };
  numeric.lastIndex = at;
  const found = numeric.exec(text);
  if (!found) return undefined;
  const code = Number.parseInt(found[1] ?? found[2] ?? found[3] ?? found[4] ?? "", found[4] ? 8 : 16);
  if (code === 0 || code > 0x10ffff) return undefined;
  return { text: String.fromCodePoint(code), length: found[0].length };
}

interface Cursor {
  readonly text: string;
  at: number;
}

// What ends no word, whatever separates them.
const plain = /[^ \t\n\r\\"':]+/y;

const isSpace = (c: string): boolean => c !== "" && " \t\n\r".includes(c);

/** The next word, up to white space or a separator, which is eaten; undefined when there is none, null when it is broken. */
function nextWord(cursor: Cursor, separators: string, { escapes }: Cutting): string | undefined | null {
  const { text } = cursor;
  while (isSpace(text.charAt(cursor.at))) cursor.at++;
  if (cursor.at >= text.length) return undefined;
  let word = "";
  let quote = "";
  for (; cursor.at < text.length; cursor.at++) {
    plain.lastIndex = cursor.at;
    const run = plain.exec(text)?.[0] ?? "";
    word += run;
    cursor.at += run.length;
    const c = text.charAt(cursor.at);
    if (c === "") break;
    if (c === "\\") {
      if (cursor.at + 1 >= text.length) return null;
      const found = escapes ? escaped(text, cursor.at + 1) : { text: text.charAt(cursor.at + 1), length: 1 };
      if (!found) return null;
      word += found.text;
      cursor.at += found.length;
    } else if (quote !== "") {
      if (c === quote) quote = "";
      else word += c;
    } else if (c === '"' || c === "'") quote = c;
    else if (isSpace(c) || separators.includes(c)) break;
    else word += c;
  }
  return quote === "" ? word : null;
}

/** The words of a value. */
export function wordsOf(value: string, cutting: Cutting = {}): Words {
  const cursor: Cursor = { text: value, at: 0 };
  const words: string[] = [];
  for (;;) {
    const word = nextWord(cursor, "", cutting);
    if (word === null) return { words, broken: true };
    if (word === undefined) return { words, broken: false };
    words.push(word);
  }
}

/** The items of a value, each of words with a colon between them: `source:destination:options`. */
export function colonWordsOf(value: string): {
  readonly items: readonly (readonly string[])[];
  readonly broken: boolean;
} {
  const cursor: Cursor = { text: value, at: 0 };
  const items: string[][] = [];
  let item: string[] | undefined;
  for (;;) {
    const word = nextWord(cursor, item === undefined || item.length < 2 ? ":" : "", {});
    if (word === null) return { items, broken: true };
    if (word === undefined) return { items, broken: item !== undefined };
    if (item) item.push(word);
    else {
      item = [word];
      items.push(item);
    }
    const more = value.charAt(cursor.at) === ":";
    cursor.at++;
    if (!more) item = undefined;
  }
}

/** What specifiers stand for in a unit of the system manager; those of the machine are unknown. */
export function specifiersOf(unit: string): ReadonlyMap<string, string> {
  const [, name = unit, type = ""] = /^(.*)\.(\w+)$/s.exec(unit) ?? [];
  const at = name.indexOf("@");
  const prefix = at === -1 ? name : name.slice(0, at);
  const instance = at === -1 ? "" : name.slice(at + 1);
  // A template's instance is known when it is started.
  const isTemplate = at !== -1 && instance === "";
  return new Map([
    ["%", "%"],
    ["p", prefix],
    ["t", "/run"],
    ["S", "/var/lib"],
    ["C", "/var/cache"],
    ["L", "/var/log"],
    ["E", "/etc"],
    ["T", "/tmp"],
    ["V", "/var/tmp"],
    ["h", "/root"],
    ["u", "root"],
    ["U", "0"],
    ...(isTemplate
      ? []
      : ([
          ["n", `${name}.${type}`],
          ["N", name],
          ["i", instance],
        ] as const)),
  ]);
}

/** A word with its specifiers replaced; undefined where one is unknown. */
export function resolved(word: string, specifiers: ReadonlyMap<string, string>): string | undefined {
  let known = true;
  // A `%` that no letter follows stays one (specifier_printf in src/shared/specifier.c).
  const text = word.replace(/%([%a-zA-Z])/g, (_, letter: string) => {
    const value = specifiers.get(letter);
    if (value === undefined) known = false;
    return value ?? "";
  });
  return known ? text : undefined;
}
