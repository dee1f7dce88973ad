/**
 * Names of files as sets: `*` stands for any characters of a name. For a few patterns there are only so many kinds of names,
 * told apart by which of the patterns they match; a decision about all names looks at one of each kind.
 */

import { BudgetExceeded } from "./bdd.ts";

/** A set of names, as a machine that reads one character after the other. States are compared by their text. */
export interface NamePattern {
  readonly start: string;
  readonly step: (state: string, character: string) => string;
  /** Whether a name that ends in this state matches; only `kindsOf`'s callers need it. */
  readonly matches: (state: string) => boolean;
  /** As it is written, where that is a pattern of names. */
  readonly text?: string;
  /** The characters that the pattern treats each in its own way; every other one is like any other. */
  readonly characters: string;
}

const globs = new Map<string, NamePattern>();

/** A pattern with `*`. Its state is the set of places in it that may have been reached. */
export function globPattern(glob: string): NamePattern {
  const known = globs.get(glob);
  if (known) return known;
  // Reaching a `*` is reaching what stands behind it too.
  const closed = (places: readonly number[]): string => {
    const all = new Set<number>();
    for (const place of places)
      for (let at = place; !all.has(at); at++) {
        all.add(at);
        if (glob.charAt(at) !== "*") break;
      }
    return [...all].sort((a, b) => a - b).join(" ");
  };
  const placesOf = (state: string): readonly number[] => (state === "" ? [] : state.split(" ").map(Number));
  const move = (state: string, character: string): string =>
    closed(
      placesOf(state).flatMap((place) => {
        const expected = glob.charAt(place);
        return expected === "*" ? [place] : expected === character ? [place + 1] : [];
      }),
    );
  const moves = new Map<string, string>();
  const pattern: NamePattern = {
    text: glob,
    start: closed([0]),
    step: (state, character) => {
      // Characters that the pattern does not name are all alike.
      const key = `${glob.includes(character) ? character : "/"} ${state}`;
      const known = moves.get(key) ?? move(state, character);
      moves.set(key, known);
      return known;
    },
    matches: (state) => placesOf(state).includes(glob.length),
    characters: [...new Set(glob.replaceAll("*", ""))].join(""),
  };
  globs.set(glob, pattern);
  return pattern;
}

/** The state in which a pattern is behind a name. */
export function stateBehind(pattern: NamePattern, name: string): string {
  let state = pattern.start;
  for (const character of name) state = pattern.step(state, character);
  return state;
}

/** A character that none of the patterns names. */
function otherCharacter(named: ReadonlySet<string>): string {
  for (const candidate of "xyzqwvujkabcdefghilmnoprst0123456789_-+~@")
    if (!named.has(candidate)) return candidate;
  for (let code = 0x4e00; ; code++)
    if (!named.has(String.fromCodePoint(code))) return String.fromCodePoint(code);
}

const isName = (text: string): boolean => text !== "" && text !== "." && text !== "..";

/** How many words are kept of each kind at first: more are looked for only where so many are to be avoided. */
const fewWords = 4;

/**
 * Words of each kind that the patterns tell apart, the shortest first, at most `most` of each.
 * @throws BudgetExceeded when there are more than `budget` kinds
 */
function wordsOf(
  patterns: readonly NamePattern[],
  most: number,
  budget: number,
): readonly (readonly string[])[] {
  const named = new Set(patterns.flatMap((pattern) => [...pattern.characters]));
  const alphabet = [...new Set([otherCharacter(named), ...named])].filter((c) => c !== "/" && c !== "\0");
  const words = new Map<string, string[]>();
  const queue: { readonly word: string; readonly states: readonly string[] }[] = [
    { word: "", states: patterns.map((pattern) => pattern.start) },
  ];
  for (let at = 0; at < queue.length; at++) {
    const { word, states } = queue[at] ?? { word: "", states: [] };
    for (const character of alphabet) {
      const next = patterns.map((pattern, index) => pattern.step(states[index] ?? "", character));
      const key = next.join("|");
      const known = words.get(key) ?? [];
      if (known.length >= most) continue;
      if (!words.has(key) && words.size >= budget)
        throw new BudgetExceeded(`more than ${budget} kinds of names`);
      known.push(word + character);
      words.set(key, known);
      queue.push({ word: word + character, states: next });
    }
  }
  return [...words.values()];
}

/** Gives names of each kind that patterns tell apart. */
export interface NameKinds {
  /** A name of each kind, none of them avoided. A kind that has no names but avoided ones has none here. */
  readonly avoiding: (avoid: ReadonlySet<string>) => readonly string[];
}

/** The kinds of names that patterns tell apart; found once, whatever is to be avoided later. */
export function nameKinds(patterns: readonly NamePattern[], budget = 4096): NameKinds {
  let few: readonly (readonly string[])[] | undefined;
  const chosen = (words: readonly string[], avoid: ReadonlySet<string>): string | undefined =>
    words.find((word) => isName(word) && !avoid.has(word));
  return {
    avoiding: (avoid) => {
      few ??= wordsOf(patterns, fewWords, budget);
      const found = few.map((words) => ({ words, name: chosen(words, avoid) }));
      // All that were kept are avoided, and there may be more: `.` and `..` and each that is avoided, and one.
      if (found.some(({ words, name }) => name === undefined && words.length >= fewWords))
        return wordsOf(patterns, avoid.size + 3, budget).flatMap((words) => chosen(words, avoid) ?? []);
      return found.flatMap(({ name }) => name ?? []);
    },
  };
}

/** A name of each kind that the patterns tell apart, none of them in `avoid`. */
export function kindsOf(patterns: readonly NamePattern[], avoid: ReadonlySet<string>): readonly string[] {
  return nameKinds(patterns).avoiding(avoid);
}

/** Gives the kinds of names of sets of patterns, each set's found once; patterns are told apart by identity. */
export function rememberedKinds(): (patterns: readonly NamePattern[]) => NameKinds {
  const numbers = new Map<NamePattern, number>();
  const kinds = new Map<string, NameKinds>();
  return (patterns) => {
    const key = patterns
      .map((pattern) => {
        const number = numbers.get(pattern) ?? numbers.size;
        numbers.set(pattern, number);
        return number;
      })
      .sort()
      .join();
    const known = kinds.get(key) ?? nameKinds(patterns);
    kinds.set(key, known);
    return known;
  };
}
