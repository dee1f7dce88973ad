/**
 * Patterns of paths followed together, component by component: `*` within a name, `**` for any number of names. A state is
 * the set of places in the patterns that a path may have come to; each is made once.
 */
import { globPattern, type NamePattern, stateBehind } from "./globs.ts";

/** A place in a pattern: what must come next, and where that leads. */
interface Place {
  /** Which pattern it is of. */
  readonly of: number;
  /** Undefined at the pattern's end. */
  readonly part: string | undefined;
  /** A pattern that is neither a plain name nor `*` nor `**`. */
  readonly pattern: NamePattern | undefined;
  /** Places that are reached by reading a name that fits, with what stands behind a `**` that may stand for none. */
  readonly next: readonly number[];
}

/** Where names lead from some places. */
interface Leads {
  /** Where any name leads. */
  readonly wild: readonly number[];
  /** Where a name leads besides that. */
  readonly named: ReadonlyMap<string, readonly number[]>;
  /** Places that a name fits or not. */
  readonly patterned: readonly Place[];
}

/** Places behind a `**` that a path has come to: it stays there, whatever follows, so that states share them. */
interface Base {
  readonly id: number;
  readonly places: ReadonlySet<number>;
  readonly leads: Leads;
  /** The patterns that match everything from here on. */
  readonly matched: readonly number[];
  /** The patterns that may match something below. */
  readonly open: readonly number[];
  readonly names: readonly string[];
  readonly patterns: readonly NamePattern[];
  /** Where names lead, as far as it was asked. */
  readonly known: Map<string, readonly number[]>;
  /** What is left of it where some patterns are not kept, by the text that says which. */
  readonly kept: Map<string, Base>;
}

/** Where a path is in all of the patterns. */
export interface PatternState {
  /** A number of its own, from 0 on. */
  readonly id: number;
  /** The patterns that match the path itself, by their numbers, in their order. */
  readonly matched: readonly number[];
  /** Names that lead elsewhere than others, and patterns of such names. */
  readonly names: readonly string[];
  readonly patterns: readonly NamePattern[];
  /** Places of the base, and those that are none of it, without ends. */
  readonly base: Base;
  readonly alive: readonly number[];
  /** The patterns that may match something below, besides those of the base. */
  readonly open: readonly number[];
  readonly leads: Leads;
  /** Where names lead from here, as far as it was asked; and where those lead that lead where any does. */
  readonly known: Map<string, PatternState>;
  other?: PatternState;
  texts?: ReadonlyMap<number, string>;
}

/** Some patterns, made ready. */
export interface PathPatterns {
  readonly start: PatternState;
  readonly step: (state: PatternState, name: string) => PatternState;
  /**
   * The same place without what patterns would match below it that are not to be kept; `which` is equal where the same ones
   * are.
   */
  readonly keeping: (
    state: PatternState,
    which: string,
    isKept: (pattern: number) => boolean,
  ) => PatternState;
  /** Where a path is in each pattern that may match something below, as a text. */
  readonly places: (state: PatternState) => ReadonlyMap<number, string>;
}

/** Numbers the places of all patterns, one behind the other, each pattern's end included. */
function placesOf(patterns: readonly (readonly string[])[]): {
  readonly places: readonly Place[];
  readonly begin: readonly number[];
} {
  const places: Place[] = [];
  const begin: number[] = [];
  for (const [of, parts] of patterns.entries()) {
    const first = places.length;
    // `**` may stand for no name at all: reaching it is reaching what follows it too.
    const reached = (at: number): readonly number[] =>
      parts[at] === "**" ? [first + at, ...reached(at + 1)] : [first + at];
    begin.push(...reached(0));
    for (const [at, part] of parts.entries()) {
      const isGlob = part.includes("*") && part !== "*" && part !== "**";
      const pattern = isGlob ? globPattern(part) : undefined;
      places.push({ of, part, pattern, next: part === "**" ? reached(at) : reached(at + 1) });
    }
    places.push({ of, part: undefined, pattern: undefined, next: [] });
  }
  return { places, begin };
}

const noLeads: Leads = { wild: [], named: new Map(), patterned: [] };

/** Where names lead from some places, but for the ways from a `**` to itself and what stands behind it. */
function leadsOf(places: readonly Place[], from: readonly number[]): Leads {
  const wild: number[] = [];
  const named = new Map<string, number[]>();
  const patterned: Place[] = [];
  for (const at of from) {
    const place = places[at];
    if (place?.part === undefined || place.part === "**") continue;
    const { part, pattern, next } = place;
    if (pattern) patterned.push(place);
    else if (part === "*") wild.push(...next);
    else {
      const known = named.get(part);
      if (known) known.push(...next);
      else named.set(part, [...next]);
    }
  }
  return { wild, named, patterned };
}

const patternsOf = ({ patterned }: Leads): readonly NamePattern[] =>
  patterned.flatMap(({ pattern }) => pattern ?? []);

const nowhere: readonly number[] = [];

