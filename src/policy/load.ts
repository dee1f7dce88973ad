/** Loading: a policy, its imports, and what each declares, by name. */

import { nameErrors as e } from "../diagnostics/catalogue/names.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { isWithin } from "../host/patterns.ts";
import type { BlockDeclaration, GroupDeclaration, PolicyFile } from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";
import type { Source } from "../text/source.ts";
import type { Span } from "../text/span.ts";
import { normalizePath, parentOf } from "./paths.ts";
import { stdFiles } from "./std.generated.ts";
import { stdAst } from "./std-ast.ts";

/** A parsed file and where it lies. */
export interface LoadedFile {
  /** Absolute, resolved; for the standard library `std:` and its path there. */
  readonly path: string;
  /** What `./` means in it. */
  readonly directory: string;
  readonly source: Source;
  readonly ast: PolicyFile;
  /** The SHA-256 of its text, hexadecimal. */
  readonly hash: string;
  readonly isStd: boolean;
}

/** A declaration and the file that holds it. */
export interface Declared<D> {
  readonly declaration: D;
  readonly file: LoadedFile;
}

/** The names that a policy can use. */
export interface Scope {
  readonly profiles: ReadonlyMap<string, Declared<BlockDeclaration>>;
  readonly groups: ReadonlyMap<string, Declared<GroupDeclaration>>;
}

/** A policy file with all that it imports. */
export interface LoadedPolicy extends Scope {
  readonly main: LoadedFile;
  /** In the order of import, without `main`. */
  readonly imports: readonly LoadedFile[];
  readonly servers: readonly Declared<BlockDeclaration>[];
}

