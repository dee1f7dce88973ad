/** A directory that holds a standard library. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { configurationErrors as e } from "../diagnostics/catalogue/configuration.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import type { LibraryFile } from "../policy/load.ts";
import { parse } from "../syntax/parse.ts";
import { filesBelow, readUtf8 } from "./io.ts";

/** Whether a path is a directory of such files: the list of credentials is in each version. */
export function isLibrary(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory() && existsSync(join(path, "credentials.mcp"));
}

/** Its files, or what is wrong with one. */
export type ReadLibrary =
  | { readonly ok: true; readonly files: readonly LibraryFile[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Reads a standard library. */
export function readLibrary(directory: string): ReadLibrary {
  const files: LibraryFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const path of filesBelow(directory).filter((name) => name.endsWith(".mcp"))) {
    const name = join(directory, path);
    const read = readUtf8(name);
    if (!read.ok) {
      diagnostics.push(
        read.reason === "utf8"
          ? e.notUtf8.report({ path: name })
          : e.unreadable.report({ path: name, reason: read.reason }),
      );
      continue;
    }
    const source = { name, text: read.text };
    const { value, diagnostics: found } = parse(source);
    diagnostics.push(...found);
    files.push({ path, source, ast: value });
  }
  return hasErrors(diagnostics) ? { ok: false, diagnostics } : { ok: true, files };
}
