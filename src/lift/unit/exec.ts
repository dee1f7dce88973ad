/**
 * The commands of a unit.
 *
 * Source: systemd.service(5), "COMMAND LINES".
 */
import type { Reading } from "./paths.ts";
import type { Settings } from "./settings.ts";
import type { Assignment } from "./syntax.ts";
import { resolved, wordsOf } from "./words.ts";

/** Directives that start something. */
export const execKeys = [
  "ExecCondition",
  "ExecStartPre",
  "ExecStart",
  "ExecStartPost",
  "ExecReload",
  "ExecReloadPost",
  "ExecStop",
  "ExecStopPost",
] as const;

const prefixOf = (value: string): string => /^[@\-:+!|]*/.exec(value.replace(/^["']/, ""))?.[0] ?? "";

/** The commands that run with all privileges, outside of what confines the others: with `+`, `!` or `!!`. */
export function commandsOutside(settings: Settings): readonly Assignment[] {
  return execKeys.flatMap((key) => settings.list(key).filter(({ value }) => /[+!]/.test(prefixOf(value))));
}

/** The words of the program's command; undefined where a variable or a specifier stands in them, or there is none. */
export function commandOf({ settings, specifiers }: Reading): readonly string[] | undefined {
  const at = settings.list("ExecStart").at(-1);
  if (!at) return undefined;
  const prefix = prefixOf(at.value);
  const { words, broken } = wordsOf(at.value.slice(at.value.indexOf(prefix) + prefix.length), {
    escapes: true,
  });
  if (broken) {
    settings.find(at, "a quote or an escape is broken");
    return undefined;
  }
  const plain = words.map((word) => resolved(word, specifiers));
  // `$` stands for variables unless the command has the prefix `:`.
  if (!prefix.includes(":") && words.some((word) => /(?:^|[^$])(?:\$\$)*\$(?!\$)/.test(word)))
    return undefined;
  if (plain.some((word) => word === undefined)) return undefined;
  return plain.map((word) => (prefix.includes(":") ? (word ?? "") : (word ?? "").replaceAll("$$", "$")));
}
