import type { Source } from "./source.ts";

/** A half-open range `[start, end)` of UTF-16 offsets in a source. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** The text that a span covers. */
export function spanText(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

/** The smallest span that covers both; both lie in one source. */
export function joinSpans(first: Span, last: Span): Span {
  return {
    source: first.source,
    start: Math.min(first.start, last.start),
    end: Math.max(first.end, last.end),
  };
}

/** The empty span at a span's end: where something is missing. */
export function endOf(span: Span): Span {
  return { source: span.source, start: span.end, end: span.end };
}
