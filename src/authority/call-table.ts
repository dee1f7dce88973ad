/**
 * A set of system calls in the making: its calls by entry and number, each with the arguments that it may have. Made into a
 * diagram from the top down, once, it takes no operation between diagrams for each of some thousand calls.
 */
import { type Bdd, decide, never, type Root, union } from "./bdd.ts";
import { type Entry, entries, entryField, numberField } from "./fields.ts";

/** For each entry and number a set that decides arguments only. */
export type CallTable = Map<Entry, Map<number, Root>>;

/** Adds calls of one number at one entry. */
export function addCall(bdd: Bdd, table: CallTable, entry: Entry, number: number, args: Root): void {
  const own = table.get(entry) ?? new Map<number, Root>();
  table.set(entry, own);
  const unsigned = number >>> 0;
  const known = own.get(unsigned);
  own.set(unsigned, known === undefined ? args : union(bdd, known, args));
}

type Row = readonly [number: number, args: Root];

/** The rows from `from` to `to`, which agree in the bits above `bit`, in the order of their numbers. */
function rowsFrom(bdd: Bdd, rows: readonly Row[], from: number, to: number, bit: number): Root {
  const first = rows[from];
  if (first === undefined || from === to) return never;
  if (bit === numberField.bits) return first[1];
  const mask = 1 << (numberField.bits - 1 - bit);
  let middle = from;
  while (middle < to && ((rows[middle]?.[0] ?? 0) & mask) === 0) middle++;
  const low = rowsFrom(bdd, rows, from, middle, bit + 1);
  const high = rowsFrom(bdd, rows, middle, to, bit + 1);
  return decide(bdd, numberField.level + bit, low, high);
}

/** The calls of a table as a set. @throws BudgetExceeded */
export function callsIn(bdd: Bdd, table: CallTable): Root {
  const roots = entries.map((entry) => {
    const rows = [...(table.get(entry) ?? [])].sort(([a], [b]) => a - b);
    return rowsFrom(bdd, rows, 0, rows.length, 0);
  });
  const pairOf = (at: number): Root =>
    decide(bdd, entryField.level + 1, roots[at] ?? never, roots[at + 1] ?? never);
  return decide(bdd, entryField.level, pairOf(0), pairOf(2));
}
