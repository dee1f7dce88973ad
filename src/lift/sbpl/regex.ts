/**
 * AppleMatch's regular expressions as automata: `^ $ . [] [^] () | * + ?`, searched for anywhere in a text. What later
 * dialects add is read there as something that never matches, or stops the profile from compiling; here it is an error.
 *
 * It is not known whether the engine reads bytes or characters: where that matters, both are looked at.
 */

/** A deterministic automaton over characters; made as it is walked. */
export interface Automaton {
  readonly start: number;
  readonly step: (state: number, character: string) => number;
  /** Whether a text that ends in this state matches. */
  readonly accepts: (state: number) => boolean;
  /** `matched` and `dead` states are never left. */
  readonly fate: (state: number) => "matched" | "dead" | "open";
  /** Characters that it treats each in its own way. */
  readonly characters: string;
}

/** Why an expression is none of AppleMatch's. */
export class RegexError extends Error {
  override readonly name = "RegexError";
}

/** Some characters, or all but some. */
export interface CharacterSet {
  readonly negated: boolean;
  readonly members: ReadonlySet<string>;
}

/** An expression, read. */
export type Expression =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "sequence" | "choice"; readonly of: readonly Expression[] }
  | { readonly kind: "repeat"; readonly of: Expression; readonly least: 0 | 1; readonly many: boolean };

interface Reader {
  readonly characters: readonly string[];
  at: number;
}

const single = (character: string): Expression => ({
  kind: "set",
  set: { negated: false, members: new Set([character]) },
});

function readRange(reader: Reader, from: string, members: Set<string>): void {
  const to = reader.characters[reader.at + 1] ?? "";
  const [low = 0, high = 0] = [from.codePointAt(0), to.codePointAt(0)];
  if (high < low || high > 0x7e) throw new RegexError(`the range \`${from}-${to}\` can't be read`);
  for (let code = low; code <= high; code++) members.add(String.fromCodePoint(code));
  reader.at += 2;
}

function readBrackets(reader: Reader): Expression {
  const negated = reader.characters[reader.at] === "^";
  if (negated) reader.at++;
  const members = new Set<string>();
  for (let first = true; ; first = false) {
    const character = reader.characters[reader.at++];
    if (character === undefined) throw new RegexError("a `[` has no end");
    if (character === "]" && !first) return { kind: "set", set: { negated, members } };
    if (character === "\\") throw new RegexError("a backslash in brackets is read in more than one way");
    if (character === "[" && /[:.=]/.test(reader.characters[reader.at] ?? ""))
      throw new RegexError("named classes in brackets are not known to work");
    if (character > "\u007e") throw new RegexError("only ASCII is known to work in brackets");
    const next = reader.characters[reader.at + 1];
    if (reader.characters[reader.at] === "-" && next !== undefined && next !== "]")
      readRange(reader, character, members);
    else members.add(character);
  }
}

function readAtom(reader: Reader): Expression {
  const character = reader.characters[reader.at++] ?? "";
  switch (character) {
    case "^":
      return { kind: "start" };
    case "$":
      return { kind: "end" };
    case ".":
      return { kind: "set", set: { negated: true, members: new Set() } };
    case "[":
      return readBrackets(reader);
    case "(": {
      if (reader.characters[reader.at] === "?")
        throw new RegexError("`(?` never matches, or does not compile");
      const inner = readChoice(reader);
      if (reader.characters[reader.at++] !== ")") throw new RegexError("a `(` has no end");
      return inner;
    }
    case "\\": {
      const escaped = reader.characters[reader.at++] ?? "";
      if (escaped === "" || /[A-Za-z0-9]/.test(escaped))
        throw new RegexError(`\`\\${escaped}\` is no class here: it never matches what it means elsewhere`);
      return single(escaped);
    }
    case "*":
    case "+":
    case "?":
      throw new RegexError(`\`${character}\` repeats nothing`);
    case "{":
      throw new RegexError("`{` counts nothing here");
    default:
      return single(character);
  }
}

function readSequence(reader: Reader): Expression {
  const of: Expression[] = [];
  for (;;) {
    const character = reader.characters[reader.at];
    if (character === undefined || character === "|" || character === ")") return { kind: "sequence", of };
    const atom = readAtom(reader);
    const mark = reader.characters[reader.at];
    if (mark !== "*" && mark !== "+" && mark !== "?") {
      of.push(atom);
      continue;
    }
    const before = reader.characters[reader.at - 1] ?? "";
    if (atom.kind === "start" || atom.kind === "end") throw new RegexError(`\`${mark}\` repeats an anchor`);
    if (before > "\u007e") throw new RegexError("what a repeated character is outside of ASCII is not known");
    reader.at++;
    if (/[*+?]/.test(reader.characters[reader.at] ?? ""))
      throw new RegexError("a repetition of a repetition");
    of.push({ kind: "repeat", of: atom, least: mark === "+" ? 1 : 0, many: mark !== "?" });
  }
}

function readChoice(reader: Reader): Expression {
  const of = [readSequence(reader)];
  while (reader.characters[reader.at] === "|") {
    reader.at++;
    of.push(readSequence(reader));
  }
  return of.length === 1 && of[0] ? of[0] : { kind: "choice", of };
}

/** Where an expression may be: what it reads on, and what it goes on to without reading. */
interface Place {
  readonly set?: CharacterSet;
  readonly anchor?: "start" | "end";
  next: readonly number[];
}

