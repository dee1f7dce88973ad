/** Diagnostics for programs. */
import { positionAt } from "../../text/source.ts";
import type { Span } from "../../text/span.ts";
import type { Diagnostic } from "../diagnostic.ts";

/** A span as file, and one-based lines and columns; columns count UTF-16 code units. */
export function jsonSpan({ source, start, end }: Span) {
  return { file: source.name, start: positionAt(source, start), end: positionAt(source, end) };
}

/** A diagnostic as plain data. */
export function jsonDiagnostic(diagnostic: Diagnostic) {
  const { code, severity, message, primary, related, notes, fixes, server } = diagnostic;
  return {
    code,
    severity,
    message,
    ...(server !== undefined && { server }),
    ...(primary && {
      location: { ...jsonSpan(primary.span), ...(primary.text !== undefined && { label: primary.text }) },
    }),
    related: related.map(({ span, text }) => ({
      ...jsonSpan(span),
      ...(text !== undefined && { label: text }),
    })),
    notes,
    fixes: fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map(({ span, newText }) => ({ ...jsonSpan(span), newText })),
    })),
  };
}

/** One JSON document: `{ "diagnostics": [...] }`. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ diagnostics: diagnostics.map(jsonDiagnostic) }, null, 2)}\n`;
}
