/**
 * Denials at any depth, anchored where they make a difference: a pattern that begins with `**` is followed from the root down
 * through every place, and matters only below what is granted.
 */
import type { PathRule } from "../authority/path-rules.ts";
import { isBelow, matchesPattern } from "../host/patterns.ts";

const partsOf = (path: string): readonly string[] => (path === "/" ? [] : path.split("/").slice(1));

const fits = (pattern: string, name: string): boolean => matchesPattern(`/${pattern}`, `/${name}`);

/** Whether the last names of a path fit as many patterns. */
function endsIn(names: readonly string[], patterns: readonly string[]): boolean {
  const from = names.length - patterns.length;
  return from >= 0 && patterns.every((pattern, at) => fits(pattern, names[from + at] ?? ""));
}

/** What is left of a pattern's names in a directory: itself where it or one above it is matched, and what lies below. */
function below(directory: string, wanted: readonly string[]): readonly string[] {
  const names = partsOf(directory);
  const isCovered = names.some((_, at) => endsIn(names.slice(0, at + 1), wanted));
  const base = directory === "/" ? "" : directory;
  const begun = wanted
    .slice(0, -1)
    .flatMap((_, at) =>
      endsIn(names, wanted.slice(0, at + 1)) ? [`${base}/${wanted.slice(at + 1).join("/")}`] : [],
    );
  // What is granted in spite of a shield is shielded again further down.
  return [...(isCovered ? [directory] : []), `${base}/**/${wanted.join("/")}`, ...begun];
}

/** The same denials for whatever lies in some directories. A pattern with a second `**` is left as it is. */
export function anchored(rules: readonly PathRule[], directories: readonly string[]): readonly PathRule[] {
  const outer = directories.filter((path) => !directories.some((other) => isBelow(path, other)));
  return rules.flatMap((rule) => {
    const wanted = rule.pattern.slice("/**/".length).split("/");
    if (!rule.pattern.startsWith("/**/") || wanted.includes("**")) return [rule];
    const patterns = new Set(outer.flatMap((directory) => below(directory, wanted)));
    return [...patterns].map((pattern) => ({ ...rule, pattern }));
  });
}
