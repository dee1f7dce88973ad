/**
 * Machines over paths from rules. Each rule has a pattern and takes effect where a path matches it, for all that lies below;
 * rules of one place take effect in the order shield, set, grant, and denials last beyond all of them.
 */
import { everyRight, machineOf, type PathMachine, type Rights } from "./paths.ts";
import { type PatternState, pathPatterns } from "./patterns.ts";

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

/** Where a path is in the patterns of all rules, and what has taken effect on the way. */
interface RuleState {
  readonly id: number;
  readonly at: PatternState;
  readonly granted: Rights;
  readonly denied: Rights;
  /** The rights at the path itself. */
  readonly rights: Rights;
  /** By where its patterns go on. */
  readonly known: Map<PatternState, RuleState>;
}

const partsOf = (pattern: string): readonly string[] => (pattern === "/" ? [] : pattern.split("/").slice(1));

/** The machine of a list of rules. */
export function ruleMachine(rules: readonly PathRule[]): PathMachine {
  const patterns = pathPatterns(rules.map(({ pattern }) => partsOf(pattern)));
  const changes = new Map<PatternState, Change>();
  const states = new Map<string, RuleState>();
  const changeAt = (at: PatternState): Change => {
    const known = changes.get(at);
    if (known) return known;
    const made = changeBy(at.matched.flatMap((rule) => rules[rule]?.effect ?? []));
    changes.set(at, made);
    return made;
  };
  // Where everything is denied, nothing that follows matters.
  const nothing: RuleState = {
    id: 0,
    at: pathPatterns([]).start,
    granted: 0,
    denied: everyRight,
    rights: 0,
    known: new Map(),
  };
  const settled = (at: PatternState, above: Pick<RuleState, "granted" | "denied">): RuleState => {
    const change = changeAt(at);
    const granted = (above.granted & change.kept) | change.granted;
    const denied = above.denied | change.denied;
    const rights = (granted | change.alone) & ~denied;
    if ((denied & everyRight) === everyRight) return nothing;
    const key = `${at.id} ${granted} ${denied} ${rights}`;
    const same = states.get(key);
    if (same) return same;
    const made: RuleState = { id: states.size + 1, at, granted, denied, rights, known: new Map() };
    states.set(key, made);
    return made;
  };
  return machineOf<RuleState>({
    start: settled(patterns.start, { granted: 0, denied: 0 }),
    step: (state, name) => {
      if (state === nothing) return nothing;
      const at = patterns.step(state.at, name);
      const found = state.known.get(at) ?? settled(at, state);
      state.known.set(at, found);
      return found;
    },
    rightsAt: ({ rights }) => rights,
    names: ({ at }) => at.names,
    patterns: ({ at }) => at.patterns,
    id: ({ id }) => id,
  });
}
