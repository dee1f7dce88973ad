/** Sorts by a key and drops all but the first entry of each: lists of the IR are sets. */
export function sortUnique<T>(entries: readonly T[], key: (entry: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const entry of entries) {
    const at = key(entry);
    if (!byKey.has(at)) byKey.set(at, entry);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
