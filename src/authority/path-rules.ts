/**
 * Machines over paths from rules. Each rule has a pattern and takes effect where a path matches it, for all that lies below;
 * rules of one place take effect in the order shield, set, grant, and denials last beyond all of them.
 */
import { everyRight, machineOf, type PathMachine, type Rights } from "./paths.ts";
import { type PatternState, pathPatterns } from "./patterns.ts";
import { recently } from "./recent.ts";

/** What a rule does at the paths that its pattern matches, and below. */
export type Effect =
  /** Adds rights; `alone` to the path itself, which is a file, and not below it. */
  | { readonly kind: "grant"; readonly rights: Rights; readonly alone?: boolean }
  /** Takes the place of what was granted above: what a mount does to the tree that it covers. The last one of a place counts. */
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

/** What all effects of one place do to what was granted above it. */
interface Change {
  /** What is left of it: everything or nothing. */
  readonly kept: Rights;
  readonly granted: Rights;
  /** Granted to the path itself, and not below it. */
  readonly alone: Rights;
  readonly denied: Rights;
}

const noChange: Change = { kept: -1, granted: 0, alone: 0, denied: 0 };

function changeBy(effects: readonly Effect[]): Change {
  if (effects.length === 0) return noChange;
  let [kept, granted, alone, denied] = [-1, 0, 0, 0];
  if (effects.some(({ kind }) => kind === "shield")) kept = 0;
  for (const effect of effects) if (effect.kind === "set") [kept, granted] = [0, effect.rights];
  for (const effect of effects) {
    if (effect.kind === "grant" && effect.alone) alone |= effect.rights;
    else if (effect.kind === "grant") granted |= effect.rights;
    else if (effect.kind === "deny") denied |= effect.rights;
  }
  return { kept, granted, alone, denied };
}

/** What has taken effect in one layer on the way to a path. */
interface Standing {
  readonly layer: number;
  readonly granted: Rights;
  readonly denied: Rights;
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

/** What the rules of one place change, layer by layer. */
type Changes = readonly (readonly [layer: number, change: Change])[];

const fresh = (layer: number): Standing => ({ layer, granted: 0, denied: 0 });

/** Standings, changed; and what is granted to the path alone. */
function changed(
  above: readonly Standing[],
  changes: Changes,
): { readonly standings: readonly Standing[]; readonly rights: Rights } {
  let alone = 0;
  let standings = above;
  if (changes.length > 0) {
    const byLayer = new Map(above.map((standing) => [standing.layer, standing]));
    for (const [layer, change] of changes) {
      const before = byLayer.get(layer) ?? fresh(layer);
      const granted = (before.granted & change.kept) | change.granted;
      const denied = before.denied | change.denied;
      alone |= change.alone & ~denied;
      byLayer.set(layer, { layer, granted, denied });
    }
    standings = [...byLayer.values()]
      .filter(({ granted, denied }) => granted !== 0 || denied !== 0)
      .sort((a, b) => a.layer - b.layer);
  }
  let rights = alone;
  for (const { granted, denied } of standings) rights |= granted & ~denied;
  return { standings, rights };
}

const partsOf = (pattern: string): readonly string[] => (pattern === "/" ? [] : pattern.split("/").slice(1));

const isShut = ({ denied }: Standing): boolean => (denied & everyRight) === everyRight;

const recent = recently<PathMachine>();

/** The machine of what any of several lists of rules permits; the rules of one take effect among themselves only. */
export function layeredMachine(layers: readonly (readonly PathRule[])[]): PathMachine {
  return recent(JSON.stringify(layers), () => makeMachine(layers));
}

function makeMachine(layers: readonly (readonly PathRule[])[]): PathMachine {
  const rules: { readonly effect: Effect; readonly layer: number }[] = [];
  const names: (readonly string[])[] = [];
  for (const [layer, list] of layers.entries())
    for (const { pattern, effect } of list) {
      rules.push({ effect, layer });
      names.push(partsOf(pattern));
    }
  const patterns = pathPatterns(names);
  const known = new Map<PatternState, Changes>();
  const states = new Map<string, RuleState>();
  const changesAt = (at: PatternState): Changes => {
    const found = known.get(at);
    if (found) return found;
    const effects = new Map<number, Effect[]>();
    for (const number of at.matched) {
      const rule = rules[number];
      if (!rule) continue;
      const own = effects.get(rule.layer);
      if (own) own.push(rule.effect);
      else effects.set(rule.layer, [rule.effect]);
    }
    const made = [...effects].map(([layer, list]) => [layer, changeBy(list)] as const);
    known.set(at, made);
    return made;
  };
  // Where everything is denied that may yet be granted, nothing that follows matters.
  const nothing: RuleState = {
    id: 0,
    at: pathPatterns([]).start,
    standings: [],
    rights: 0,
    known: new Map(),
  };
  const isOver = (at: PatternState, standings: readonly Standing[], rights: Rights): boolean => {
    const shut = standings.filter(isShut);
    if (
      rights !== 0 ||
      shut.length === 0 ||
      standings.some(({ granted, denied }) => (granted & ~denied) !== 0)
    )
      return false;
    const layersShut = new Set(shut.map(({ layer }) => layer));
    return [...patterns.places(at).keys()].every((number) => layersShut.has(rules[number]?.layer ?? -1));
  };
  const settled = (at: PatternState, above: readonly Standing[]): RuleState => {
    const { standings, rights } = changed(above, changesAt(at));
    if (isOver(at, standings, rights)) return nothing;
    let key = `${at.id} ${rights}`;
    for (const { layer, granted, denied } of standings) key += ` ${layer}:${granted}:${denied}`;
    const same = states.get(key);
    if (same) return same;
    const made: RuleState = { id: states.size + 1, at, standings, rights, known: new Map() };
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

/** The machine of a list of rules. */
export function ruleMachine(rules: readonly PathRule[]): PathMachine {
  return layeredMachine([rules]);
}
