/** Automata over whole paths, looked at between two names. */
import type { NamePattern } from "../../authority/globs.ts";
import type { Automaton } from "./regex.ts";

/** Behind a name: whether the path matches, and the state behind the slash that follows. */
export interface Place {
  readonly accepts: boolean;
  readonly after: number;
}

/** The place behind a name that stands behind a slash. The same names come again and again, in other directories. */
export function boundary(automaton: Automaton, after: number, name: string): Place {
  const known = placesBehind(automaton, after);
  const found = known.get(name);
  if (found) return found;
  let at = after;
  for (const character of name) at = automaton.step(at, character);
  const place = endOf(automaton, at);
  known.set(name, place);
  return place;
}

function endOf(automaton: Automaton, at: number): Place {
  return { accepts: automaton.accepts(at), after: automaton.step(at, "/") };
}

/** A cache for what depends on an automaton and a state of it. */
function remembered<T>(make: (automaton: Automaton, state: number) => T): typeof make {
  const known = new WeakMap<Automaton, Map<number, { readonly value: T }>>();
  return (automaton, state) => {
    const mine = known.get(automaton) ?? new Map<number, { readonly value: T }>();
    known.set(automaton, mine);
    const found = mine.get(state) ?? { value: make(automaton, state) };
    mine.set(state, found);
    return found.value;
  };
}

const placesBehind = remembered((): Map<string, Place> => new Map());

const most = 400;

/** A character that an automaton does not name. */
function unnamed(characters: string): string {
  for (let code = 0x61; ; code++) {
    const character = String.fromCodePoint(code);
    if (!characters.includes(character) && character !== "/") return character;
  }
}

/**
 * The names that an automaton tells from all others, when they are few: all words lead to one state but for some, which
 * end. Undefined when there are too many.
 */
export const namesBehind = remembered((automaton, after): readonly string[] | undefined => {
  const alphabet = [...new Set([...automaton.characters, unnamed(automaton.characters)])].filter(
    (c) => c !== "/",
  );
  const rest = automaton.step(after, unnamed(automaton.characters));
  if (alphabet.some((character) => automaton.step(rest, character) !== rest)) return undefined;
  const usual = endOf(automaton, rest);
  const out: string[] = [];
  const queue: (readonly [string, number])[] = [["", after]];
  for (const [word, state] of queue) {
    if (queue.length > most) return undefined;
    for (const character of alphabet) {
      const next = automaton.step(state, character);
      if (next === rest) continue;
      const end = endOf(automaton, next);
      if (end.accepts !== usual.accepts || end.after !== usual.after) out.push(word + character);
      queue.push([word + character, next]);
    }
  }
  return out;
});

/** What an automaton says of names, as a pattern. */
export const patternBehind = remembered(
  (automaton, after): NamePattern => ({
    start: String(after),
    step: (at, character) => String(automaton.step(Number(at), character)),
    matches: (at) => automaton.accepts(Number(at)),
    characters: automaton.characters,
  }),
);
