import type { Span } from "./span.ts";

/** A replacement of a span's text. */
export interface TextEdit {
  readonly span: Span;
  readonly newText: string;
}

/**
 * The text with all edits made; edits are of one source.
 * @throws RangeError when two edits overlap: which one should win is nobody's to guess.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let at = 0;
  let out = "";
  for (const { span, newText } of sorted) {
    if (span.start < at) throw new RangeError(`edits overlap at offset ${span.start}`);
    out += text.slice(at, span.start) + newText;
    at = span.end;
  }
  return out + text.slice(at);
}
