import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pathPatterns } from "../../src/authority/patterns.ts";
import { namesPattern } from "../../src/lift/sbpl/named.ts";
import { regexAutomata } from "../../src/lift/sbpl/regex.ts";

const names = ["a", "b", ".git", "x.mcp", "a.mcp", "hooks", "aa", "語"] as const;
const escaped = (name: string): string => name.replace(/[.]/g, "\\.");

/** A name of an expression: plain, with `[^/]*` in it, or any. */
const nameExpression = fc.oneof(
  fc.constantFrom(...names).map(escaped),
  fc.constantFrom("[^/]*\\.mcp", "a[^/]*", "[^/]*a[^/]*", "[^/]+", "h[^/]*s"),
);
const piece = fc.oneof(
  { weight: 3, arbitrary: nameExpression.map((name) => `/${name}`) },
  fc.constant("(/[^/]+)*"),
);
const expression = fc
  .tuple(fc.array(piece, { maxLength: 4 }), nameExpression, fc.boolean())
  .map(([pieces, last, below]) => `^${pieces.join("")}/${last}${below ? "(/.*)?" : ""}$`);
const path = fc.array(fc.constantFrom(...names), { maxLength: 5 }).map((parts) => `/${parts.join("/")}`);

/** Whether an expression matches a path, character by character. */
function byCharacters(text: string, of: string): boolean {
  const [automaton, ...others] = regexAutomata(text);
  if (!automaton || others.length > 0) throw new Error(`more than one reading of ${text}`);
  return automaton.accepts([...of].reduce((at, character) => automaton.step(at, character), automaton.start));
}

/** The same, name by name. */
function byNames(text: string, of: string): boolean {
  const pattern = namesPattern(text);
  if (!pattern) throw new Error(`no pattern of names: ${text}`);
  const followed = pathPatterns([pattern.parts]);
  let state = followed.start;
  for (const name of of === "/" ? [] : of.split("/").slice(1)) {
    if (pattern.below && state.matched.length > 0) return true;
    state = followed.step(state, name);
  }
  return state.matched.length > 0;
}

describe("expressions of names", () => {
  test("match the same paths name by name as character by character", () => {
    let matches = 0;
    fc.assert(
      fc.property(expression, fc.array(path, { minLength: 8, maxLength: 8 }), (text, paths) => {
        for (const one of ["/", ...paths]) {
          const expected = byCharacters(text, one);
          expect(byNames(text, one), `${text} on ${one}`).toBe(expected);
          if (expected) matches++;
        }
      }),
      { numRuns: 500 },
    );
    expect(matches).toBeGreaterThan(200);
  });

  test.each([
    ["without a start", "/a$"],
    ["without an end", "^/a"],
    ["of the root", "^/$"],
    ["of any names, which are not the root's", "^(/[^/]+)*$"],
    ["of a name that may be empty", "^/[^/]*$"],
    ["of a name with a star of its own", "^/a\\*b$"],
    ["of a choice", "^/(a|b)$"],
    ["of a class", "^/[ab]$"],
    ["of one character of any kind", "^/a.$"],
    ["of names that repeat", "^(/a)*/b$"],
    ["of something that may be missing", "^/a(/b)?$"],
    ["of a name that no path has", "^/\\.\\.$"],
    ["of two slashes", "^//a$"],
  ])("is no pattern: an expression %s", (_, text) => {
    expect(namesPattern(text)).toBeUndefined();
  });
});
