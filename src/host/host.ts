/**
 * The one door to the host: questions whose answers decide what a policy means on this machine. Answers are recorded
 * (`recording.ts`), and a recording answers in the host's place (`snapshot.ts`), so that the same policy and the same
 * snapshot give the same bytes on every machine.
 */

/** What a path is. */
export type FileType = "directory" | "file" | "socket" | "device" | "other";

/** What is at a path, symlinks resolved. */
export type Lookup =
  | {
      readonly kind: "found";
      /** The resolved path. */
      readonly path: string;
      readonly type: FileType;
      readonly uid: number;
      readonly gid: number;
      readonly executable: boolean;
    }
  /** Nothing is there; `path` is resolved as far as it exists. */
  | { readonly kind: "absent"; readonly path: string }
  /** It can't be told: permission, a loop. */
  | { readonly kind: "unknown"; readonly reason: string };

/** A path that a pattern matched. */
export interface HostMatch {
  readonly path: string;
  readonly type: FileType;
}

/** What a package.json says that matters here. */
export interface PackageManifest {
  readonly name?: string;
  /** Commands that the package installs: name to file, relative to the package. */
  readonly bin: Readonly<Record<string, string>>;
}

/** The questions. All paths are absolute and normalised. */
export interface Host {
  readonly lookup: (path: string) => Lookup;
  /** Existing paths at or below `within` that a pattern matches; symlinks are not followed. Sorted. */
  readonly matches: (pattern: string, within: string) => readonly HostMatch[];
  /** Sockets at or below a directory. Sorted. */
  readonly sockets: (within: string) => readonly string[];
  /** Native addons and shared libraries (`*.node`, `*.so`, `*.so.N`) at or below a directory. Sorted. */
  readonly addons: (within: string) => readonly string[];
  /**
   * The interpreter and the libraries of a dynamic ELF file, resolved; undefined when it is none. Of a directory: those
   * of all ELF files at any depth, as far as they lie outside of it.
   */
  readonly libraries: (path: string) => readonly string[] | undefined;
  /** A command found on the search path. */
  readonly which: (command: string) => string | undefined;
  /** A user of the host's database. */
  readonly user: (name: string) => { readonly uid: number; readonly gid: number } | undefined;
  /** The package.json in a directory. */
  readonly manifest: (directory: string) => PackageManifest | undefined;
}

/** The names of the questions. */
export const questions = [
  "lookup",
  "matches",
  "sockets",
  "addons",
  "libraries",
  "which",
  "user",
  "manifest",
] as const satisfies readonly (keyof Host)[];
