import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { globPattern, kindsOf, stateBehind } from "../../src/authority/globs.ts";
import { layeredMachine, type PathRule, ruleMachine } from "../../src/authority/path-rules.ts";
import { everyRight, fileOutside, type PathMachine, rights, unionOf } from "../../src/authority/paths.ts";
import { ancestors, matchesPattern } from "../../src/host/patterns.ts";

/** Rights at a path by the words of the rules: naive, from the root down. */
function naive(rules: readonly PathRule[], path: string): number {
  let granted = 0;
  let denied = 0;
  for (const place of [...(path === "/" ? [] : ancestors(path)), path]) {
    const here = rules.filter(({ pattern }) =>
      pattern === "/" ? place === "/" : matchesPattern(pattern, place),
    );
    if (here.some(({ effect }) => effect.kind === "shield")) granted = 0;
    for (const { effect } of here) if (effect.kind === "set") granted = effect.rights;
    for (const { effect } of here) if (effect.kind === "grant" && !effect.alone) granted |= effect.rights;
    for (const { effect } of here) if (effect.kind === "deny") denied |= effect.rights;
    if (place !== path) continue;
    for (const { effect } of here) if (effect.kind === "grant" && effect.alone) granted |= effect.rights;
  }
  return granted & ~denied;
}

function walked(machine: PathMachine, path: string): number {
  let state = machine.start;
  for (const name of path.split("/").slice(1)) if (name !== "") state = machine.step(state, name);
  return machine.rightsAt(state);
}

const names = ["a", "b", "ab", "c.key", ".env"];
const universe = ["/", ...[1, 2, 3].flatMap((depth) => paths(depth))];

function paths(depth: number): readonly string[] {
  return depth === 0 ? [""] : paths(depth - 1).flatMap((path) => names.map((name) => `${path}/${name}`));
}

const part = fc.constantFrom("a", "b", "ab", "*", "**", "*.key", "a*", ".env");
const pattern = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
const plain = fc
  .array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 3 })
  .map((p) => `/${p.join("/")}`);
const mask = fc.integer({ min: 1, max: everyRight });
const rule: fc.Arbitrary<PathRule> = fc.oneof(
  fc.record({
    pattern: plain,
    effect: fc.record({ kind: fc.constant("grant" as const), rights: mask, alone: fc.boolean() }),
  }),
  fc.record({
    pattern: plain,
    effect: fc.record({ kind: fc.constant("set" as const), rights: fc.nat({ max: 7 }) }),
  }),
  fc.record({ pattern, effect: fc.constant({ kind: "shield" as const }) }),
  fc.record({ pattern, effect: fc.record({ kind: fc.constant("deny" as const), rights: mask }) }),
);
const rules = fc.array(rule, { maxLength: 5 });
const runs = process.env.MCPC_LONG ? 1000 : 20;

