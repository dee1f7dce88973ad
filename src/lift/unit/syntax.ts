/**
 * Lines of unit files, as systemd reads them: what is no assignment in a section is skipped, with a warning nobody reads.
 *
 * Source: systemd.syntax(7); `config_parse` and `parse_line` in src/shared/conf-parser.c, `read_line` in src/basic/fileio.c.
 */

import type { Finding } from "../finding.ts";

/** An assignment. */
export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** What a file says. */
export interface UnitLines {
  readonly assignments: readonly Assignment[];
  readonly findings: readonly Finding[];
}

// LONG_LINE_MAX.
const longestLine = 1 << 20;

/** Lines end with LF, CR or NUL, or with several of them that differ. */
function linesOf(text: string): readonly string[] {
  const out: string[] = [];
  const end = /[\n\r\0]/g;
  for (let from = 0; from < text.length; from = end.lastIndex) {
    end.lastIndex = from;
    const first = end.exec(text);
    if (!first) return [...out, text.slice(from)];
    out.push(text.slice(from, first.index));
    let ends = first[0];
    for (let c = text.charAt(end.lastIndex); "\n\r\0".includes(c) && !ends.includes(c); ) {
      ends += c;
      end.lastIndex++;
      c = text.charAt(end.lastIndex);
    }
  }
  return out;
}

const strip = (text: string): string => text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, "");

/** Whether a line goes on: it ends with a backslash that is not itself behind one. */
function continues(line: string): boolean {
  const run = /\\+$/.exec(line)?.[0].length ?? 0;
  return run % 2 === 1;
}

interface Logical {
  readonly text: string;
  readonly line: number;
}

function logicalLines(text: string): readonly Logical[] {
  const out: Logical[] = [];
  let pending: Logical | undefined;
  for (const [at, line] of linesOf(text.replace(/^\ufeff/, "")).entries()) {
    // A comment between continued lines is skipped too.
    if (/^[ \t\n\r]*[#;]/.test(line)) continue;
    const joined: Logical = { text: (pending?.text ?? "") + line, line: pending?.line ?? at + 1 };
    pending = continues(joined.text) ? { ...joined, text: `${joined.text.slice(0, -1)} ` } : undefined;
    if (!pending) out.push(joined);
  }
  return pending ? [...out, pending] : out;
}

/** Reads a file. A broken section header ends it: systemd drops what follows in a drop-in, and refuses a unit. */
export function readUnitLines(text: string, file: string): UnitLines {
  const assignments: Assignment[] = [];
  const findings: Finding[] = [];
  let section: string | undefined;
  for (const { text: raw, line } of logicalLines(text)) {
    const find = (message: string): void => {
      findings.push({ file, line, message });
    };
    const content = strip(raw);
    if (content === "") continue;
    if (raw.length > longestLine) {
      find("a line of more than a mebibyte: systemd stops reading here");
      break;
    }
    if (content.startsWith("[")) {
      if (!/^\[[^\x00-\x1f\x7f]*\]$/.test(content)) {
        find("a broken section header: systemd stops reading here");
        break;
      }
      section = content.slice(1, -1);
      continue;
    }
    const equals = content.indexOf("=");
    if (equals === -1) find("no `=`: systemd ignores the line");
    else if (section === undefined) find("an assignment outside of any section: systemd ignores it");
    else {
      const key = strip(content.slice(0, equals));
      assignments.push({ section, key, value: strip(content.slice(equals + 1)), file, line });
    }
  }
  return { assignments, findings };
}
