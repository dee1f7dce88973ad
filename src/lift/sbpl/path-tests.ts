/** The path tests of a profile made ready to be followed together, and what each says of a place and of all below it. */
import { type PathPatterns, type PatternState, pathPatterns } from "../../authority/patterns.ts";
import type { Place } from "./boundary.ts";
import type { PathTest, Tri } from "./filters.ts";
import { namesPattern } from "./named.ts";
import { type Automaton, prefixAutomaton, regexAutomata } from "./regex.ts";
import type { Fate } from "./residual.ts";

/** A directory in the tree of plain paths. */
export interface Node {
  readonly id: number;
  readonly children: Map<string, Node>;
  /** Tests that hold here. */
  readonly here: number[];
  /** Tests that hold here and below. */
  readonly below: number[];
  /** Tests that hold at something below. */
  readonly inside: Set<number>;
}

/** Tests, by their numbers. */
export interface Tests {
  /** How many there are. */
  readonly size: number;
  readonly ids: ReadonlyMap<PathTest, number>;
  readonly root: Node;
  readonly patterns: PathPatterns;
  /** The patterns, by their numbers. */
  readonly patterned: readonly { readonly test: number; readonly below: boolean }[];
  readonly automata: readonly { readonly test: number; readonly automaton: Automaton }[];
}

/** Where a path is in all tests. */
export interface Found {
  readonly node: Node | undefined;
  /** Where the patterns are; undefined once nothing depends on them. */
  readonly at: PatternState | undefined;
  /** Tests that hold from here on. */
  readonly settled: ReadonlySet<number>;
  /** Where each automaton is; undefined once nothing depends on it. */
  readonly places: readonly (Place | undefined)[];
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

/** Makes tests ready. */
export function prepare(list: readonly PathTest[]): Tests {
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
    size: unique.length,
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

/** The tests whose patterns match a path. */
const matchedBy = ({ patterned }: Tests, at: PatternState | undefined): readonly number[] =>
  at?.matched.flatMap((pattern) => patterned[pattern]?.test ?? []) ?? [];

/** Two readings of an expression that disagree leave it untold. */
function agree<T>(seen: Map<number, T>, test: number, value: T, untold: T): void {
  seen.set(test, !seen.has(test) || seen.get(test) === value ? value : untold);
}

/** What each test says of a path. */
export function truthsNow(tests: Tests, { node, at, settled, places }: Found): readonly Tri[] {
  const seen = new Map<number, Tri>();
  for (const [index, { test }] of tests.automata.entries())
    agree(seen, test, places[index]?.accepts ?? false, undefined);
  const truths: Tri[] = new Array(tests.size).fill(false);
  for (const test of [...settled, ...(node?.here ?? []), ...matchedBy(tests, at)]) truths[test] = true;
  for (const [test, truth] of seen) truths[test] = truth;
  return truths;
}

/** Where the patterns that may match something below are, by their tests. */
export function openPatterns(
  { patterns, patterned }: Tests,
  at: PatternState | undefined,
): ReadonlyMap<number, string> {
  const places = at ? patterns.places(at) : undefined;
  return new Map([...(places ?? [])].map(([pattern, where]) => [patterned[pattern]?.test ?? -1, where]));
}

/** What each test says of all that lies below a path. */
export function fatesBelow(tests: Tests, { node, at, settled, places }: Found): readonly Fate[] {
  const fates: Fate[] = new Array(tests.size).fill("F");
  const seen = new Map<number, Fate>();
  const open = new Set<number>([...openPatterns(tests, at).keys(), ...(node?.inside ?? [])]);
  for (const [index, { test, automaton }] of tests.automata.entries()) {
    const place = places[index];
    const fate = place ? automaton.fate(place.after) : "dead";
    if (fate === "open") open.add(test);
    else agree<Fate>(seen, test, fate === "matched" ? "T" : "F", "?");
  }
  for (const test of settled) fates[test] = "T";
  for (const [test, fate] of seen) fates[test] = fate;
  for (const test of open) fates[test] = settled.has(test) ? "T" : `#${test}`;
  return fates;
}
