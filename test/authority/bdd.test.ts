import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  always,
  type Bdd,
  BudgetExceeded,
  choice,
  complement,
  countOf,
  createBdd,
  decide,
  holds,
  intersection,
  leastOf,
  never,
  type Root,
  union,
  without,
} from "../../src/authority/bdd.ts";
import { atLeast, between, equal, type Field, lowBits, masked, numberIn } from "../../src/authority/words.ts";

const bits = 6;
const universe = Array.from({ length: 1 << bits }, (_, value) => value);

/** An expression over sets, and the same over arrays of booleans: the brute force beside the algebra. */
type Expression =
  | { readonly kind: "atom"; readonly bit: number }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "and" | "or" | "without"; readonly left: Expression; readonly right: Expression };

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.record({ kind: fc.constant("atom" as const), bit: fc.nat({ max: bits - 1 }) }),
    fc.record({ kind: fc.constant("not" as const), of: tie("expression") }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const, "without" as const),
      left: tie("expression"),
      right: tie("expression"),
    }),
  ),
}));

const bitAt = (value: number, level: number): boolean => ((value >> (bits - 1 - level)) & 1) === 1;

function rootOf(bdd: Bdd, e: Expression): Root {
  if (e.kind === "atom") return decide(bdd, e.bit, never, always);
  if (e.kind === "not") return complement(bdd, rootOf(bdd, e.of));
  const operation = { and: intersection, or: union, without }[e.kind];
  return operation(bdd, rootOf(bdd, e.left), rootOf(bdd, e.right));
}

function membersOf(e: Expression): readonly boolean[] {
  if (e.kind === "atom") return universe.map((value) => bitAt(value, e.bit));
  if (e.kind === "not") return membersOf(e.of).map((x) => !x);
  const left = membersOf(e.left);
  const right = membersOf(e.right);
  return left.map((x, at) => {
    const y = right[at] ?? false;
    return e.kind === "and" ? x && y : e.kind === "or" ? x || y : x && !y;
  });
}

describe("decision diagrams agree with brute force", () => {
  test("membership, count, and the least member", () => {
    fc.assert(
      fc.property(expression, (e) => {
        const bdd = createBdd(bits);
        const root = rootOf(bdd, e);
        const members = membersOf(e);
        expect(universe.map((v) => holds(bdd, root, (level) => bitAt(v, level)))).toEqual(members);
        expect(countOf(bdd, root)).toBe(BigInt(members.filter(Boolean).length));
        for (let first = 0; first <= bits; first++) {
          const begun = universe.filter((v) => members[v]).map((v) => v >> (bits - first));
          expect(countOf(bdd, root, first)).toBe(BigInt(new Set(begun).size));
        }
        const least = leastOf(bdd, root);
        const first = members.indexOf(true);
        expect(least && Number(numberIn(least, { level: 0, bits }))).toBe(first === -1 ? undefined : first);
      }),
      { numRuns: 500 },
    );
  });

  test("equal sets have equal roots, and a set that contains another leaves nothing of it", () => {
    fc.assert(
      fc.property(expression, expression, (a, b) => {
        const bdd = createBdd(bits);
        const [left, right] = [rootOf(bdd, a), rootOf(bdd, b)];
        const [inLeft, inRight] = [membersOf(a), membersOf(b)];
        expect(left === right).toBe(inLeft.every((x, at) => x === inRight[at]));
        expect(without(bdd, left, right) === never).toBe(inLeft.every((x, at) => !x || inRight[at]));
      }),
      { numRuns: 1000 },
    );
  });

  test("choice", () => {
    fc.assert(
      fc.property(expression, expression, expression, (c, t, o) => {
        const bdd = createBdd(bits);
        const root = choice(bdd, rootOf(bdd, c), rootOf(bdd, t), rootOf(bdd, o));
        const [condition, then, otherwise] = [membersOf(c), membersOf(t), membersOf(o)];
        expect(universe.map((v) => holds(bdd, root, (level) => bitAt(v, level)))).toEqual(
          condition.map((x, at) => (x ? then[at] : otherwise[at])),
        );
      }),
    );
  });
});

describe("comparisons of words agree with numbers", () => {
  const field: Field = { level: 0, bits };
  const value = fc.nat({ max: (1 << bits) - 1 });
  const members = (bdd: Bdd, root: Root): readonly number[] =>
    universe.filter((v) => holds(bdd, root, (level) => bitAt(v, level)));

  test("masks, bounds and ranges", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const bdd = createBdd(bits);
        expect(members(bdd, masked(bdd, field, BigInt(a), BigInt(b)))).toEqual(
          universe.filter((v) => (v & a) === b),
        );
        expect(members(bdd, atLeast(bdd, field, BigInt(a)))).toEqual(universe.filter((v) => v >= a));
        expect(members(bdd, between(bdd, field, BigInt(a), BigInt(b)))).toEqual(
          universe.filter((v) => a <= v && v <= b),
        );
        expect(members(bdd, equal(bdd, lowBits(field, 3), BigInt(a & 7)))).toEqual(
          universe.filter((v) => (v & 7) === (a & 7)),
        );
      }),
    );
  });

  test("a number that does not fit is no member", () => {
    const bdd = createBdd(bits);
    expect(equal(bdd, field, 64n)).toBe(never);
    expect(atLeast(bdd, field, 64n)).toBe(never);
    expect(atLeast(bdd, field, 0n)).toBe(always);
  });
});

test("a budget is kept, in nodes", () => {
  const bdd = createBdd(64, 40);
  expect(() => {
    let root: Root = never;
    for (let value = 1n; value < 200n; value += 7n)
      root = union(bdd, root, equal(bdd, { level: 0, bits: 64 }, value * 0x123456789n));
  }).toThrow(BudgetExceeded);
});

test("a diagram of many thousand nodes stays canonical while its tables grow", () => {
  const bdd = createBdd(32);
  const field: Field = { level: 0, bits: 32 };
  const values = Array.from({ length: 3000 }, (_, at) => BigInt((at * 2654435761) >>> 0));
  const forwards = values.reduce((root, v) => union(bdd, root, equal(bdd, field, v)), never);
  const backwards = values.reduceRight((root, v) => union(bdd, root, equal(bdd, field, v)), never);
  expect(bdd.size).toBeGreaterThan(1 << 13);
  expect(forwards).toBe(backwards);
  expect(countOf(bdd, forwards)).toBe(BigInt(new Set(values).size));
});

test("a result of another operation on the same sets is none of this one", () => {
  const bdd = createBdd(3);
  const a = decide(bdd, 0, never, always);
  const b = decide(bdd, 1, never, always);
  const both = intersection(bdd, a, b);
  // As if a collision had put it there: each slot holds an operation, its sides and its result.
  for (let at = 0; at < bdd.results.length; at += 4)
    if (bdd.results[at] !== 0) {
      bdd.results[at] = (bdd.results[at] ?? 0) + 1;
      bdd.results[at + 3] = never;
    }
  expect(intersection(bdd, a, b)).toBe(both);
});
