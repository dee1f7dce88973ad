/** SBPL's strings and regular expressions. */

/** A string literal: SBPL drops the backslash of escapes that it does not know, so only these two are used. */
export function sbplString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

const special = /[\^.[\]$()|*+?{}\\]/g;

/**
 * A policy's pattern as a regular expression that matches what it covers: the match and all below it. AppleMatch knows
 * `^ $ . [] () | * + ?` and nothing newer.
 */
export function patternRegex(pattern: string): string {
  let out = "^";
  for (const part of pattern.split("/").slice(1)) {
    if (part === "**") out += "(/[^/]+)*";
    else
      out += `/${part
        .split("*")
        .map((piece) => piece.replace(special, "\\$&"))
        .join("[^/]*")}`;
  }
  return `${out}(/.*)?$`;
}
