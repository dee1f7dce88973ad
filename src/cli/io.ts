/** The command line's doors to the file system and the process. */
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Artifact } from "../compile/compile.ts";
import type { ReadImport } from "../policy/load.ts";

/** SHA-256 of a text, hexadecimal. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Makes a directory and those above it. Node's own `recursive` never returns where the kernel answers ENOENT for a
 * directory whose parent exists, as in /proc.
 * @throws what mkdir(2) answers
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || existsSync(dirname(path))) throw error;
    makeDirectory(dirname(path));
    mkdirSync(path);
  }
}

/** A file's text, or why it can't be read. */
export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: "utf8" | string };

/** Reads a file as UTF-8; invalid bytes are an error, never replaced. */
export function readUtf8(path: string | 0): ReadText {
  try {
    const bytes = readFileSync(path);
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof TypeError) return { ok: false, reason: "utf8" };
    return { ok: false, reason: reasonOf(error) };
  }
}

/** A system error in words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Readonly<Record<string, string>> = {
    ENOENT: "it does not exist",
    EACCES: "permission is denied",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of its path is no directory",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
    ELOOP: "its symlinks lead in a circle",
  };
  return (code && words[code]) ?? (error instanceof Error ? error.message : String(error));
}

/** Reads imported policies. */
export const readImport: ReadImport = (path) => {
  const read = readUtf8(path);
  if (!read.ok) return { ok: false, reason: read.reason === "utf8" ? "it is not valid UTF-8" : read.reason };
  return { ok: true, path: realpathSync(path), text: read.text };
};

/** Files below a directory, relative; empty when there is none. */
export function filesBelow(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  const out: string[] = [];
  const visit = (relative: string): void => {
    for (const entry of readdirSync(join(directory, relative), { withFileTypes: true })) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else out.push(path);
    }
  };
  visit("");
  return out.sort();
}

/**
 * Writes a server's artifacts whole or not at all: into a new directory beside the old one of each target, which the
 * new one then replaces. Returns why not, if not.
 */
export function writeServer(out: string, artifacts: readonly Artifact[]): string | undefined {
  const suffix = randomBytes(6).toString("hex");
  const targets = [...new Set(artifacts.map((a) => `${a.server}/${a.target}`))];
  const staged = targets.map((target) => ({
    final: join(out, target),
    fresh: join(out, `${target}.new-${suffix}`),
    old: join(out, `${target}.old-${suffix}`),
  }));
  const discard = (): void => {
    for (const { fresh } of staged) rmSync(fresh, { recursive: true, force: true });
  };
  try {
    for (const artifact of artifacts) {
      const target = `${artifact.server}/${artifact.target}`;
      const path = join(out, `${target}.new-${suffix}`, artifact.path.slice(target.length + 1));
      makeDirectory(dirname(path));
      writeFileSync(path, artifact.content, { mode: artifact.executable ? 0o755 : 0o644, flag: "wx" });
      // What was proven is a text: only if the disk gives it back may it take the old one's place.
      if (readFileSync(path, "utf8") !== artifact.content)
        throw new Error("the disk gives back other bytes than were written");
    }
  } catch (error) {
    discard();
    return reasonOf(error);
  }
  const moved: typeof staged = [];
  try {
    for (const stage of staged) {
      if (isThere(stage.final)) renameSync(stage.final, stage.old);
      moved.push(stage);
      renameSync(stage.fresh, stage.final);
    }
  } catch (error) {
    for (const { final, old } of moved) {
      if (!isThere(old)) continue;
      rmSync(final, { recursive: true, force: true });
      renameSync(old, final);
    }
    discard();
    return reasonOf(error);
  }
  for (const { old } of staged) rmSync(old, { recursive: true, force: true });
  return undefined;
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
