/**
 * Reduced ordered binary decision diagrams: sets of bit vectors, canonical, so that two sets are equal exactly when their
 * roots are the same number. Nodes live in typed arrays and are never freed; one diagram serves one decision.
 *
 * Source: R. E. Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", IEEE Transactions on Computers C-35.
 */

/** A set: the index of its root in the arrays of its diagram. */
export type Root = number;

/** The empty set, and the set of everything. */
export const never: Root = 0;
export const always: Root = 1;

/** A diagram: a growing table of nodes, with what makes them unique and remembers results. */
export interface Bdd {
  /** How many variables there are; levels go from 0, the first that is decided. */
  readonly variables: number;
  /** How many nodes there may be, and how many steps may be made: bounds that are the same on every machine. */
  readonly budget: number;
  stepsLeft: number;
  size: number;
  levels: Int32Array;
  lows: Int32Array;
  highs: Int32Array;
  /** Open addressing, by level, low and high; 0 is empty. */
  unique: Int32Array;
  /** Direct mapped: operation, left, right, result; as many as there may be nodes, up to `mostResults`. */
  results: Int32Array;
}

/** A diagram has grown over its budget: what is decided is too large, and the answer is "unknown". */
export class BudgetExceeded extends Error {
  override readonly name = "BudgetExceeded";
}

const leastNodes = 1 << 10;
const mostResults = 1 << 15;
const operations = { and: 1, or: 2, without: 3 } as const;
type Operation = (typeof operations)[keyof typeof operations];

/** An empty diagram over so many variables. */
export function createBdd(variables: number, budget = 1 << 19): Bdd {
  const capacity = leastNodes;
  const bdd: Bdd = {
    variables,
    budget,
    stepsLeft: budget * 16,
    size: 2,
    levels: new Int32Array(capacity),
    lows: new Int32Array(capacity),
    highs: new Int32Array(capacity),
    unique: new Int32Array(capacity * 2),
    results: new Int32Array(capacity * 4),
  };
  // The two terminals lie below every variable.
  bdd.levels[never] = variables;
  bdd.levels[always] = variables;
  return bdd;
}

const hash = (a: number, b: number, c: number): number =>
  (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35)) >>> 0;

function grow(bdd: Bdd): void {
  const widened = (old: Int32Array): Int32Array => {
    const wide = new Int32Array(old.length * 2);
    wide.set(old);
    return wide;
  };
  bdd.levels = widened(bdd.levels);
  bdd.lows = widened(bdd.lows);
  bdd.highs = widened(bdd.highs);
  // Results are only a memory: what is forgotten is found again.
  if (bdd.levels.length <= mostResults) bdd.results = new Int32Array(bdd.levels.length * 4);
  bdd.unique = new Int32Array(bdd.unique.length * 2);
  for (let node = 2; node < bdd.size; node++) {
    bdd.unique[slotOf(bdd, levelOf(bdd, node), lowOf(bdd, node), highOf(bdd, node))] = node;
  }
}

/** Where a node stands in the table of unique nodes, or the free place where it would. */
function slotOf(bdd: Bdd, level: number, low: Root, high: Root): number {
  const mask = bdd.unique.length - 1;
  let slot = (hash(level, low, high) ^ (hash(level, low, high) >>> 15)) & mask;
  for (;;) {
    const node = bdd.unique[slot] ?? 0;
    if (node === 0) return slot;
    if (bdd.levels[node] === level && bdd.lows[node] === low && bdd.highs[node] === high) return slot;
    slot = (slot + 1) & mask;
  }
}

/** The variable that a node decides; terminals answer the number of variables. */
export function levelOf(bdd: Bdd, root: Root): number {
  return bdd.levels[root] ?? bdd.variables;
}

/** The set that is left where a node's variable is 0. */
export function lowOf(bdd: Bdd, root: Root): Root {
  return bdd.lows[root] ?? never;
}

/** The set that is left where a node's variable is 1. */
export function highOf(bdd: Bdd, root: Root): Root {
  return bdd.highs[root] ?? never;
}

/**
 * The set that is `low` where a variable is 0, and `high` where it is 1; both decide later variables only.
 * @throws BudgetExceeded
 */
export function decide(bdd: Bdd, level: number, low: Root, high: Root): Root {
  if (low === high) return low;
  const slot = slotOf(bdd, level, low, high);
  const known = bdd.unique[slot] ?? 0;
  if (known !== 0) return known;
  if (bdd.size >= bdd.budget) throw new BudgetExceeded(`more than ${bdd.budget} nodes`);
  const node = bdd.size++;
  bdd.levels[node] = level;
  bdd.lows[node] = low;
  bdd.highs[node] = high;
  bdd.unique[slot] = node;
  if (bdd.size * 2 > bdd.unique.length || bdd.size === bdd.levels.length) grow(bdd);
  return node;
}

