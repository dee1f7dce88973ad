import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coversPath, matchesPattern, reachesInto } from "../../src/host/patterns.ts";

// The definitions, component by component and without a short cut.
const partsOf = (path: string): readonly string[] => (path === "/" ? [] : path.split("/").slice(1));

function matchesPart(part: string, component: string): boolean {
  if (part === "") return component === "";
  if (part.startsWith("*")) {
    return (
      matchesPart(part.slice(1), component) || (component !== "" && matchesPart(part, component.slice(1)))
    );
  }
  return part.charAt(0) === component.charAt(0) && matchesPart(part.slice(1), component.slice(1));
}

function matchesParts(parts: readonly string[], components: readonly string[]): boolean {
  const [part, ...rest] = parts;
  const [component, ...below] = components;
  if (part === undefined) return component === undefined;
  if (part === "**")
    return matchesParts(rest, components) || (component !== undefined && matchesParts(parts, below));
  return component !== undefined && matchesPart(part, component) && matchesParts(rest, below);
}

const matches = (pattern: string, path: string): boolean => matchesParts(partsOf(pattern), partsOf(path));
const covers = (pattern: string, path: string): boolean =>
  partsOf(path).some((_, n, all) => matchesParts(partsOf(pattern), all.slice(0, n))) ||
  matches(pattern, path);

function reaches(pattern: string, directory: string): boolean {
  const parts = partsOf(pattern);
  const above = partsOf(directory);
  for (const [index, component] of above.entries()) {
    const part = parts[index];
    if (part === undefined) return false;
    if (part === "**") return true;
    if (!matchesPart(part, component)) return false;
  }
  return parts.length >= above.length;
}

const component = fc.constantFrom("a", "b", "ab", "a.b", ".x");
const join = (parts: readonly string[]): string => `/${parts.join("/")}`;
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map(join);
const part = fc.oneof(component, fc.constantFrom("*", "**", "a*", "*b", "a*b*"));
const pattern = fc.array(part, { maxLength: 4 }).map(join);

describe("patterns mean what their components say", () => {
  test.each([
    ["matchesPattern", matchesPattern, matches],
    ["coversPath", coversPath, covers],
    ["reachesInto", reachesInto, reaches],
  ] as const)("%s", (_, fast, plain) => {
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(pattern, path, (p, at) => {
        const expected = plain(p, at);
        seen[expected ? "yes" : "no"]++;
        expect(fast(p, at)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(200);
  });
});
