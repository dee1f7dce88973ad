/**
 * What a profile's rules permit with paths, as a machine: a plain path is followed name by name in one tree of all of them,
 * an expression of names as a pattern, and any other expression, or a prefix, character by character.
 */
import type { NamePattern } from "../../authority/globs.ts";
import { machineOf, type PathMachine, type Rights } from "../../authority/paths.ts";
import type { PatternState } from "../../authority/patterns.ts";
import { boundary, namesBehind, patternBehind } from "./boundary.ts";
import { judge, type Leaf, leavesOf, type PathTest, type Tri } from "./filters.ts";
import { defaultOf } from "./operations.ts";
import {
  type Found,
  fatesBelow,
  type Node,
  openPatterns,
  prepare,
  type Tests,
  truthsNow,
} from "./path-tests.ts";
import { type Automaton, regexAutomata } from "./regex.ts";
import {
  type Fate,
  type Residual,
  type RestOfList,
  residualOf,
  residualOfAny,
  residualOfList,
} from "./residual.ts";
import type { Step } from "./rules.ts";
import type { Table } from "./table.ts";

/** A right, and the operations any of which gives it. */
export interface RightRule {
  readonly bit: Rights;
  readonly operations: readonly string[];
  /** What a test says that is not of the path; `path` where it is. */
  readonly leaf: (leaf: Leaf) => Tri | "path";
}

interface State extends Found {
  readonly rights: Rights;
  /** The rights that something below may have. */
  readonly below: Rights;
  /** What is left of the lists of each rule. */
  readonly left: readonly (readonly RestOfList[])[];
  /** Equal for states below which the same is permitted. */
  readonly id: number;
  readonly known: Map<string, State>;
  names?: readonly string[];
  patterns?: readonly NamePattern[];
}

/** The path tests in the rules of some operations. */
export function pathTestsOf(table: Table, operations: readonly string[]): readonly PathTest[] {
  return operations
    .flatMap((operation) => table.rulesOf(operation))
    .flatMap(({ filter }) => (filter ? leavesOf(filter) : []))
    .flatMap((leaf) => (leaf.kind === "path" ? [leaf.test] : []));
}

/** What the filters of a table say at one place, and below it: each is looked at once, whichever rules it stands in. */
interface Said {
  readonly now: (step: Step) => Tri;
  readonly below: (step: Step) => Residual;
}

/** What filters say, by what a rule makes of tests that are not of the path. */
function saidBy(
  leafOf: RightRule["leaf"],
  { ids }: Tests,
  truths: readonly Tri[],
  fates: readonly Fate[],
): Said {
  const now = (leaf: Leaf): Tri => {
    const said = leafOf(leaf);
    if (said !== "path") return said;
    return leaf.kind === "path" ? truths[ids.get(leaf.test) ?? -1] : undefined;
  };
  const below = (leaf: Leaf): Fate => {
    const said = leafOf(leaf);
    if (said === "path") return (leaf.kind === "path" && fates[ids.get(leaf.test) ?? -1]) || "?";
    return said === undefined ? "?" : said ? "T" : "F";
  };
  const judged: { readonly value: Tri }[] = [];
  const left: Residual[] = [];
  return {
    now: ({ filter, number }) => {
      const known = judged[number] ?? { value: judge(filter, now) };
      judged[number] = known;
      return known.value;
    },
    below: ({ filter, number }) => {
      const known = left[number] ?? residualOf(filter, below);
      left[number] = known;
      return known;
    },
  };
}

/** The lists of a rule's operations, as they are before anything is known of a path. */
const listsOf = (table: Table, { operations }: RightRule): readonly RestOfList[] =>
  operations.flatMap((operation) =>
    table.listsOf(operation).map(({ steps, end }): RestOfList => {
      const permits = "action" in end ? end.action === "allow" : defaultOf(operation) !== "deny";
      return { steps, end: permits ? "T" : "F" };
    }),
  );

/** Whether a list permits, by what filters say; what can't be told counts as a yes in an allow and as a no in a deny. */
function isPermitted({ steps, end }: RestOfList, now: Said["now"]): boolean {
  for (const step of steps) {
    const found = now(step);
    if (step.rule.action === "allow" && found !== false) return true;
    if (step.rule.action === "deny" && found === true) return false;
  }
  return end === "T";
}

/** Gives numbers to texts, from 0 on, each its own. */
function numbering(): (text: string) => number {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}

/**
 * Makes states: what is permitted at a place, and what is left of the rules below it. Of the lists it looks only at what was
 * left of them above.
 */
