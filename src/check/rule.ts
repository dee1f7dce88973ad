/** What a check is: a question about one policy, answered with diagnostics. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Platform } from "../policy/context.ts";
import type { PolicyIr, ServerIr } from "../policy/ir.ts";
import type { Span } from "../text/span.ts";

/** What a check sees. */
export interface CheckInput {
  readonly ir: PolicyIr;
  /** The spans of the IR's clauses. */
  readonly spans: readonly Span[];
  /** The platforms that are compiled for. */
  readonly platforms: readonly Platform[];
  /** What a sandbox is made of, and no server may write: absolute paths, and what they are. */
  readonly essentials: readonly { readonly path: string; readonly what: string }[];
  /** The clauses that a server's own block writes, not a profile: indices into the IR's clauses. */
  readonly ownClauses: (server: string) => ReadonlySet<number>;
}

/** A check of one server, with the whole policy at hand. */
export type Rule = (server: ServerIr, input: CheckInput) => readonly Diagnostic[];

/** The span of an entry's clause, unless the standard library wrote it. */
export function spanOf(input: CheckInput, origin: number | undefined): Span | undefined {
  const span = origin === undefined ? undefined : input.spans[origin];
  return span?.source.name.startsWith("std:") ? undefined : span;
}
