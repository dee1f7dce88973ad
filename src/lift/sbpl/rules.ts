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

/** A rule with a filter, in the list of an operation; equal filters of one table have one number, from 0 on. */
export interface Step {
  readonly rule: Rule;
  readonly filter: Filter;
  readonly number: number;
}

/**
 * How one kind of system decides an operation: by the first step whose filter holds, and else by the end, a rule without a
 * filter or, where there is none, an operation's default.
 */
export interface DecisionList {
  readonly steps: readonly Step[];
  readonly end: Rule | { readonly operation: string };
}