function stateMaker(
  tests: Tests,
  rules: readonly RightRule[],
): (found: Found, above: State["left"]) => State {
  const numberOf = numbering();
  return (found, above) => {
    const truths = truthsNow(tests, found);
    const fates = fatesBelow(tests, found);
    const said = new Map<RightRule["leaf"], Said>();
    let rights = 0;
    let below = 0;
    const texts: string[] = [];
    const open = new Set<number>();
    const left: (readonly RestOfList[])[] = [];
    for (const [index, rule] of rules.entries()) {
      const own = said.get(rule.leaf) ?? saidBy(rule.leaf, tests, truths, fates);
      said.set(rule.leaf, own);
      const lists = above[index] ?? [];
      if (lists.some((list) => isPermitted(list, own.now))) rights |= rule.bit;
      const rest = residualOfAny(lists.map((list) => residualOfList(list, own.below)));
      left.push(rest.lists);
      texts.push(rest.text);
      if (rest.text !== "F") below |= rule.bit;
      for (const test of rest.open) open.add(test);
    }
    // What is settled stays so; of what is not, only that which makes a difference is followed.
    const places = tests.automata.map(({ test, automaton }, index) => {
      const place = found.places[index];
      return place && (open.has(test) || automaton.fate(place.after) !== "open") ? place : undefined;
    });
    const node = found.node && [...found.node.inside].some((test) => open.has(test)) ? found.node : undefined;
    const where = tests.automata.map(({ test }, index) => (open.has(test) ? places[index]?.after : ""));
    const inPatterns = [...openPatterns(tests, found.at)].filter(([test]) => open.has(test));
    return {
      ...found,
      node,
      at: inPatterns.length > 0 ? found.at : undefined,
      places,
      rights,
      below,
      left,
      id: numberOf(`${rights} ${node?.id ?? ""} ${where} ${inPatterns.join(" ")} ${texts.join(" ")}`),
      known: new Map(),
    };
  };
}

/** One operation of each kind that the rules tell apart. */
function distinct(table: Table, rule: RightRule): RightRule {
  return { ...rule, operations: [...new Map(rule.operations.map((o) => [table.kindOf(o), o])).values()] };
}

/** A machine that knows which rights something below a place may have. */
export interface RightsMachine extends PathMachine {
  readonly mayBelow: (state: unknown) => Rights;
}

/** The machine of some rights by a profile's rules. */
export function pathRights(table: Table, rules: readonly RightRule[]): RightsMachine {
  const tests = prepare(
    pathTestsOf(
      table,
      rules.flatMap(({ operations }) => operations),
    ),
  );
  const distinctRules = rules.map((rule) => distinct(table, rule));
  const make = stateMaker(tests, distinctRules);
  const made = new Map<string, State>();
  const stateOf = (found: Found, above: State["left"]): State => {
    const places = found.places.map((place) => (place ? `${place.accepts ? "+" : ""}${place.after}` : ""));
    const raw = `${found.node?.id ?? ""} ${found.at?.id ?? ""} ${[...found.settled].join(",")} ${places.join(",")}`;
    const state = made.get(raw) ?? make(found, above);
    made.set(raw, state);
    return state;
  };
  const settle = (
    settled: ReadonlySet<number>,
    node: Node | undefined,
    at: PatternState | undefined,
  ): ReadonlySet<number> => {
    const fresh = [
      ...(node?.below ?? []),
      ...(at?.matched.flatMap((pattern) => {
        const found = tests.patterned[pattern];
        return found?.below ? found.test : [];
      }) ?? []),
    ];
    return fresh.length > 0 ? new Set([...settled, ...fresh]) : settled;
  };
  const stepFrom = (state: State, name: string): State => {
    const node = state.node?.children.get(name);
    const at = state.at && tests.patterns.step(state.at, name);
    const places = tests.automata.map(({ automaton }, index) => {
      const place = state.places[index];
      return place && boundary(automaton, place.after, name);
    });
    return stateOf({ node, at, settled: settle(state.settled, node, at), places }, state.left);
  };
  const openAutomata = ({ places }: State): readonly (readonly [Automaton, number])[] =>
    tests.automata.flatMap(({ automaton }, index) => {
      const place = places[index];
      return place && automaton.fate(place.after) === "open" ? [[automaton, place.after] as const] : [];
    });
  const machine = machineOf<State>({
    start: stateOf(
      {
        node: tests.root,
        at: tests.patterns.start,
        settled: settle(new Set(), tests.root, tests.patterns.start),
        // The path of the root is its slash; below, the slash in front of a name is read with the directory.
        places: tests.automata.map(({ automaton }) => {
          const after = automaton.step(automaton.start, "/");
          return { accepts: automaton.accepts(after), after };
        }),
      },
      distinctRules.map((rule) => listsOf(table, rule)),
    ),
    step: (state, name) => {
      const found = state.known.get(name) ?? stepFrom(state, name);
      state.known.set(name, found);
      return found;
    },
    rightsAt: ({ rights }) => rights,
    names: (state) => {
      state.names ??= [
        ...new Set([
          ...(state.node?.children.keys() ?? []),
          ...(state.at?.names ?? []),
          ...openAutomata(state).flatMap(([automaton, after]) => namesBehind(automaton, after) ?? []),
        ]),
      ];
      return state.names;
    },
    patterns: (state) => {
      state.patterns ??= [
        ...(state.at?.patterns ?? []),
        ...openAutomata(state).flatMap(([automaton, after]) =>
          namesBehind(automaton, after) ? [] : [patternBehind(automaton, after)],
        ),
      ];
      return state.patterns;
    },
    id: ({ id }) => id,
  });
  return { ...machine, mayBelow: (state) => (state as State).below };
}

/** Whether a test matches one path. */
export function matchesPath(test: PathTest, path: string): Tri {
  if (test.match === "literal") return path === test.text;
  if (test.match === "subpath")
    return test.text === "/" || path === test.text || path.startsWith(`${test.text}/`);
  if (test.match === "prefix") return path.startsWith(test.text);
  const [first, ...others] = regexAutomata(test.text).map((automaton) => {
    let at = automaton.start;
    for (const character of path) at = automaton.step(at, character);
    return automaton.accepts(at);
  });
  return others.every((other) => other === first) ? first : undefined;
}
