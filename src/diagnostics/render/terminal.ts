/** Diagnostics for people: the text quoted, the places marked. */
import { lineText, positionAt } from "../../text/source.ts";
import type { Span } from "../../text/span.ts";
import type { Diagnostic, Label, Severity } from "../diagnostic.ts";

/** Colours, or none. */
export interface TerminalStyle {
  readonly color: boolean;
}

const codes = { error: "31;1", warning: "33;1", note: "36;1", frame: "34", bold: "1" } as const;

function paint(style: TerminalStyle, code: keyof typeof codes, text: string): string {
  return style.color ? `\u001b[${codes[code]}m${text}\u001b[0m` : text;
}

/** What a terminal would interpret is shown as its code. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

const expandTabs = (text: string): string => visible(text.replaceAll("\t", "    "));

/** One line of the source with its mark below. */
function frame(
  label: Label,
  mark: string,
  gutter: number,
  style: TerminalStyle,
  code: Severity | "frame",
): string[] {
  const { source, start, end } = label.span;
  const { line, column } = positionAt(source, start);
  const text = lineText(source, line);
  const before = expandTabs(text.slice(0, column - 1));
  const covered = expandTabs(text.slice(column - 1, column - 1 + Math.max(end - start, 0)));
  const width = Math.max([...covered].length, 1);
  const bar = paint(style, "frame", "|");
  const number = paint(style, "frame", String(line).padStart(gutter));
  const under = paint(style, code, mark.repeat(width) + (label.text ? ` ${label.text}` : ""));
  return [
    `${number} ${bar} ${expandTabs(text)}`,
    `${" ".repeat(gutter)} ${bar} ${" ".repeat([...before].length)}${under}`,
  ];
}

const place = ({ source, start }: Span): string => {
  const { line, column } = positionAt(source, start);
  return `${source.name}:${line}:${column}`;
};

/** One diagnostic as lines of text. */
export function renderDiagnostic(diagnostic: Diagnostic, style: TerminalStyle): string {
  const { severity, code, message, primary, related, notes, fixes, server } = diagnostic;
  const about = server === undefined ? "" : ` (server ${server})`;
  const out = [
    `${paint(style, severity, `${severity}[${code}]`)}${paint(style, "bold", `: ${visible(message)}`)}${about}`,
  ];
  const labels = [...(primary ? [primary] : []), ...related];
  const gutter = Math.max(
    ...labels.map((l) => String(positionAt(l.span.source, l.span.start).line).length),
    1,
  );
  const pad = " ".repeat(gutter);
  if (primary) {
    out.push(`${pad}${paint(style, "frame", "-->")} ${place(primary.span)}`);
    out.push(...frame(primary, "^", gutter, style, severity));
  }
  for (const label of related) {
    out.push(`${pad}${paint(style, "frame", "-->")} ${place(label.span)}`);
    out.push(...frame(label, "-", gutter, style, "frame"));
  }
  for (const note of notes) out.push(`${pad} ${paint(style, "frame", "=")} ${visible(note)}`);
  for (const fix of fixes) out.push(`${pad} ${paint(style, "frame", "=")} ${visible(fix.title)}`);
  return out.join("\n");
}

/** All of them, and a line that counts them. */
export function renderTerminal(
  diagnostics: readonly Diagnostic[],
  style: TerminalStyle = { color: false },
): string {
  if (diagnostics.length === 0) return "";
  const count = (severity: Severity): number => diagnostics.filter((d) => d.severity === severity).length;
  const parts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const n = count(severity);
    return n === 0 ? [] : [`${n} ${severity}${n === 1 ? "" : "s"}`];
  });
  return `${diagnostics.map((d) => renderDiagnostic(d, style)).join("\n\n")}\n\n${parts.join(", ")}\n`;
}
