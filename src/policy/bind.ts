/** Binding: from a path as it is written to an absolute one. */
import type { PathNode } from "../syntax/ast.ts";
import { joinBelow, normalizePath } from "./paths.ts";

/** What `./` and `~/` mean. */
export interface Binding {
  /** The directory of the file that writes the path. */
  readonly directory: string;
  readonly home: string;
}

/** An absolute path or pattern, or why it can't be bound. */
export type Bound =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: string };

/** Leading `../` of a relative path are climbed on purpose; any other `..` must stay below where its path begins. */
function bindRelative(directory: string, text: string): string | undefined {
  const climbs = /^(?:\.\.\/)*/.exec(text)?.[0] ?? "";
  const start = normalizePath(`${directory}/${climbs}`);
  return start === undefined ? undefined : joinBelow(start, text.slice(climbs.length));
}

/** Binds a path. */
export function bindPath(text: string, anchor: PathNode["anchor"], binding: Binding): Bound {
  const path =
    anchor === "root"
      ? normalizePath(text)
      : anchor === "home"
        ? joinBelow(binding.home, text.slice(2))
        : anchor === "relative"
          ? bindRelative(binding.directory, text)
          : normalizePath(text.startsWith("**") ? `/${text}` : `/**/${text}`);
  return path === undefined
    ? { ok: false, reason: "its `..` leads above the place where it begins" }
    : { ok: true, path };
}

/** Binds a word of `run` that begins unquoted like a path; other words are passed as they are. */
export function bindWord(text: string, startsQuoted: boolean, binding: Binding): Bound {
  if (startsQuoted) return { ok: true, path: text };
  if (text.startsWith("./") || text.startsWith("../")) return bindPath(text, "relative", binding);
  if (text.startsWith("~/")) return bindPath(text, "home", binding);
  return { ok: true, path: text };
}
