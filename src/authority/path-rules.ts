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

/** Places in rules that a path may have come to, with what has taken effect on the way. */
interface RuleState {
  /** `rule:place`, sorted. */
  readonly places: readonly string[];
  readonly granted: Rights;
  /** What is granted to this path and not below it. */
  readonly here: Rights;
  readonly denied: Rights;
  readonly text: string;
}

/** A rule with its pattern taken apart. */
interface CompiledRule {
  readonly parts: readonly string[];
  readonly effect: Effect;
}

/** The places of a rule that are reached without reading a name: `**` may stand for none. */
function closure(parts: readonly string[], place: number): readonly number[] {
  const out = [place];
  for (let at = place; parts[at] === "**"; at++) out.push(at + 1);
  return out;
}

function matchesName(part: string, name: string): boolean {
  if (!part.includes("*")) return part === name;
  const pattern = globPattern(part);
  return pattern.matches(stateBehind(pattern, name));
}

function settle(
  rules: readonly CompiledRule[],
  reached: ReadonlySet<string>,
  above: Pick<RuleState, "granted" | "denied">,
): RuleState {
  const alive: string[] = [];
  const effects: Effect[] = [];
  for (const key of reached) {
    const [rule = 0, place = 0] = key.split(":").map(Number);
    const found = rules[rule];
    if (!found) continue;
    if (place === found.parts.length) effects.push(found.effect);
    else alive.push(key);
  }
  let { granted, denied } = above;
  if (effects.some((e) => e.kind === "shield")) granted = 0;
  for (const e of effects) if (e.kind === "set") granted = e.rights;
  let here = 0;
  for (const e of effects) {
    if (e.kind === "grant" && e.alone) here |= e.rights;
    else if (e.kind === "grant") granted |= e.rights;
    else if (e.kind === "deny") denied |= e.rights;
  }
  alive.sort();
  return { places: alive, granted, here, denied, text: `${alive.join(" ")} ${granted} ${here} ${denied}` };
}

/** The machine of a list of rules. */
export function ruleMachine(list: readonly PathRule[]): PathMachine {
  const rules = list.map(({ pattern, effect }) => ({
    parts: pattern === "/" ? [] : pattern.split("/").slice(1),
    effect,
  }));
  const begin = new Set(
    rules.flatMap(({ parts }, rule) => closure(parts, 0).map((place) => `${rule}:${place}`)),
  );
  const partsAt = (state: RuleState): readonly string[] =>
    state.places.flatMap((key) => {
      const [rule = 0, place = 0] = key.split(":").map(Number);
      return rules[rule]?.parts[place] ?? [];
    });
  return machineOf<RuleState>({
    start: settle(rules, begin, { granted: 0, denied: 0 }),
    step: (state, name) => {
      const reached = new Set<string>();
      for (const key of state.places) {
        const [rule = 0, place = 0] = key.split(":").map(Number);
        const parts = rules[rule]?.parts ?? [];
        const part = parts[place] ?? "";
        if (part === "**") for (const at of closure(parts, place)) reached.add(`${rule}:${at}`);
        else if (matchesName(part, name))
          for (const at of closure(parts, place + 1)) reached.add(`${rule}:${at}`);
      }
      return settle(rules, reached, state);
    },
    rightsAt: (state) => (state.granted | state.here) & ~state.denied,
    names: (state) => partsAt(state).filter((part) => !part.includes("*")),
    patterns: function* (state): Iterable<NamePattern> {
      for (const part of partsAt(state))
        if (part.includes("*") && part !== "**" && part !== "*") yield globPattern(part);
    },
    key: (state) => state.text,
  });
}