describe("machines over paths agree with the rules' words", () => {
  test("path by path", () => {
    fc.assert(
      fc.property(rules, (list) => {
        const machine = ruleMachine(list);
        for (const path of universe) expect(walked(machine, path), path).toBe(naive(list, path));
      }),
      { numRuns: 200 },
    );
  });

  test("what one permits beyond the other is found, and confirmed; what is not found is nowhere", () => {
    let outside = 0;
    let contained = 0;
    fc.assert(
      fc.property(rules, rules, (a, b) => {
        const witness = fileOutside(ruleMachine(a), ruleMachine(b));
        if (witness) {
          outside++;
          expect(naive(a, witness.path) & ~naive(b, witness.path) & rights[witness.right]).not.toBe(0);
        } else {
          contained++;
          for (const path of universe) expect(naive(a, path) & ~naive(b, path), path).toBe(0);
        }
      }),
      { numRuns: 20 * runs },
    );
    expect(outside).toBeGreaterThan(2 * runs);
    expect(contained).toBeGreaterThan(2 * runs);
  });

  test("a union permits what either does", () => {
    fc.assert(
      fc.property(rules, rules, (a, b) => {
        const both = unionOf([ruleMachine(a), ruleMachine(b)]);
        for (const path of universe.slice(0, 40))
          expect(walked(both, path)).toBe(naive(a, path) | naive(b, path));
        expect(fileOutside(ruleMachine(a), both)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test("layers permit what any of them does, and deny among themselves only", () => {
    fc.assert(
      fc.property(fc.array(rules, { maxLength: 4 }), rules, (layers, other) => {
        const all = layeredMachine(layers);
        const expected = (path: string): number => layers.reduce((mask, one) => mask | naive(one, path), 0);
        for (const path of universe) expect(walked(all, path), path).toBe(expected(path));
        const apart = unionOf(layers.map(ruleMachine));
        expect(fileOutside(all, apart)).toBeUndefined();
        expect(fileOutside(apart, all)).toBeUndefined();
        const witness = fileOutside(all, ruleMachine(other));
        if (witness)
          expect(expected(witness.path) & ~naive(other, witness.path) & rights[witness.right]).not.toBe(0);
        else for (const path of universe) expect(expected(path) & ~naive(other, path), path).toBe(0);
      }),
      { numRuns: 6 * runs },
    );
  });

  const read = (...patterns: readonly string[]): PathMachine =>
    ruleMachine(patterns.map((one) => ({ pattern: one, effect: { kind: "grant", rights: rights.read } })));
  test.each([
    // What lies behind a pattern of names, where every other name leads back to where it was.
    [["/a/**/b*"], [], "/a/b"],
    [["/a/**/*b"], ["/a/b"], "/a/ab|/a/xb"],
    [["/a/*/b*"], [], "/a/x/b"],
    [["/**/a/b*"], ["/a/b"], "/a/bx"],
    [["/**/.env"], ["/.env"], "/x/.env"],
    [["/**/.env"], ["/.env", "/*/.env"], "/x/x/.env"],
    [["/**/.env"], ["/**/.env"], undefined],
    // `**` stands for no name as well.
    [["/a/**"], ["/a/*"], "/a"],
    [["/a/*"], ["/a/**"], undefined],
    [["/a"], ["/a/**"], undefined],
    [["/a*"], ["/a", "/ab*"], "/ax"],
    [["/*a"], ["/**/a"], "/xa"],
    [["/**/a*/**/b"], ["/**/a/**/b"], "/ax/b"],
    [["/"], ["/*"], "/"],
    [["/*"], ["/"], undefined],
  ] as const)("%j beyond %j", (a, b, expected) => {
    const found = fileOutside(read(...a), read(...b))?.path;
    if (expected === undefined || found === undefined) expect(found).toBe(expected);
    else expect(expected.split("|").map((one) => one.length)).toContain(found.length);
    if (found === undefined) return;
    // Whatever name it has, it is one that the first permits and the second does not.
    expect(walked(read(...a), found)).toBe(rights.read);
    expect(walked(read(...b), found)).toBe(0);
  });

  test("a witness is a shortest path", () => {
    const all = ruleMachine([{ pattern: "/srv", effect: { kind: "grant", rights: rights.read } }]);
    const less = ruleMachine([
      { pattern: "/srv", effect: { kind: "grant", rights: rights.read } },
      { pattern: "/**/.env", effect: { kind: "deny", rights: everyRight } },
    ]);
    expect(fileOutside(all, less)).toEqual({ path: "/srv/.env", right: "read" });
    expect(fileOutside(less, all)).toBeUndefined();
  });
});

describe("kinds of names", () => {
  const glob = fc
    .array(fc.constantFrom("a", "b", "*", "."), { minLength: 1, maxLength: 4 })
    .map((p) => p.join(""));
  const matches = (text: string, name: string): boolean => {
    const compiled = globPattern(text);
    return compiled.matches(stateBehind(compiled, name));
  };

  test("a pattern matches as a regular expression does", () => {
    fc.assert(
      fc.property(
        glob,
        fc.string({ unit: fc.constantFrom("a", "b", ".", "c"), maxLength: 5 }),
        (text, name) => {
          const expression = new RegExp(`^${text.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
          expect(matches(text, name)).toBe(expression.test(name));
        },
      ),
    );
  });

  test("there is one of each kind, and none that is to be avoided", () => {
    const short = ["a", "b", "c"].flatMap((x) =>
      ["", "a", "b", "c", ".a"].flatMap((y) => [x + y, `.${x}${y}`]),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(glob, { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(fc.constantFrom(...short), { maxLength: 4 }),
        (globs, avoided) => {
          const found = kindsOf(globs.map(globPattern), new Set(avoided));
          expect(found.filter((name) => avoided.includes(name))).toEqual([]);
          const kind = (name: string): string => globs.map((text) => Number(matches(text, name))).join("");
          const kinds = new Set(found.map(kind));
          for (const name of short)
            if (!avoided.includes(name)) expect(kinds.has(kind(name)), name).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test("the name of a witness is one that a directory can hold", () => {
  const hidden = ruleMachine([{ pattern: "/a/.*", effect: { kind: "grant", rights: rights.read } }]);
  const found = fileOutside(hidden, ruleMachine([]));
  expect(found?.path).toMatch(/^\/a\/\.[^./]/);
});
