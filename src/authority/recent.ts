/** A memory of what was made last: the artifacts of one server hold the same mounts and rules again and again. */

/** How many are kept: those of one server, and not those of hundreds. */
const most = 12;

/** Remembers what was made last, by a text that says all that it was made from. */
export function recently<T>(): (text: string, make: () => T) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text, make) => {
    const found = known.get(text) ?? { value: make() };
    // What was asked for last is the last to go.
    known.delete(text);
    known.set(text, found);
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    return found.value;
  };
}
