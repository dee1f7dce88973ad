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
  /** What takes effect at everything from here on. */
  readonly effects: readonly Effect[];
  readonly names: readonly string[];
  readonly patterns: readonly NamePattern[];
  /** Where names lead, as far as it was asked. */
  readonly known: Map<string, readonly number[]>;
}

/** Places that a path may have come to, with what has taken effect on the way. */
interface RuleState {
  readonly id: number;
  readonly base: Base;
  /** Where names lead from the places that are none of the base. */
  readonly leads: Leads;
  readonly granted: Rights;
  readonly denied: Rights;
  /** The rights at the path itself: some are granted to it and not below it. */
  readonly rights: Rights;
  readonly names: readonly string[];
  readonly patterns: readonly NamePattern[];
  /** Where names lead from here, as far as it was asked. */
  readonly known: Map<string, RuleState>;
  /** Where the names lead that lead where any does. */
  other?: RuleState;
}

interface Compiled {
  readonly places: readonly Place[];
  /** By the place at a rule's end: what takes effect there. */
  readonly effects: ReadonlyMap<number, Effect>;
  readonly begin: readonly number[];
  /** Made once each, so that what is known of one is known wherever it is reached. */
  readonly bases: Map<string, Base>;
  readonly states: Map<string, RuleState>;
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
  return { places, effects, begin, bases: new Map(), states: new Map() };
}

const noLeads: Leads = { wild: [], named: new Map(), patterned: [] };

/** Where names lead from some places; a `**` leads to itself, and what stands behind it is reached with it. */
function leadsOf({ places }: Compiled, from: Iterable<number>): Leads {
  const wild: number[] = [];
  const named = new Map<string, number[]>();
  const patterned: Place[] = [];
  for (const at of from) {
    const place = places[at];
    if (!place || place.part === "**") continue;
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

function baseOf(compiled: Compiled, places: ReadonlySet<number>): Base {
  const { bases, effects } = compiled;
  const sorted = [...places].sort((a, b) => a - b);
  const key = sorted.join();
  const known = bases.get(key);
  if (known) return known;
  const leads = leadsOf(
    compiled,
    sorted.filter((at) => !effects.has(at)),
  );
  const made: Base = {
    id: bases.size,
    places,
    leads,
    effects: sorted.flatMap((at) => effects.get(at) ?? []),
    names: [...leads.named.keys()],
    patterns: patternsOf(leads),
    known: new Map(),
  };
  bases.set(key, made);
  return made;
}

/** A base with what stands behind each `**` among some places. */
function widened(compiled: Compiled, base: Base, reached: readonly number[]): Base {
  const fresh = reached.filter((at) => compiled.places[at]?.part === "**" && !base.places.has(at));
  if (fresh.length === 0) return base;
  return baseOf(
    compiled,
    new Set([...base.places, ...fresh.flatMap((at) => compiled.places[at]?.next ?? [])]),
  );
}

/** What some effects of one place make of what was granted and denied above it. */
function taken(effects: readonly Effect[], above: Pick<RuleState, "granted" | "denied">) {
  let { granted, denied } = above;
  let alone = 0;
  if (effects.some((e) => e.kind === "shield")) granted = 0;
  for (const e of effects) if (e.kind === "set") granted = e.rights;
  for (const e of effects) {
    if (e.kind === "grant" && e.alone) alone |= e.rights;
    else if (e.kind === "grant") granted |= e.rights;
    else if (e.kind === "deny") denied |= e.rights;
  }
  return { granted, denied, rights: (granted | alone) & ~denied };
}

function settle(
  compiled: Compiled,
  before: Base,
  reached: readonly number[],
  above: Pick<RuleState, "granted" | "denied">,
): RuleState {
  const { effects, states } = compiled;
  const base = widened(compiled, before, reached);
  const own = [...new Set(reached)].filter((at) => !base.places.has(at)).sort((a, b) => a - b);
  const here = own.flatMap((at) => effects.get(at) ?? []);
  const alive = here.length === 0 ? own : own.filter((at) => !effects.has(at));
  const { granted, denied, rights } = taken(
    here.length === 0 ? base.effects : [...base.effects, ...here],
    above,
  );
  const key = `${base.id} ${alive.join()} ${granted} ${denied} ${rights}`;
  const same = states.get(key);
  if (same) return same;
  const leads = alive.length === 0 ? noLeads : leadsOf(compiled, alive);
  const names = [...leads.named.keys()].filter((name) => !base.leads.named.has(name));
  const state: RuleState = {
    id: states.size,
    base,
    leads,
    granted,
    denied,
    rights,
    names: names.length === 0 ? base.names : [...base.names, ...names],
    patterns: leads.patterned.length === 0 ? base.patterns : [...base.patterns, ...patternsOf(leads)],
    known: new Map(),
  };
  states.set(key, state);
  return state;
}

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

/** The state behind a name; most names lead where any does. */
function stepFrom(compiled: Compiled, state: RuleState, name: string): RuleState {
  const { base, leads } = state;
  const [ofBase, own] = [ownOfBase(base, name), ownOf(leads, name)];
  if (ofBase.length === 0 && own.length === 0) {
    state.other ??= settle(compiled, base, [...base.leads.wild, ...leads.wild], state);
    return state.other;
  }
  return settle(compiled, base, [...base.leads.wild, ...leads.wild, ...ofBase, ...own], state);
}

/** The machine of a list of rules. */
export function ruleMachine(rules: readonly PathRule[]): PathMachine {
  const compiled = compiledRules(rules);
  const nothing = baseOf(compiled, new Set());
  return machineOf<RuleState>({
    start: settle(compiled, nothing, compiled.begin, { granted: 0, denied: 0 }),
    step: (state, name) => {
      const found = state.known.get(name) ?? stepFrom(compiled, state, name);
      state.known.set(name, found);
      return found;
    },
    rightsAt: ({ rights }) => rights,
    names: ({ names }) => names,
    patterns: ({ patterns }) => patterns,
    id: ({ id }) => id,
  });
}
