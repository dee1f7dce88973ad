/** Machines over paths from rules: a rule has a pattern, and an effect where a path matches it. */
import {
  type Adds,
  addsOf,
  type Changes,
  changed,
  changesBy,
  type Effect,
  isNothing,
  isOfUse,
  type Layered,
  rightsIn,
  type Standing,
  simplified,
} from "./effects.ts";
import { machineOf, type PathMachine, type Rights } from "./paths.ts";
import { type PathPatterns, type PatternState, pathPatterns } from "./patterns.ts";
import { recently } from "./recent.ts";

/** A rule: an absolute pattern, `*` within a name and `**` for any number of names. */
export interface PathRule {
  readonly pattern: string;
  readonly effect: Effect;
}

/** Where a path is in the patterns of all rules, and what has taken effect on the way. */
interface RuleState {
  readonly id: number;
  readonly at: PatternState;
  /** Of the layers in which anything has, in their order. */
  readonly standings: readonly Standing[];
  /** The rights at the path itself. */
  readonly rights: Rights;
  /** By where its patterns go on. */
  readonly known: Map<PatternState, RuleState>;
}

/** Some rules with their patterns, and what they may do at a place; each place is looked at once. */
interface Rules {
  readonly patterns: PathPatterns;
  readonly changesAt: (at: PatternState) => Changes;
  /** What may yet be granted below. */
  readonly addsBelow: (at: PatternState) => Adds;
  /** The place without the rules that can change nothing below it. */
  readonly trimmed: (at: PatternState, standings: readonly Standing[], standing: string) => PatternState;
}

const partsOf = (pattern: string): readonly string[] => (pattern === "/" ? [] : pattern.split("/").slice(1));

/** Remembers what was made of an object. */
function once<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

const textOf = (standings: readonly Standing[]): string =>
  standings.reduce((text, { layer, granted, denied }) => `${text} ${layer}:${granted}:${denied}`, "");

function rulesOf(layers: readonly (readonly PathRule[])[]): Rules {
  const rules: readonly Layered[] = layers.flatMap((list, layer) =>
    list.map(({ effect }) => ({ effect, layer })),
  );
  const patterns = pathPatterns(layers.flatMap((list) => list.map(({ pattern }) => partsOf(pattern))));
  const some = (numbers: readonly number[]): readonly Layered[] =>
    numbers.flatMap((number) => rules[number] ?? []);
  const addsOfBase = once(({ open }: PatternState["base"]) => addsOf(some(open)));
  const addsBelow = once(({ base, open }: PatternState) =>
    open.length === 0 ? addsOfBase(base) : addsOf(some(open), addsOfBase(base)),
  );
  return {
    patterns,
    changesAt: once(({ matched }) => changesBy(some(matched))),
    addsBelow,
    trimmed: (at, standings, standing) => {
      const adds = addsBelow(at);
      return patterns.keeping(at, `${standing} + ${adds.text}`, (number) => {
        const rule = rules[number];
        return rule !== undefined && isOfUse(rule, standings, adds);
      });
    },
  };
}

function makeMachine(layers: readonly (readonly PathRule[])[]): PathMachine {
  const { patterns, changesAt, addsBelow, trimmed } = rulesOf(layers);
  const states = new Map<string, RuleState>();
  // Where nothing is permitted, and nothing may yet be, what follows does not matter.
  const nothing: RuleState = {
    id: 0,
    at: pathPatterns([]).start,
    standings: [],
    rights: 0,
    known: new Map(),
  };
  const settled = (at: PatternState, above: readonly Standing[]): RuleState => {
    const changes = changesAt(at);
    const all = changed(above, changes);
    const rights = rightsIn(all, changes);
    const adds = addsBelow(at);
    const standings = simplified(all, adds);
    if (rights === 0 && isNothing(standings, adds)) return nothing;
    const standing = textOf(standings);
    const where = trimmed(at, standings, standing);
    const key = `${where.id} ${rights}${standing}`;
    const same = states.get(key);
    if (same) return same;
    const made: RuleState = { id: states.size + 1, at: where, standings, rights, known: new Map() };
    states.set(key, made);
    return made;
  };
  return machineOf<RuleState>({
    start: settled(patterns.start, []),
    step: (state, name) => {
      if (state === nothing) return nothing;
      const at = patterns.step(state.at, name);
      const found = state.known.get(at);
      if (found) return found;
      const made = settled(at, state.standings);
      state.known.set(at, made);
      return made;
    },
    rightsAt: ({ rights }) => rights,
    names: ({ at }) => at.names,
    patterns: ({ at }) => at.patterns,
    id: ({ id }) => id,
  });
}

const recent = recently<PathMachine>();

/** The machine of what any of several lists of rules permits; the rules of one take effect among themselves only. */
export function layeredMachine(layers: readonly (readonly PathRule[])[]): PathMachine {
  return recent(JSON.stringify(layers), () => makeMachine(layers));
}

/** The machine of a list of rules. */
export function ruleMachine(rules: readonly PathRule[]): PathMachine {
  return layeredMachine([rules]);
}
