/** What a profile permits beside files and the network, as operations with the names that they are permitted for. */
import { serviceDeputies } from "../../authority/deputies.ts";
import { type Leaf, leavesOf, type NameTest, type Tri } from "./filters.ts";
import { defaultOf, operations } from "./operations.ts";
import { prefixAutomaton, regexAutomata } from "./regex.ts";
import type { Reason, Table } from "./table.ts";

/** An operation that is permitted for some or all of what it can be done with. */
export interface Authority {
  readonly operation: string;
  /** Whether it is permitted for what no rule names. */
  readonly open: boolean;
  /** What rules name and is permitted: `global-name "com.example"`, `target self`, `subpath "/x"`. Sorted. */
  readonly names: readonly string[];
  /** Nothing in the profile decides, and what the system does is not known. */
  readonly assumed: boolean;
  /** Ways out of the sandbox that it opens. */
  readonly dangers: readonly string[];
}

const sliced =
  /^(?:file-(?:read-(?:data|metadata|xattr)|write-.*|link|clone|map-executable|test-existence)|process-exec.*|network-.*)$/;
// A look-up is of one of these kinds.
const disjoint: ReadonlySet<string> = new Set(["global-name", "local-name", "xpc-service-name"]);
const narrower: Readonly<Record<string, readonly string[]>> = {
  self: ["self", "same-sandbox", "pgrp"],
  children: ["children", "same-sandbox"],
  "same-sandbox": ["same-sandbox"],
  pgrp: ["pgrp"],
  others: ["others"],
};

/** Whether a test of a name matches a text. */
function matchesText({ match, text }: NameTest, name: string): Tri {
  if (match === "exact") return name === text;
  const automata = match === "prefix" ? [prefixAutomaton(text)] : regexAutomata(text);
  const answers = automata.map((automaton) => {
    let state = automaton.start;
    for (const character of name) state = automaton.step(state, character);
    return automaton.accepts(state);
  });
  return answers.every((answer) => answer === answers[0]) ? answers[0] : undefined;
}

/** What a test says of something that has a name. */
function ofName(space: string, name: string): (leaf: Leaf) => Tri {
  return (leaf) => {
    if (leaf.kind !== "name") return leaf.kind === "attribute" ? undefined : false;
    const { test } = leaf;
    if (test.space !== space) return disjoint.has(space) && disjoint.has(test.space) ? false : undefined;
    if (space !== "target") return matchesText(test, name);
    // A process of this sandbox that is neither the program nor its child may still be in its group.
    if (narrower[name]?.includes(test.text)) return true;
    return name === "others" || test.text === "self" ? false : undefined;
  };
}

const same = (a: Leaf, b: Leaf): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What tests say of something of which only one is known to match. */
function ofLeaf(leaf: Leaf): (other: Leaf) => Tri {
  if (leaf.kind === "name" && leaf.test.match === "exact") return ofName(leaf.test.space, leaf.test.text);
  return (other) => (same(leaf, other) ? true : undefined);
}

/** A test as it stands in a profile. */
export function textOfLeaf(leaf: Leaf): string {
  switch (leaf.kind) {
    case "path":
      return `${leaf.test.match} ${JSON.stringify(leaf.test.text)}`;
    case "unix":
      return `${leaf.side} unix-socket`;
    case "address":
      return `${leaf.test.side} ${leaf.test.transport} ${leaf.test.host}:${leaf.test.port ?? "*"}`;
    case "attribute":
      return leaf.text;
    case "name": {
      const { space, match, text } = leaf.test;
      if (space === "target") return `target ${text}`;
      return `${space}${match === "exact" ? "" : `-${match}`} ${JSON.stringify(text)}`;
    }
  }
}

function dangersOf(table: Table, operation: string, open: boolean): readonly string[] {
  return serviceDeputies
    .filter((deputy) => deputy.operation === operation)
    .filter(({ name }) =>
      name ? table.permits(operation, ofName(name.space, name.text)) !== undefined : open,
    )
    .map(({ name, because }) => (name ? `${name.text}: ${because}` : because));
}

/** The authority of one operation; undefined when it is never permitted. */
export function authorityOf(table: Table, operation: string): Authority | undefined {
  const leaves = table.rulesOf(operation).flatMap(({ filter }) => (filter ? leavesOf(filter) : []));
  // Each thing matches no test at all, or one of them and perhaps others.
  const outside: Reason | undefined = table.permits(operation, () => false);
  const names = leaves.filter((leaf) => table.permits(operation, ofLeaf(leaf))).map(textOfLeaf);
  if (!outside && names.length === 0) return undefined;
  const open = outside !== undefined;
  return {
    operation,
    open,
    names: [...new Set(names)].sort(),
    assumed: outside?.kind === "default" && defaultOf(operation) === "unknown",
    dangers: dangersOf(table, operation, open || names.length > 0),
  };
}

/** The authorities of a profile, by operation; wildcards are left to what they stand for. */
export function authoritiesOf(table: Table): readonly Authority[] {
  return [...operations.keys()]
    .filter((operation) => operation !== "default" && !operation.endsWith("*") && !sliced.test(operation))
    .sort()
    .flatMap((operation) => authorityOf(table, operation) ?? []);
}
