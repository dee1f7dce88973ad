/**
 * Machines over paths from rules. Each rule has a pattern and takes effect where a path matches it, for all that lies below;
 * rules of one place take effect in the order shield, set, grant, and denials last beyond all of them.
 */
import { globPattern, type NamePattern, stateBehind } from "./globs.ts";
import { machineOf, type PathMachine, type Rights } from "./paths.ts";

/** What a rule does at the paths that its pattern matches, and below. */
export type Effect =
  /** Adds rights; `alone` to the path itself, which is a file, and not below it. */
  | { readonly kind: "grant"; readonly rights: Rights; readonly alone?: boolean }
  /** Takes the place of what was granted above: what a mount does to the tree that it covers. */
  | { readonly kind: "set"; readonly rights: Rights }
  /** Takes away what was granted strictly above; what is granted here or below stands. */
  | { readonly kind: "shield" }
  /** Takes rights away, whatever grants them. */
  | { readonly kind: "deny"; readonly rights: Rights };

/** A rule: an absolute pattern, `*` within a name and `**` for any number of names. */
export interface PathRule {
  readonly pattern: string;
  readonly effect: Effect;
}

/** A place in a rule: what must come next, and where that leads. */
interface Place {
  readonly part: string;
  /** A pattern that is neither a plain name nor `*` nor `**`. */
  readonly pattern: NamePattern | undefined;
  /** Places that are reached by reading a name that fits, without what `**` may stand for none of. */
  readonly next: readonly number[];
}

interface Compiled {
  /** States by their text: each is made once, so that what is known of it is known wherever it is reached. */
  readonly states: Map<string, RuleState>;
  readonly places: readonly Place[];
  /** By the place at a rule's end: what takes effect there. */
  readonly effects: ReadonlyMap<number, Effect>;
  readonly begin: readonly number[];
}

/** Numbers the places of all rules, one behind the other, each rule's end included. */
function compiledRules(rules: readonly PathRule[]): Compiled {
  const places: Place[] = [];
  const effects = new Map<number, Effect>();
  const begin: number[] = [];
  for (const { pattern, effect } of rules) {
    const parts = pattern === "/" ? [] : pattern.split("/").slice(1);
    const first = places.length;
    // `**` may stand for no name at all: reaching it is reaching what follows it too.
    const reached = (at: number): readonly number[] =>
      parts[at] === "**" ? [first + at, ...reached(at + 1)] : [first + at];
    begin.push(...reached(0));
    for (const [at, part] of parts.entries()) {
      places.push({
        part,
        pattern: part.includes("*") && part !== "*" && part !== "**" ? globPattern(part) : undefined,
        next: part === "**" ? reached(at) : reached(at + 1),
      });
    }
    effects.set(places.length, effect);
    places.push({ part: "", pattern: undefined, next: [] });
  }
  return { states: new Map(), places, effects, begin };
}

/** Places that a path may have come to, with what has taken effect on the way. */
interface RuleState {
  /** Where any name leads. */
  readonly wild: readonly number[];
  /** Where a name leads besides that. */
  readonly named: ReadonlyMap<string, readonly number[]>;
  /** Places that a name fits or not. */
  readonly patterned: readonly Place[];
  readonly patterns: readonly NamePattern[];
  readonly granted: Rights;
  /** What is granted to this path and not below it. */
  readonly here: Rights;
  readonly denied: Rights;
  readonly text: string;
  /** Where names lead from here, as far as it was asked. */
  readonly known: Map<string, RuleState>;
  /** Where the names lead that lead where any does. */
  other?: RuleState;
}

/** What leads on from some places. */
function leading(parts: readonly Place[]): Pick<RuleState, "wild" | "named" | "patterned" | "patterns"> {
  const wild = new Set<number>();
  const named = new Map<string, number[]>();
  const patterned: Place[] = [];
  for (const place of parts) {
    const { part, pattern, next } = place;
    if (pattern) patterned.push(place);
    else if (part === "*" || part === "**") for (const at of next) wild.add(at);
    else named.set(part, [...(named.get(part) ?? []), ...next]);
  }
  return { wild: [...wild], named, patterned, patterns: patterned.flatMap(({ pattern }) => pattern ?? []) };
}

function settle(
  { effects, states, places }: Compiled,
  reached: Iterable<number>,
  above: Pick<RuleState, "granted" | "denied">,
): RuleState {
  const alive: number[] = [];
  const here: Effect[] = [];
  for (const place of reached) {
    const effect = effects.get(place);
    if (effect) here.push(effect);
    else alive.push(place);
  }
  let { granted, denied } = above;
  let alone = 0;
  if (here.some((e) => e.kind === "shield")) granted = 0;
  for (const e of here) if (e.kind === "set") granted = e.rights;
  for (const e of here) {
    if (e.kind === "grant" && e.alone) alone |= e.rights;
    else if (e.kind === "grant") granted |= e.rights;
    else if (e.kind === "deny") denied |= e.rights;
  }
  alive.sort((a, b) => a - b);
  const text = `${alive.join()} ${granted} ${alone} ${denied}`;
  const same = states.get(text);
  if (same) return same;
  const state: RuleState = {
    ...leading(alive.flatMap((at) => places[at] ?? [])),
    granted,
    here: alone,
    denied,
    text,
    known: new Map(),
  };
  states.set(text, state);
  return state;
}

/** The state behind a name; most names lead where any does. */
function stepFrom(compiled: Compiled, state: RuleState, name: string): RuleState {
  const own = state.named.get(name);
  const fitting = state.patterned.filter(({ pattern }) => pattern?.matches(stateBehind(pattern, name)));
  if (!own && fitting.length === 0) {
    state.other ??= settle(compiled, new Set(state.wild), state);
    return state.other;
  }
  return settle(
    compiled,
    new Set([...state.wild, ...(own ?? []), ...fitting.flatMap(({ next }) => next)]),
    state,
  );
}

/** The machine of a list of rules. */
export function ruleMachine(rules: readonly PathRule[]): PathMachine {
  const compiled = compiledRules(rules);
  return machineOf<RuleState>({
    start: settle(compiled, new Set(compiled.begin), { granted: 0, denied: 0 }),
    step: (state, name) => {
      const found = state.known.get(name) ?? stepFrom(compiled, state, name);
      state.known.set(name, found);
      return found;
    },
    rightsAt: (state) => (state.granted | state.here) & ~state.denied,
    names: (state) => state.named.keys(),
    patterns: (state) => state.patterns,
    key: (state) => state.text,
  });
}
