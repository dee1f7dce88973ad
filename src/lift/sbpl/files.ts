/**
 * What a profile's rules permit with paths, as a machine: a plain path is followed name by name in one tree of all of them,
 * an expression of names as a pattern, and any other expression, or a prefix, character by character.
 */
import type { NamePattern } from "../../authority/globs.ts";
import { machineOf, numbering, type PathMachine, type Rights } from "../../authority/paths.ts";
import { type PathPatterns, type PatternState, pathPatterns } from "../../authority/patterns.ts";
import { boundary, namesBehind, type Place, patternBehind } from "./boundary.ts";
import { type Filter, type Leaf, leavesOf, type PathTest, type Tri } from "./filters.ts";
import { namesPattern } from "./named.ts";
import { type Automaton, prefixAutomaton, regexAutomata } from "./regex.ts";
import { type Fate, type Residual, residualOf, residualOfAny } from "./residual.ts";
import type { Table } from "./table.ts";

/** A right, and the operations any of which gives it. */
export interface RightRule {
  readonly bit: Rights;
  readonly operations: readonly string[];
  /** What a test says that is not of the path; `path` where it is. */
  readonly leaf: (leaf: Leaf) => Tri | "path";
}

/** A directory in the tree of plain paths. */
interface Node {
  readonly id: number;
  readonly children: Map<string, Node>;
  /** Tests that hold here. */
  readonly here: number[];
  /** Tests that hold here and below. */
  readonly below: number[];
  /** Tests that hold at something below. */
  readonly inside: Set<number>;
}

interface Tests {
  readonly ids: ReadonlyMap<PathTest, number>;
  readonly root: Node;
  readonly patterns: PathPatterns;
  /** The patterns, by their numbers. */
  readonly patterned: readonly { readonly test: number; readonly below: boolean }[];
  readonly automata: readonly { readonly test: number; readonly automaton: Automaton }[];
}

interface State {
  readonly node: Node | undefined;
  /** Where the patterns are; undefined once nothing depends on them. */
  readonly at: PatternState | undefined;
  /** Tests that hold from here on. */
  readonly settled: ReadonlySet<number>;
  /** Where each automaton is; undefined once nothing depends on it. */
  readonly places: readonly (Place | undefined)[];
  readonly rights: Rights;
  /** Equal for states below which the same is permitted. */
  readonly id: number;
  readonly known: Map<string, State>;
  names?: readonly string[];
  patterns?: readonly NamePattern[];
}

const keyOf = ({ match, text }: PathTest): string => `${match} ${text}`;

function treeOf(tests: readonly (readonly [number, PathTest])[]): Node {
  let nodes = 0;
  const fresh = (): Node => ({ id: nodes++, children: new Map(), here: [], below: [], inside: new Set() });
  const root = fresh();
  for (const [id, test] of tests) {
    let at = root;
    for (const part of test.text === "/" ? [] : test.text.split("/").slice(1)) {
      at.inside.add(id);
      const next = at.children.get(part) ?? fresh();
      at.children.set(part, next);
      at = next;
    }
    (test.match === "subpath" ? at.below : at.here).push(id);
  }
  return root;
}

function prepare(list: readonly PathTest[]): Tests {
  const unique = [...new Map(list.map((test) => [keyOf(test), test])).values()];
  const numbered = [...unique.entries()];
  const byText = new Map(numbered.map(([id, test]) => [keyOf(test), id]));
  const isPlain = ({ match }: PathTest): boolean => match === "literal" || match === "subpath";
  const named = numbered.flatMap(([id, { match, text }]) => {
    const pattern = match === "regex" ? namesPattern(text) : undefined;
    return pattern ? [{ test: id, ...pattern }] : [];
  });
  const isNamed = new Set(named.map(({ test }) => test));
  return {
    ids: new Map(list.map((test) => [test, byText.get(keyOf(test)) ?? -1])),
    root: treeOf(numbered.filter(([, test]) => isPlain(test))),
    patterns: pathPatterns(named.map(({ parts }) => parts)),
    patterned: named,
    automata: numbered.flatMap(([id, test]) => {
      if (isPlain(test) || isNamed.has(id)) return [];
      const automata = test.match === "prefix" ? [prefixAutomaton(test.text)] : regexAutomata(test.text);
      return automata.map((automaton) => ({ test: id, automaton }));
    }),
  };
}

type Found = Pick<State, "node" | "at" | "settled" | "places">;

/** The tests whose patterns match a path. */
const matchedBy = ({ patterned }: Tests, at: PatternState | undefined): readonly number[] =>
  at?.matched.flatMap((pattern) => patterned[pattern]?.test ?? []) ?? [];

/** Two readings of an expression that disagree leave it untold. */
function agree<T>(seen: Map<number, T>, test: number, value: T, untold: T): void {
  seen.set(test, !seen.has(test) || seen.get(test) === value ? value : untold);
}

function truthNow(tests: Tests, { node, at, settled, places }: Found): (test: number) => Tri {
  const seen = new Map<number, Tri>();
  for (const [index, { test }] of tests.automata.entries())
    agree(seen, test, places[index]?.accepts ?? false, undefined);
  const yes = new Set([...settled, ...(node?.here ?? []), ...matchedBy(tests, at)]);
  return (test) => (seen.has(test) ? seen.get(test) : yes.has(test));
}

