/** What one thing that confines a server permits, as clauses and remarks. */
import { BudgetExceeded } from "../../authority/bdd.ts";
import type { Workspace } from "../decide.ts";
import { deputiesOf } from "../deputies.ts";
import type { Part } from "../parts/part.ts";
import type { Slice } from "../witness.ts";
import { authorityWords } from "./authority.ts";

/** The lines, or why there are none. */
export type PartWords =
  | { readonly ok: true; readonly lines: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** The words of the slices that a part is asked about, and the deputies that it leads to. */
export function partWords({ authority }: Part, scope: readonly Slice[], space: Workspace): PartWords {
  try {
    const deputies = deputiesOf(authority, scope, space).map(
      ({ operation, authority: rights }) => `# ${operation} hands over ${rights}`,
    );
    return { ok: true, lines: [...authorityWords(authority, scope), ...deputies] };
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return { ok: false, reason: `it is too large to decide: ${error.message}` };
  }
}