/** What an operation gives when one side settles it; -1 when both must be looked into. */
function settled(operation: Operation, a: Root, b: Root): Root | -1 {
  if (operation === operations.and) {
    if (a === never || b === never) return never;
    if (a === always || a === b) return b;
    return b === always ? a : -1;
  }
  if (operation === operations.or) {
    if (a === always || b === always) return always;
    if (a === never || a === b) return b;
    return b === never ? a : -1;
  }
  if (a === never || b === always || a === b) return never;
  return b === never ? a : -1;
}

function apply(bdd: Bdd, operation: Operation, a: Root, b: Root): Root {
  const easy = settled(operation, a, b);
  if (easy !== -1) return easy;
  let { results } = bdd;
  const key = hash(operation, a, b);
  let at = (key * 4) & (results.length - 1);
  if (results[at] === operation && results[at + 1] === a && results[at + 2] === b)
    return results[at + 3] ?? never;
  if (bdd.stepsLeft-- <= 0) throw new BudgetExceeded(`more than ${bdd.budget * 16} steps`);
  const levelA = levelOf(bdd, a);
  const levelB = levelOf(bdd, b);
  const level = Math.min(levelA, levelB);
  const low = apply(
    bdd,
    operation,
    levelA === level ? lowOf(bdd, a) : a,
    levelB === level ? lowOf(bdd, b) : b,
  );
  const high = apply(
    bdd,
    operation,
    levelA === level ? highOf(bdd, a) : a,
    levelB === level ? highOf(bdd, b) : b,
  );
  const result = decide(bdd, level, low, high);
  if (results !== bdd.results) {
    results = bdd.results;
    at = (key * 4) & (results.length - 1);
  }
  results[at] = operation;
  results[at + 1] = a;
  results[at + 2] = b;
  results[at + 3] = result;
  return result;
}

/** What is in both. */
export function intersection(bdd: Bdd, a: Root, b: Root): Root {
  return apply(bdd, operations.and, a, b);
}

/** What is in either. */
export function union(bdd: Bdd, a: Root, b: Root): Root {
  return apply(bdd, operations.or, a, b);
}

/** What is in `a` and not in `b`: empty exactly when `b` contains `a`. */
export function without(bdd: Bdd, a: Root, b: Root): Root {
  return apply(bdd, operations.without, a, b);
}

/** What is not in a set. */
export function complement(bdd: Bdd, a: Root): Root {
  return apply(bdd, operations.without, always, a);
}

/** `then` where `condition` holds, else `otherwise`. */
export function choice(bdd: Bdd, condition: Root, then: Root, otherwise: Root): Root {
  return union(bdd, intersection(bdd, condition, then), without(bdd, otherwise, condition));
}

/** Whether a vector is in a set: `bit` gives the value of a variable. */
export function holds(bdd: Bdd, root: Root, bit: (level: number) => boolean): boolean {
  let at = root;
  while (at > always) at = bit(levelOf(bdd, at)) ? highOf(bdd, at) : lowOf(bdd, at);
  return at === always;
}

/** The lexicographically least vector of a set, a byte a variable; undefined when the set is empty. */
export function leastOf(bdd: Bdd, root: Root): Uint8Array | undefined {
  if (root === never) return undefined;
  const bits = new Uint8Array(bdd.variables);
  for (let at = root; at !== always; ) {
    const low = lowOf(bdd, at);
    if (low === never) bits[levelOf(bdd, at)] = 1;
    at = low === never ? highOf(bdd, at) : low;
  }
  return bits;
}

/** How many vectors are in a set; of the first so many variables, how many of theirs belong to one that is. */
export function countOf(bdd: Bdd, root: Root, variables = bdd.variables): bigint {
  const known = new Map<Root, bigint>();
  const levelIn = (node: Root): number => Math.min(levelOf(bdd, node), variables);
  // The vectors of the variables from the node's own level down.
  const below = (node: Root): bigint => {
    if (node <= always) return BigInt(node);
    if (levelOf(bdd, node) >= variables) return 1n;
    const counted = known.get(node);
    if (counted !== undefined) return counted;
    const level = levelOf(bdd, node);
    const side = (child: Root): bigint => below(child) << BigInt(levelIn(child) - level - 1);
    const count = side(lowOf(bdd, node)) + side(highOf(bdd, node));
    known.set(node, count);
    return count;
  };
  return below(root) << BigInt(levelIn(root));
}
