import { distance } from "fastest-levenshtein";

/** The word with each pair of neighbours swapped in turn: the commonest slip, which Levenshtein counts twice. */
function transpositions(word: string): readonly string[] {
  return Array.from(
    { length: Math.max(0, word.length - 1) },
    (_, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2),
  );
}

/**
 * The candidate that a misspelt word most likely meant, or undefined when none is near: at most a third of the
 * word's letters may differ (at least one; two that are swapped count as one), ties go to the one that sorts first.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  const swapped = transpositions(wanted);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of [...candidates].sort()) {
    const lower = candidate.toLowerCase();
    const apart = Math.min(distance(wanted, lower), swapped.includes(lower) ? 1 : limit + 1);
    if (apart < bestDistance) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}