/** Adds a node's places in front of a continuation; gives where it begins. */
function build(places: Place[], node: Expression, next: number): number {
  switch (node.kind) {
    case "set":
      return places.push({ set: node.set, next: [next] }) - 1;
    case "start":
    case "end":
      return places.push({ anchor: node.kind, next: [next] }) - 1;
    case "sequence":
      return node.of.reduceRight((to, part) => build(places, part, to), next);
    case "choice":
      return places.push({ next: node.of.map((part) => build(places, part, next)) }) - 1;
    case "repeat": {
      const place: Place = { next: [next] };
      const fork = places.push(place) - 1;
      const inner = build(places, node.of, node.many ? fork : next);
      place.next = [inner, next];
      return node.least === 1 ? inner : fork;
    }
  }
}

const final = 0;

/** All places that are reached from some without reading. */
function closure(places: readonly Place[], from: readonly number[], passes: ReadonlySet<string>): number[] {
  const seen = new Set<number>();
  const queue = [...from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const place = places[at];
    if (!place || place.set) continue;
    if (place.anchor === undefined || passes.has(place.anchor)) queue.push(...place.next);
  }
  return [...seen].sort((a, b) => a - b);
}

const nothing: ReadonlySet<string> = new Set();

interface Known {
  readonly places: readonly number[];
  readonly accepts: boolean;
  readonly fate: "matched" | "dead" | "open";
  readonly next: Map<string, number>;
}

const matchesSet = (set: CharacterSet, character: string): boolean =>
  set.members.has(character) !== set.negated;

/** Places that read anything, any number of times, and may end behind each: `.*$`. */
function endless(places: readonly Place[]): ReadonlySet<number> {
  const out = new Set<number>();
  for (const [at, { set, next }] of places.entries()) {
    if (!set?.negated || set.members.size > 0) continue;
    const again = closure(places, next, nothing);
    if (again.includes(at) && closure(places, again, new Set(["end"])).includes(final)) out.add(at);
  }
  return out;
}

/** The automaton of an expression's places, searched for from every place of a text. */
function determinise(places: readonly Place[], begin: number, characters: string): Automaton {
  const ids = new Map<string, number>();
  const states: Known[] = [];
  const again = closure(places, [begin], nothing);
  const hopeful = again.some(
    (at) => places[at]?.set !== undefined || at === final || places[at]?.anchor === "end",
  );
  const everything = endless(places);
  const intern = (found: readonly number[]): number => {
    const ended = closure(places, found, new Set(["end"])).includes(final);
    const matched = found.includes(final) || (ended && found.some((at) => everything.has(at)));
    const kept = matched ? [final] : found.filter((at) => places[at]?.set || places[at]?.anchor === "end");
    const key = kept.join(" ");
    const known = ids.get(key);
    if (known !== undefined) return known;
    const accepts = closure(places, kept, new Set(["end"])).includes(final);
    const fate = matched ? "matched" : kept.length === 0 && !hopeful ? "dead" : "open";
    ids.set(key, states.length);
    return states.push({ places: kept, accepts, fate, next: new Map() }) - 1;
  };
  const move = (state: Known, character: string): number => {
    if (state.fate === "matched") return intern([final]);
    const reached = state.places.flatMap((at) => {
      const place = places[at];
      return place?.set && matchesSet(place.set, character) ? place.next : [];
    });
    return intern([...new Set([...closure(places, reached, nothing), ...again])].sort((a, b) => a - b));
  };
  const start = intern(closure(places, [begin], new Set(["start"])));
  return {
    start,
    characters,
    step: (id, character) => {
      const state = states[id];
      if (!state) throw new RangeError(`no state ${id}`);
      const known = state.next.get(character) ?? move(state, character);
      state.next.set(character, known);
      return known;
    },
    accepts: (id) => states[id]?.accepts ?? false,
    fate: (id) => states[id]?.fate ?? "dead",
  };
}

function charactersOf(places: readonly Place[]): string {
  return [...new Set(places.flatMap(({ set }) => (set ? [...set.members] : [])))].join("");
}

function automatonOf(node: Expression): Automaton {
  const places: Place[] = [{ next: [] }];
  const begin = build(places, node, final);
  return determinise(places, begin, charactersOf(places));
}

/** Reads an expression. @throws RegexError */
export function parseExpression(text: string): Expression {
  const reader: Reader = { characters: [...text], at: 0 };
  const node = readChoice(reader);
  if (reader.at < reader.characters.length) throw new RegexError("a `)` without its `(`");
  return node;
}

/** Whether an expression has a place for one character of any kind, which a byte would not fill. */
export function countsCharacters(node: Expression): boolean {
  if (node.kind === "set") return node.set.negated;
  if (node.kind === "repeat") return (node.of.kind !== "set" || !node.many) && countsCharacters(node.of);
  return (node.kind === "sequence" || node.kind === "choice") && node.of.some(countsCharacters);
}

/** A text's bytes, each as a character. */
function bytesOf(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => String.fromCharCode(byte)).join("");
}

/** An automaton over bytes as one over characters. */
function overBytes(automaton: Automaton, named: string): Automaton {
  return {
    ...automaton,
    // One character of each length stands for all others of it.
    characters: [...new Set([...named, "ß", "語", "🗝"])].join(""),
    step: (state, character) => [...bytesOf(character)].reduce((at, byte) => automaton.step(at, byte), state),
  };
}

/** The automata that an expression may mean: one, or two where bytes and characters differ. @throws RegexError */
export function regexAutomata(text: string): readonly Automaton[] {
  const node = parseExpression(text);
  const characters = automatonOf(node);
  if (!countsCharacters(node)) return [characters];
  return [characters, overBytes(automatonOf(parseExpression(bytesOf(text))), characters.characters)];
}

/** The automaton of all texts that begin with one. */
export function prefixAutomaton(text: string): Automaton {
  return automatonOf({ kind: "sequence", of: [{ kind: "start" }, ...[...text].map(single)] });
}
