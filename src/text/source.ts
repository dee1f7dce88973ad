/** A text with a name: what a span points into. */
export interface Source {
  /** How diagnostics name it: a path as the user wrote it, or `<stdin>`. */
  readonly name: string;
  readonly text: string;
}

/** A place in a source: one-based line and column, as editors count; columns are UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStartsOf = new WeakMap<Source, readonly number[]>();

/** Offsets at which the lines of a source start; LF and CR LF end a line. */
export function lineStarts(source: Source): readonly number[] {
  const known = lineStartsOf.get(source);
  if (known) return known;
  const starts = [0];
  for (let at = source.text.indexOf("\n"); at !== -1; at = source.text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  lineStartsOf.set(source, starts);
  return starts;
}

/** The line and column of an offset; an offset past the end is the end. */
export function positionAt(source: Source, offset: number): Position {
  const starts = lineStarts(source);
  const clamped = Math.min(Math.max(offset, 0), source.text.length);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= clamped) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: clamped - (starts[low] ?? 0) + 1 };
}

/** The text of a line (one-based) without its line end; empty when there is no such line. */
export function lineText(source: Source, line: number): string {
  const starts = lineStarts(source);
  const start = starts[line - 1];
  if (start === undefined) return "";
  const end = starts[line];
  return source.text.slice(start, end === undefined ? undefined : end - 1).replace(/\r$/, "");
}