/** Where the patterns that may match something below are, by their tests. */
function openPatterns(
  { patterns, patterned }: Tests,
  at: PatternState | undefined,
): ReadonlyMap<number, string> {
  const places = at ? patterns.places(at) : undefined;
  return new Map([...(places ?? [])].map(([pattern, where]) => [patterned[pattern]?.test ?? -1, where]));
}

function fateBelow(tests: Tests, { node, at, settled, places }: Found): (test: number) => Fate {
  const seen = new Map<number, Fate>();
  const open = new Set<number>(openPatterns(tests, at).keys());
  for (const [index, { test, automaton }] of tests.automata.entries()) {
    const place = places[index];
    const fate = place ? automaton.fate(place.after) : "dead";
    if (fate === "open") open.add(test);
    else agree<Fate>(seen, test, fate === "matched" ? "T" : "F", "?");
  }
  return (test) => {
    if (open.has(test) || node?.inside.has(test)) return settled.has(test) ? "T" : `#${test}`;
    return seen.get(test) ?? (settled.has(test) ? "T" : "F");
  };
}

/** The path tests in the rules of some operations. */
export function pathTestsOf(table: Table, operations: readonly string[]): readonly PathTest[] {
  return operations
    .flatMap((operation) => table.rulesOf(operation))
    .flatMap(({ filter }) => (filter ? leavesOf(filter) : []))
    .flatMap((leaf) => (leaf.kind === "path" ? [leaf.test] : []));
}

/** Makes states: what is permitted at a place, and what is left of the rules below it. */
function stateMaker(table: Table, tests: Tests, rules: readonly RightRule[]): (found: Found) => State {
  const idOf = (test: PathTest): number => tests.ids.get(test) ?? -1;
  const nowOf =
    (rule: RightRule, truth: (test: number) => Tri) =>
    (leaf: Leaf): Tri => {
      const said = rule.leaf(leaf);
      return said === "path" && leaf.kind === "path"
        ? truth(idOf(leaf.test))
        : said === "path"
          ? undefined
          : said;
    };
  const laterOf =
    (rule: RightRule, fate: (test: number) => Fate) =>
    (leaf: Leaf): Fate => {
      const said = rule.leaf(leaf);
      if (said === "path") return leaf.kind === "path" ? fate(idOf(leaf.test)) : "?";
      return said === undefined ? "?" : said ? "T" : "F";
    };
  const left = (rule: RightRule, fate: (test: number) => Fate, known: Map<Filter, Residual>): Residual => {
    const later = laterOf(rule, fate);
    const residual = (filter: Filter): Residual => {
      const found = known.get(filter) ?? residualOf(filter, later);
      known.set(filter, found);
      return found;
    };
    return residualOfAny(rule.operations.flatMap((operation) => table.residuals(operation, residual)));
  };
  const numberOf = numbering();
  return (found) => {
    const truth = truthNow(tests, found);
    const fate = fateBelow(tests, found);
    const filters = new Map<RightRule["leaf"], Map<Filter, Residual>>();
    let rights = 0;
    const texts: string[] = [];
    const open = new Set<number>();
    for (const rule of rules) {
      const now = nowOf(rule, truth);
      if (rule.operations.some((operation) => table.permits(operation, now))) rights |= rule.bit;
      const known = filters.get(rule.leaf) ?? new Map<Filter, Residual>();
      filters.set(rule.leaf, known);
      const rest = left(rule, fate, known);
      texts.push(rest.text);
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
      id: numberOf(`${rights} ${node?.id ?? ""} ${where} ${inPatterns.join(" ")} ${texts.join(" ")}`),
      known: new Map(),
    };
  };
}

/** One operation of each kind that the rules tell apart. */
function distinct(table: Table, rule: RightRule): RightRule {
  return { ...rule, operations: [...new Map(rule.operations.map((o) => [table.kindOf(o), o])).values()] };
}

/** The machine of some rights by a profile's rules. */
export function pathRights(table: Table, rules: readonly RightRule[]): PathMachine {
  const tests = prepare(
    pathTestsOf(
      table,
      rules.flatMap(({ operations }) => operations),
    ),
  );
  const make = stateMaker(
    table,
    tests,
    rules.map((rule) => distinct(table, rule)),
  );
  const made = new Map<string, State>();
  const stateOf = (found: Found): State => {
    const places = found.places.map((place) => (place ? `${place.accepts ? "+" : ""}${place.after}` : ""));
    const raw = `${found.node?.id ?? ""} ${found.at?.id ?? ""} ${[...found.settled].join(",")} ${places.join(",")}`;
    const state = made.get(raw) ?? make(found);
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
    return stateOf({ node, at, settled: settle(state.settled, node, at), places });
  };
  const openAutomata = ({ places }: State): readonly (readonly [Automaton, number])[] =>
    tests.automata.flatMap(({ automaton }, index) => {
      const place = places[index];
      return place && automaton.fate(place.after) === "open" ? [[automaton, place.after] as const] : [];
    });
  return machineOf<State>({
    start: stateOf({
      node: tests.root,
      at: tests.patterns.start,
      settled: settle(new Set(), tests.root, tests.patterns.start),
      // The path of the root is its slash; below, the slash in front of a name is read with the directory.
      places: tests.automata.map(({ automaton }) => {
        const after = automaton.step(automaton.start, "/");
        return { accepts: automaton.accepts(after), after };
      }),
    }),
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
