import type { Span } from "../text/span.ts";
import type { Diagnostic, Fix, Label, Severity } from "./diagnostic.ts";

/** The typed holes of a message: names and what fills them. */
export type Holes = Readonly<Record<string, string | number>>;

/** An example that `explain` prints and a test compiles: a policy, or a command line where a policy can't show it. */
export interface Example {
  readonly policy?: string;
  /** Other files that the example needs beside the policy, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: { readonly target?: string; readonly env?: string };
  /** For codes that no policy text can cause: the command that does. */
  readonly command?: string;
}

/** What the catalogue holds of a code. */
export interface EntryDefinition<H extends Holes> {
  readonly severity: Severity;
  /** A few words, for lists. */
  readonly title: string;
  readonly message: (holes: H) => string;
  /** Why this is so, in one or two sentences. */
  readonly why: string;
  /** An input that causes this code, and one like it that does not. */
  readonly bad: Example;
  readonly good: Example;
}

/** What goes with one occurrence, beside the holes. */
export interface Occurrence {
  readonly at?: Span | undefined;
  /** What to write at the primary span. */
  readonly label?: string | undefined;
  readonly related?: readonly Label[] | undefined;
  readonly notes?: readonly string[] | undefined;
  readonly fixes?: readonly Fix[] | undefined;
  readonly server?: string | undefined;
}

/** A catalogue entry: its text, and the function that makes a diagnostic of it. */
export interface Entry<H extends Holes = Holes> extends EntryDefinition<H> {
  readonly code: string;
  readonly report: (holes: H, occurrence?: Occurrence) => Diagnostic;
}

/** Defines the entry of one code. */
export function defineEntry<H extends Holes>(code: string, definition: EntryDefinition<H>): Entry<H> {
  return {
    ...definition,
    code,
    report: (holes, occurrence = {}) => ({
      code,
      severity: definition.severity,
      message: definition.message(holes),
      ...(occurrence.at && {
        primary: {
          span: occurrence.at,
          ...(occurrence.label !== undefined && { text: occurrence.label }),
        },
      }),
      related: occurrence.related ?? [],
      notes: occurrence.notes ?? [],
      fixes: occurrence.fixes ?? [],
      ...(occurrence.server !== undefined && { server: occurrence.server }),
    }),
  };
}
