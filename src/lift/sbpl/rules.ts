/** The rules of a profile, one for each operation that a line names. */
import type { Condition } from "./conditions.ts";
import type { Filter } from "./filters.ts";

/** A rule for one operation. */
export interface Rule {
  readonly action: "allow" | "deny";
  readonly operation: string;
  /** Absent: it takes the place of the unfiltered one. */
  readonly filter?: Filter;
  readonly condition: Condition;
  /** Where it stands in the text. */
  readonly at: number;
}

/** The rules of an operation and of those that it falls back to, as one kind of system has them. */
export interface Column {
  readonly operation: string;
  readonly filtered: readonly Rule[];
  readonly slot: Rule | undefined;
}
