/** Tables of plain text. */

/** Rows under a head; numbers stand to the right, and a last row below a line. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  totals?: readonly (string | number)[],
): string {
  const all = [head, ...rows, ...(totals ? [totals] : [])].map((row) => row.map(String));
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const isNumber = (at: number): boolean => rows.every((row) => typeof row[at] === "number");
  const line = (row: readonly (string | number)[]): string =>
    row
      .map((cell, at) =>
        isNumber(at) ? String(cell).padStart(widths[at] ?? 0) : String(cell).padEnd(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [line(head), rule, ...rows.map(line), ...(totals ? [rule, line(totals)] : [])].join("\n");
}

/** `84 %`: a share, rounded down so that only all of it is 100 %. */
export function share(some: number, all: number): string {
  return all === 0 ? "-" : `${Math.floor((some / all) * 1000) / 10} %`;
}