/** Where a name leads besides where any does. */
function ownOf({ named, patterned }: Leads, name: string): readonly number[] {
  const own = named.get(name) ?? nowhere;
  if (patterned.length === 0) return own;
  const fitting = patterned.filter(({ pattern }) => pattern?.matches(stateBehind(pattern, name)));
  return fitting.length === 0 ? own : [...own, ...fitting.flatMap(({ next }) => next)];
}

function ownOfBase(base: Base, name: string): readonly number[] {
  const known = base.known.get(name);
  if (known) return known;
  const found = ownOf(base.leads, name);
  base.known.set(name, found);
  return found;
}

/** Places by the pattern that they are of, without ends. */
function placesIn(places: readonly Place[], some: readonly number[]): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const at of some) {
    const place = places[at];
    if (place?.part !== undefined) found.set(place.of, `${found.get(place.of) ?? ""}-${at}`);
  }
  return found;
}

const ascending = (a: number, b: number): number => a - b;

/** Makes some patterns ready to be followed; each is the list of its names. */
export function pathPatterns(list: readonly (readonly string[])[]): PathPatterns {
  const { places, begin } = placesOf(list);
  const bases = new Map<string, Base>();
  const states = new Map<string, PatternState>();
  const endsIn = (some: readonly number[]): readonly number[] =>
    some.flatMap((at) => (places[at]?.part === undefined ? (places[at]?.of ?? []) : []));

  const openIn = (some: readonly number[]): readonly number[] => [
    ...new Set(some.flatMap((at) => (places[at]?.part === undefined ? [] : (places[at]?.of ?? [])))),
  ];

  const baseOf = (some: ReadonlySet<number>): Base => {
    const sorted = [...some].sort(ascending);
    const key = sorted.join();
    const known = bases.get(key);
    if (known) return known;
    const leads = leadsOf(places, sorted);
    const made: Base = {
      id: bases.size,
      places: some,
      leads,
      matched: endsIn(sorted),
      open: openIn(sorted),
      names: [...leads.named.keys()],
      patterns: patternsOf(leads),
      known: new Map(),
      kept: new Map(),
    };
    bases.set(key, made);
    return made;
  };
  /** A base with what stands behind each `**` among some places. */
  const widened = (base: Base, reached: readonly number[]): Base => {
    const fresh = reached.filter((at) => places[at]?.part === "**" && !base.places.has(at));
    if (fresh.length === 0) return base;
    return baseOf(new Set([...base.places, ...fresh.flatMap((at) => places[at]?.next ?? [])]));
  };
  const trimmed = (base: Base, isKeptAt: (at: number) => boolean): Base => {
    const kept = new Set([...base.places].filter(isKeptAt));
    return kept.size === base.places.size ? base : baseOf(kept);
  };
  /** The state of a base and of places that are none of it, which are in their order. */
  const stateOf = (base: Base, own: readonly number[]): PatternState => {
    const key = `${base.id} ${own.join()}`;
    const same = states.get(key);
    if (same) return same;
    const ends = endsIn(own);
    const alive = ends.length === 0 ? own : own.filter((at) => places[at]?.part !== undefined);
    const leads = alive.length === 0 ? noLeads : leadsOf(places, alive);
    const names = [...leads.named.keys()].filter((name) => !base.leads.named.has(name));
    const state: PatternState = {
      id: states.size,
      matched: ends.length === 0 ? base.matched : [...new Set([...base.matched, ...ends])].sort(ascending),
      names: names.length === 0 ? base.names : [...base.names, ...names],
      patterns: leads.patterned.length === 0 ? base.patterns : [...base.patterns, ...patternsOf(leads)],
      base,
      alive,
      open: openIn(alive),
      leads,
      known: new Map(),
    };
    states.set(key, state);
    return state;
  };
  const settled = (before: Base, reached: readonly number[]): PatternState => {
    const base = widened(before, reached);
    return stateOf(base, [...new Set(reached)].filter((at) => !base.places.has(at)).sort(ascending));
  };
  /** The state behind a name; most names lead where any does. */
  const stepFrom = (state: PatternState, name: string): PatternState => {
    const { base, leads } = state;
    const [ofBase, own] = [ownOfBase(base, name), ownOf(leads, name)];
    if (ofBase.length > 0 || own.length > 0)
      return settled(base, [...base.leads.wild, ...leads.wild, ...ofBase, ...own]);
    state.other ??= settled(base, [...base.leads.wild, ...leads.wild]);
    return state.other;
  };
  return {
    start: settled(baseOf(new Set()), begin),
    step: (state, name) => {
      const found = state.known.get(name) ?? stepFrom(state, name);
      state.known.set(name, found);
      return found;
    },
    keeping: (state, which, isKept) => {
      const isKeptAt = (at: number): boolean => isKept(places[at]?.of ?? -1);
      const base = state.base.kept.get(which) ?? trimmed(state.base, isKeptAt);
      state.base.kept.set(which, base);
      const alive = state.alive.filter(isKeptAt);
      return base === state.base && alive.length === state.alive.length ? state : stateOf(base, alive);
    },
    places: (state) => {
      state.texts ??= placesIn(places, [...state.base.places, ...state.alive].sort(ascending));
      return state.texts;
    },
  };
}
