/**
 * Values that are lists of paths.
 *
 * Source: `config_parse_namespace_path_strv`, `config_parse_bind_paths`, `config_parse_temporary_file_systems` in
 * src/core/load-fragment.c; `path_simplify_and_warn` in src/basic/path-util.c.
 */
import type { Settings } from "./settings.ts";
import type { Assignment } from "./syntax.ts";
import { colonWordsOf, resolved, wordsOf } from "./words.ts";

/** What reads values: the settings, and what specifiers stand for. */
export interface Reading {
  readonly settings: Settings;
  readonly specifiers: ReadonlyMap<string, string>;
}

/** A path of a list, with what stands before it. */
export interface ListedPath {
  readonly path: string;
  /** `-`: passed over when nothing is there. */
  readonly optional: boolean;
  /** `+`: below the unit's own root. */
  readonly inRoot: boolean;
}

/** A bind mount; `path` is where it is seen. */
export interface Bind {
  readonly source: string;
  readonly path: string;
  readonly optional: boolean;
}

/** A path as systemd simplifies it; undefined where it refuses it. */
export function simplified(path: string): string | undefined {
  if (!path.startsWith("/") || path.includes("\0")) return undefined;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return undefined;
  return `/${parts.join("/")}`;
}

/** Unknown: a specifier that is not resolved here. */
export type Unknown = "unknown";

/** A word as a path; undefined, with a finding, where systemd passes over it. */
function pathOf(
  { settings, specifiers }: Reading,
  at: Assignment,
  word: string,
): string | Unknown | undefined {
  const text = resolved(word, specifiers);
  if (text === undefined) {
    settings.find(at, `\`${word}\` has a specifier whose value is not known here`);
    return "unknown";
  }
  const path = simplified(text);
  if (path === undefined)
    settings.find(at, `systemd ignores \`${word}\` in \`${at.key}=\`: it is no normal absolute path`);
  return path;
}

function broken(settings: Settings, at: Assignment): void {
  settings.find(at, `systemd ignores the rest of \`${at.key}=\`: a quote or an escape is broken`);
}

/** The paths of a list; those with unknown specifiers are counted apart. */
export function pathList(
  reading: Reading,
  key: string,
): { readonly paths: readonly ListedPath[]; readonly unknown: boolean } {
  const paths: ListedPath[] = [];
  let unknown = false;
  for (const at of reading.settings.list(key)) {
    const { words, broken: isBroken } = wordsOf(at.value);
    if (isBroken) broken(reading.settings, at);
    for (const word of words) {
      const [, minus = "", plus = "", rest = ""] = /^(-?)(\+?)(.*)$/s.exec(word) ?? [];
      const path = pathOf(reading, at, rest);
      if (path === "unknown") unknown = true;
      else if (path !== undefined) paths.push({ path, optional: minus !== "", inRoot: plus !== "" });
    }
  }
  return { paths, unknown };
}

/** The mounts of BindPaths= and its like. */
export function bindList(
  reading: Reading,
  key: string,
): { readonly binds: readonly Bind[]; readonly unknown: boolean } {
  const binds: Bind[] = [];
  let unknown = false;
  for (const at of reading.settings.list(key)) {
    const { items, broken: isBroken } = colonWordsOf(at.value);
    if (isBroken) broken(reading.settings, at);
    for (const [word = "", target, options] of items) {
      const optional = word.startsWith("-");
      const source = pathOf(reading, at, optional ? word.slice(1) : word);
      const path = target === undefined ? source : pathOf(reading, at, target);
      if (options !== undefined && !["", "rbind", "norbind"].includes(options)) {
        reading.settings.find(at, `systemd ignores the mount with the option \`${options}\``);
        continue;
      }
      if (source === "unknown" || path === "unknown") unknown = true;
      else if (source !== undefined && path !== undefined) binds.push({ source, path, optional });
    }
  }
  return { binds, unknown };
}

/** A tmpfs. */
export interface Tmpfs {
  readonly path: string;
  readonly readOnly: boolean;
  /** Its size in bytes; undefined when it has none that is known. */
  readonly bytes?: number;
}

const sizeFactor: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** The file systems of TemporaryFileSystem=. */
export function tmpfsList(reading: Reading): readonly Tmpfs[] {
  const out: Tmpfs[] = [];
  for (const at of reading.settings.list("TemporaryFileSystem")) {
    const { words, broken: isBroken } = wordsOf(at.value);
    if (isBroken) broken(reading.settings, at);
    for (const word of words) {
      const colon = word.indexOf(":");
      const path = pathOf(reading, at, colon === -1 ? word : word.slice(0, colon));
      if (path === undefined || path === "unknown") continue;
      const options = colon === -1 ? [] : word.slice(colon + 1).split(",");
      const [, number, factor = ""] =
        /^size=(\d+)([kmg]?)$/i.exec(options.findLast((o) => o.startsWith("size=")) ?? "") ?? [];
      const bytes = number === undefined ? 0 : Number(number) * (sizeFactor[factor.toLowerCase()] ?? 1);
      const readOnly = options.findLast((o) => o === "ro" || o === "rw") === "ro";
      // A size of 0 is none (tmpfs(5)).
      out.push({ path, readOnly, ...(bytes > 0 && { bytes }) });
    }
  }
  return out;
}