/** How imported files are read: the text, with the path resolved, or why there is none. */
export type ReadImport = (
  path: string,
) =>
  | { readonly ok: true; readonly path: string; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** What loading needs. */
export interface LoadOptions {
  readonly main: { readonly path: string; readonly source: Source };
  readonly root: string;
  /** Directories, beside the root, that imports may lie in. */
  readonly include: readonly string[];
  readonly readImport: ReadImport;
  /** SHA-256 of a text, hexadecimal. */
  readonly hash: (text: string) => string;
}

/** The standard library for one platform. */
export interface StandardLibrary extends Scope {
  readonly platform: "linux" | "macos";
}

/** Its version: raised whenever a profile or a group there grants other than before. */
export const stdVersion = 1;

/** A file of a standard library, parsed. */
export interface LibraryFile {
  /** Below the library's directory; what lies in a directory `linux` or `macos` holds for that platform only. */
  readonly path: string;
  readonly source: Source;
  readonly ast: PolicyFile;
}

/** The standard library that some files make for one platform. */
export function libraryOf(files: readonly LibraryFile[], platform: "linux" | "macos"): StandardLibrary {
  const profiles = new Map<string, Declared<BlockDeclaration>>();
  const groups = new Map<string, Declared<GroupDeclaration>>();
  for (const { path, source, ast } of files) {
    if (path.includes("/") && !path.startsWith(`${platform}/`)) continue;
    const file = { path: `std:${path}`, directory: "/", source, ast, hash: "", isStd: true };
    for (const declaration of ast.declarations) {
      if (declaration.kind === "profile") profiles.set(declaration.name.text, { declaration, file });
      if (declaration.kind === "group") groups.set(declaration.name.text, { declaration, file });
    }
  }
  return { platform, profiles, groups };
}

const libraries = new Map<string, StandardLibrary>();

/** The standard library; unpacked on first use. Its files are tested to hold no errors. */
export function standardLibrary(platform: "linux" | "macos"): StandardLibrary {
  const known = libraries.get(platform);
  if (known) return known;
  const files = Object.entries(stdFiles).map(([path, text]): LibraryFile => {
    const source = { name: `std:${path}`, text };
    return { path, source, ast: stdAst(path, source) };
  });
  const library = libraryOf(files, platform);
  libraries.set(platform, library);
  return library;
}

interface Pending {
  readonly diagnostics: Diagnostic[];
  readonly files: LoadedFile[];
  readonly options: LoadOptions;
}

function importFile(
  pending: Pending,
  from: LoadedFile,
  text: string,
  at: Span,
  ring: readonly string[],
): undefined {
  const { options, diagnostics, files } = pending;
  const fail = (reason: string): undefined => {
    diagnostics.push(e.importFailed.report({ path: text, reason }, { at }));
  };
  if (!/^\.\.?\//.test(text)) return fail("an import is a relative path, beginning with `./` or `../`");
  if (!text.endsWith(".mcp")) return fail("the file's name must end in `.mcp`");
  const wanted = normalizePath(`${from.directory}/${text}`);
  if (wanted === undefined) return fail("the path leaves the file system");
  const read = options.readImport(wanted);
  if (!read.ok) return fail(read.reason);
  if (![options.root, ...options.include].some((directory) => isWithin(read.path, directory))) {
    return fail(
      `it lies at ${read.path}, which is not below ${options.root}; \`--include DIR\` allows another place`,
    );
  }
  if (ring.includes(read.path)) {
    const names = [...ring.slice(ring.indexOf(read.path)), read.path].map((p) =>
      p.slice(p.lastIndexOf("/") + 1),
    );
    diagnostics.push(e.importCycle.report({ ring: names.join(" → ") }, { at }));
    return undefined;
  }
  if (files.some((file) => file.path === read.path)) return undefined;
  loadFile(
    pending,
    { path: read.path, source: { name: relativeName(options, read.path), text: read.text } },
    ring,
  );
}

function relativeName(options: LoadOptions, path: string): string {
  const directory = parentOf(options.main.path);
  return isWithin(path, directory) ? path.slice(directory.length).replace(/^\//, "") : path;
}

function loadFile(
  pending: Pending,
  file: { path: string; source: Source },
  ring: readonly string[],
): LoadedFile {
  const { value: ast, diagnostics } = parse(file.source);
  pending.diagnostics.push(...diagnostics);
  const loaded: LoadedFile = {
    path: file.path,
    directory: parentOf(file.path),
    source: file.source,
    ast,
    hash: pending.options.hash(file.source.text),
    isStd: false,
  };
  pending.files.push(loaded);
  for (const declaration of ast.declarations) {
    if (declaration.kind !== "import") continue;
    importFile(pending, loaded, declaration.path.text, declaration.span, [...ring, file.path]);
  }
  return loaded;
}

function declare<D extends BlockDeclaration | GroupDeclaration>(
  names: Map<string, Declared<D>>,
  kind: string,
  declared: Declared<D>,
  diagnostics: Diagnostic[],
): void {
  const { name } = declared.declaration;
  const first = names.get(name.text);
  if (!first) {
    names.set(name.text, declared);
    return;
  }
  const related = [{ span: first.declaration.name.span, text: "first here" }];
  diagnostics.push(e.duplicateName.report({ kind, name: name.text }, { at: name.span, related }));
}

/** Loads a policy and what it imports. */
export function loadPolicy(options: LoadOptions): {
  readonly policy: LoadedPolicy;
  readonly diagnostics: readonly Diagnostic[];
} {
  const pending: Pending = { diagnostics: [], files: [], options };
  const main = loadFile(pending, options.main, []);
  const profiles = new Map<string, Declared<BlockDeclaration>>();
  const groups = new Map<string, Declared<GroupDeclaration>>();
  const servers = new Map<string, Declared<BlockDeclaration>>();
  for (const file of pending.files) {
    for (const declaration of file.ast.declarations) {
      if (declaration.kind === "profile")
        declare(profiles, "profile", { declaration, file }, pending.diagnostics);
      if (declaration.kind === "group") declare(groups, "group", { declaration, file }, pending.diagnostics);
      // What an imported file says of servers is for whoever compiles that file.
      if (declaration.kind === "server" && file === main)
        declare(servers, "server", { declaration, file }, pending.diagnostics);
    }
  }
  const policy = { main, imports: pending.files.slice(1), profiles, groups, servers: [...servers.values()] };
  return { policy, diagnostics: pending.diagnostics };
}
