/** Denials that are anchored deny, in the directories, exactly what they denied. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type PathRule, ruleMachine } from "../../src/authority/path-rules.ts";
import { everyRight, type PathMachine } from "../../src/authority/paths.ts";
import { isWithin } from "../../src/host/patterns.ts";
import { anchored } from "../../src/verify/anchored.ts";

const names = ["a", "b", "ab", ".git"];
const pathsOf = (depth: number): readonly string[] =>
  depth === 0 ? [""] : pathsOf(depth - 1).flatMap((path) => names.map((name) => `${path}/${name}`));
const universe = ["/", ...[1, 2, 3, 4].flatMap(pathsOf)];

const part = fc.constantFrom(...names, "*", "a*", "*b", "**");
const pattern = fc.oneof(
  fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `/**/${parts.join("/")}`),
  fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`),
);
const directory = fc.constantFrom("/", ...[1, 2].flatMap(pathsOf));

const rightsAt = (machine: PathMachine, path: string): number => {
  const steps = path.split("/").filter((name) => name !== "");
  return machine.rightsAt(steps.reduce((state, name) => machine.step(state, name), machine.start));
};

test("in the directories nothing changes", () => {
  let denied = 0;
  fc.assert(
    fc.property(
      fc.array(pattern, { minLength: 1, maxLength: 3 }),
      fc.array(directory, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (patterns, directories, isShield) => {
        const grants = directories.map(
          (path): PathRule => ({ pattern: path, effect: { kind: "grant", rights: everyRight } }),
        );
        const effect: PathRule["effect"] = isShield
          ? { kind: "shield" }
          : { kind: "deny", rights: everyRight };
        const rules = patterns.map((text): PathRule => ({ pattern: text, effect }));
        const [before, after] = [rules, anchored(rules, directories)].map((of) =>
          ruleMachine([...grants, ...of]),
        );
        if (!before || !after) return;
        for (const path of universe) {
          if (!directories.some((one) => isWithin(path, one))) continue;
          const found = rightsAt(before, path);
          expect(rightsAt(after, path), `${path}: ${patterns} in ${directories}`).toBe(found);
          if (found === 0) denied++;
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(denied).toBeGreaterThan(1_000);
});
