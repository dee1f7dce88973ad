/** Quoting in unit files: systemd.syntax(7), systemd.service(5) "COMMAND LINES", systemd.unit(5) "SPECIFIERS". */
import { type Escaped, notAnArgument, notAPath } from "../escape/text.ts";

const named: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
  "%": "%%",
};

/** A word of ExecStart= or Environment=, double-quoted, `%` doubled; `$` is left to the `:` prefix of ExecStart. */
export function unitWord(text: string): Escaped {
  const reason = notAnArgument(text);
  if (reason !== undefined) return { ok: false, reason };
  const value = text.replace(
    /[\u0000-\u001f\u007f"\\%]/g,
    (c) => named[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  // A line of a unit file holds at most a mebibyte (LONG_LINE_MAX).
  if (value.length > 500_000) return { ok: false, reason: "it is too long for a line of a unit file" };
  return { ok: true, value: `"${value}"` };
}

/** A path in a list of paths, double-quoted. */
export function unitPath(path: string): Escaped {
  const reason = notAPath(path);
  if (reason !== undefined) return { ok: false, reason };
  return { ok: true, value: `"${path.replace(/["\\]/g, "\\$&").replaceAll("%", "%%")}"` };
}

/** Source or destination in BindPaths= and its like, where a colon separates. */
export function unitBindPath(path: string): Escaped {
  const reason = notAPath(path);
  if (reason !== undefined) return { ok: false, reason };
  return { ok: true, value: path.replace(/["\\: ']/g, "\\$&").replaceAll("%", "%%") };
}

/** A path that takes the whole line, as WorkingDirectory= does: quotes would be part of it. */
export function unitLinePath(path: string): Escaped {
  const reason =
    notAPath(path) ??
    (/^\s|\s$|\\$/.test(path) ? "it begins or ends with white space, or ends with a backslash" : undefined);
  return reason === undefined ? { ok: true, value: path.replaceAll("%", "%%") } : { ok: false, reason };
}
