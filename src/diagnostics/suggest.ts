import { distance } from "fastest-levenshtein";

/**
 * The candidate that a misspelt word most likely meant, or undefined when none is near: at most a third of the
 * word's letters may differ (at least one), ties go to the one that sorts first.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of [...candidates].sort()) {
    const apart = distance(wanted, candidate.toLowerCase());
    if (apart < bestDistance) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}
