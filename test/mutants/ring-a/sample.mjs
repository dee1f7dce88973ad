// Draws mutants of the compiler: all that Stryker would make of some folders, and of those so many by a seed.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { Instrumenter } from "@stryker-mutator/instrumenter";

const silent = {
  isDebugEnabled: () => false,
  debug() {},
  info() {},
  warn() {},
  error() {},
};

function sourcesIn(directory) {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return sourcesIn(path);
    return name.endsWith(".ts") && !name.endsWith(".generated.ts") ? [path] : [];
  });
}

/** Numbers by chance that a seed repeats (xorshift32). */
function numbers(seed) {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return Math.floor((state / 0x1_0000_0000) * limit);
  };
}

const isBefore = (a, b) => a.line < b.line || (a.line === b.line && a.column <= b.column);
const contains = (outer, inner) =>
  outer !== inner &&
  outer.fileName === inner.fileName &&
  isBefore(outer.location.start, inner.location.start) &&
  isBefore(inner.location.end, outer.location.end);

/** Every mutant of a folder, in the order of the files. */
export async function mutantsOf(root, folder) {
  const instrumenter = new Instrumenter(silent);
  const files = sourcesIn(join(root, folder)).map((name) => ({
    name: relative(root, name),
    content: readFileSync(name, "utf8"),
    mutate: true,
  }));
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: true };
  return (await instrumenter.instrument(files, options)).mutants;
}

/** How many others may lie inside one: Stryker takes ranges, and would try all that lie in one of them as well. */
const mostInside = 1;

/**
 * So many of a folder's mutants, as ranges. What many others lie inside of, as the whole body of a function, is left out: any
 * test that runs it kills it.
 */
export function draw(mutants, count, seed) {
  const small = mutants.filter(
    (mutant) => mutants.filter((other) => contains(mutant, other)).length <= mostInside,
  );
  const below = numbers(seed);
  const left = [...small];
  const drawn = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(below(left.length), 1));
  return drawn;
}

/** A list in an order by chance. */
export function shuffled(list, seed) {
  const below = numbers(seed);
  const left = [...list];
  const out = [];
  while (left.length > 0) out.push(...left.splice(below(left.length), 1));
  return out;
}

/** A range as Stryker reads it: lines from 1, columns from 0. */
export function rangeOf({ fileName, location: { start, end } }) {
  return `${fileName}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;
}
