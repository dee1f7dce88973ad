import type { TextEdit } from "../text/edits.ts";
import type { Span } from "../text/span.ts";

/** How much a diagnostic weighs: an error stops the compile, a warning and a note do not. */
export type Severity = "error" | "warning" | "note";

/** A span and what to say of it; the primary one is where the user should look first. */
export interface Label {
  readonly span: Span;
  readonly text?: string;
}

/** A change that answers a diagnostic, as a sentence and as edits. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** One finding, in the words of the catalogue entry that `code` names. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Where; absent for what has no place in a text (a missing file, a flag). */
  readonly primary?: Label;
  /** The other places that matter: "denied here". */
  readonly related: readonly Label[];
  /** Sentences under the frame: why, what to do. */
  readonly notes: readonly string[];
  readonly fixes: readonly Fix[];
  /** The server it concerns, where it concerns one. */
  readonly server?: string;
}

/** What a stage returns: its value, and what it has to say. Nothing throws for what a user wrote. */
export interface Result<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether any of the diagnostics is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === "error");
}

/** The message, with the server that it is about: a profile's clause is met once for each that extends it. */
export function withServer({ message, server }: Diagnostic): string {
  return server === undefined ? message : `${message} (server ${server})`;
}
