/**
 * Machines over paths from rules. Each rule has a pattern and takes effect where a path matches it, for all that lies below;
 * rules of one place take effect in the order shield, set, grant, and denials last beyond all of them.
 */
import { machineOf, type PathMachine, type Rights } from "./paths.ts";
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

/** What of standings matters yet: where a layer can add nothing any more, what it denies is only what it has not granted. */
function simplified(standings: Iterable<Standing>, adds: ReadonlyMap<number, Rights>): readonly Standing[] {
  const kept: Standing[] = [];
  for (const { layer, granted: all, denied: ever } of standings) {
    const granted = all & ~ever;
    const denied = ever & (adds.get(layer) ?? 0);
    if (granted !== 0 || denied !== 0) kept.push({ layer, granted, denied });
  }
  return kept.sort((a, b) => a.layer - b.layer);
}

/** Standings after some changes. */
function changed(above: readonly Standing[], changes: Changes): readonly Standing[] {
  if (changes.length === 0) return above;
  const byLayer = new Map(above.map((standing) => [standing.layer, standing]));
  for (const [layer, change] of changes) {
    const { granted = 0, denied = 0 } = byLayer.get(layer) ?? {};
    byLayer.set(layer, {
      layer,
      granted: (granted & change.kept) | change.granted,
      denied: denied | change.denied,
    });
  }
  return [...byLayer.values()];
}

/** A rule of a layer. */
interface Layered {
  readonly effect: Effect;
  readonly layer: number;
}

/** Whether a rule that takes effect below a place can change anything there. */
function isOfUse(
  rule: Layered | undefined,
  standings: readonly Standing[],
  adds: ReadonlyMap<number, Rights>,
): boolean {
  if (!rule) return false;
  const { effect, layer } = rule;
  const { granted = 0, denied = 0 } = standings.find((one) => one.layer === layer) ?? {};
  const open = granted | ((adds.get(layer) ?? 0) & ~denied);
  if (effect.kind === "deny") return (effect.rights & open) !== 0;
  if (effect.kind === "grant") return (effect.rights & ~denied) !== 0;
  return open !== 0;
}

/** The rights at a path, with those that are granted to it alone. */
function rightsIn(standings: readonly Standing[], changes: Changes): Rights {
  let rights = 0;
  for (const { granted, denied } of standings) rights |= granted & ~denied;
  for (const [layer, { alone }] of changes)
    if (alone !== 0) rights |= alone & ~(standings.find((one) => one.layer === layer)?.denied ?? 0);
  return rights;
}

const partsOf = (pattern: string): readonly string[] => (pattern === "/" ? [] : pattern.split("/").slice(1));

const recent = recently<PathMachine>();

/** The machine of what any of several lists of rules permits; the rules of one take effect among themselves only. */
export function layeredMachine(layers: readonly (readonly PathRule[])[]): PathMachine {
  return recent(JSON.stringify(layers), () => makeMachine(layers));
}

function makeMachine(layers: readonly (readonly PathRule[])[]): PathMachine {
  const rules: Layered[] = [];
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
  // Where nothing is permitted, and nothing may yet be, what follows does not matter.
  const nothing: RuleState = {
    id: 0,
    at: pathPatterns([]).start,
    standings: [],
    rights: 0,
    known: new Map(),
  };
  const adding = new Map<PatternState, ReadonlyMap<number, Rights>>();
  /** What may yet be granted below, layer by layer. */
  const addsBelow = (at: PatternState): ReadonlyMap<number, Rights> => {
    const found = adding.get(at);
    if (found) return found;
    const adds = new Map<number, Rights>();
    for (const number of patterns.places(at).keys()) {
      const rule = rules[number];
      if (rule && (rule.effect.kind === "grant" || rule.effect.kind === "set"))
        adds.set(rule.layer, (adds.get(rule.layer) ?? 0) | rule.effect.rights);
    }
    adding.set(at, adds);
    return adds;
  };
  const settled = (at: PatternState, above: readonly Standing[]): RuleState => {
    const changes = changesAt(at);
    const all = changed(above, changes);
    const rights = rightsIn(all, changes);
    const adds = addsBelow(at);
    const standings = simplified(all, adds);
    if (rights === 0 && standings.every(({ granted }) => granted === 0)) {
      const denied = new Map(standings.map((one) => [one.layer, one.denied]));
      if ([...adds].every(([layer, added]) => (added & ~(denied.get(layer) ?? 0)) === 0)) return nothing;
    }
    const where = patterns.keeping(at, (number) => isOfUse(rules[number], standings, adds));
    let key = `${where.id} ${rights}`;
    for (const { layer, granted, denied } of standings) key += ` ${layer}:${granted}:${denied}`;
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

/** The machine of a list of rules. */
export function ruleMachine(rules: readonly PathRule[]): PathMachine {
  return layeredMachine([rules]);
}
