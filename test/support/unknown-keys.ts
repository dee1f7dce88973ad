/** Documents with one key more than they should have. */

type Json = { [key: string]: unknown };

/** The path of every object in a document. */
export function objectsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (value === null || typeof value !== "object") return [];
  const inner = Object.entries(value).flatMap(([key, child]) => objectsIn(child, [...path, key]));
  return Array.isArray(value) ? inner : [path, ...inner];
}

/** A path with `*` for the places in lists. */
export function patternOf(path: readonly string[]): string {
  return path.map((step) => (/^\d+$/.test(step) ? "*" : step)).join("/");
}

/** A copy of a document with a key more in the object at a path. */
export function withKey(document: unknown, path: readonly string[], key: string): unknown {
  const copy = structuredClone(document) as Json;
  let at: Json = copy;
  for (const step of path) at = at[step] as Json;
  at[key] = "1";
  return copy;
}
