/** Sandbox profiles with one thing changed. */
import type { Edited } from "./edited.ts";

/** Every place of a text that an expression matches, changed by itself. */
function each(profile: string, what: string, from: RegExp, to: string): readonly Edited[] {
  return [...profile.matchAll(new RegExp(from.source, "g"))].map((match) => {
    const rest = profile.slice(match.index);
    return { what: `${what}: ${match[0]}`, text: profile.slice(0, match.index) + rest.replace(from, to) };
  });
}

/** A sandbox profile with one form of it changed. */
export function profileMutants(profile: string): readonly Edited[] {
  const one = (from: string) => new RegExp(from);
  const filter = '\\((?:literal|subpath) \\(param "\\w+"\\)\\)|\\(regex "(?:[^"\\\\]|\\\\.)*"\\)';
  return [
    ...each(profile, "an exception is lost", one(` \\(require-not (?:${filter})\\)`), ""),
    ...each(profile, "an exception is a condition", one(`\\(require-not (${filter})\\)`), "$1"),
    ...each(profile, "and is or", one("\\(require-all "), "(require-any "),
    ...each(profile, "a denial is an allow", one("\\(deny "), "(allow "),
    ...each(profile, "an allow is a denial", one("\\(allow file"), "(deny file"),
    ...each(profile, "a file is a tree", one("\\(literal "), "(subpath "),
    ...each(profile, "a tree is a file", one("\\(subpath "), "(literal "),
    ...each(profile, "a tree is a beginning", one("\\(subpath "), "(prefix "),
    ...each(
      profile,
      "a rule has no filter",
      one(`\\(allow ((?:file[a-z-]+ )+)(?:${filter})\\)`),
      "(allow $1)",
    ),
    ...each(
      profile,
      "a filter more",
      one("\\(allow ((?:file[a-z-]+ )+)\\("),
      "(allow $1(vnode-type DIRECTORY) (",
    ),
    ...each(profile, "a wildcard", one("\\bfile-read-data\\b"), "file*"),
    ...each(profile, "a type is lost", one(" \\(vnode-type CHARACTER-DEVICE\\)"), ""),
    ...each(profile, "an expression has no beginning", one('\\(regex "\\^'), '(regex "'),
    ...each(profile, "an expression has no end", one('\\$"\\)'), '")'),
    ...each(profile, "a point is any character", one("\\\\\\\\\\."), "."),
    ...each(profile, "a line is lost", one("\\n\\(if .*"), ""),
    ...each(profile, "another parameter", one('\\(param "P0"\\)'), '(param "P1")'),
    ...each(profile, "a parameter that is none", one('\\(param "P0"\\)'), '(param "Q")'),
  ];
}
