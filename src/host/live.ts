/** The host itself: answers read from the file system. The only place, with `elf.ts` and `walk.ts`, that does. */
import { accessSync, constants, lstatSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { readElf } from "./elf.ts";
import type { FileType, Host, HostMatch, Lookup, PackageManifest } from "./host.ts";
import { isPlain, isWithin, matchesPattern, reachesInto } from "./patterns.ts";
import { walk } from "./walk.ts";

/** What a stat says a path is. */
export function typeOf(stats: Stats): FileType {
  if (stats.isDirectory()) return "directory";
  if (stats.isFile()) return "file";
  if (stats.isSocket()) return "socket";
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return "device";
  return "other";
}

const errorCode = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "EUNKNOWN";

// As the kernel's own limit on the links of one path (MAXSYMLINKS, include/linux/namei.h).
const maxLinks = 40;

/**
 * Links that lead elsewhere for each process that asks (proc(5)): followed here, they would name the compiler's own
 * process. They mean what they are called, and so does everything below them.
 */
const perProcess = /^\/proc\/(?:self|thread-self)$/;

/** Resolves component by component, so that what does not exist is still resolved as far as it does. */
function resolveLinks(path: string): { readonly path: string; readonly absent: boolean } {
  let pending = path.split("/").filter((part) => part !== "");
  let at = "";
  let links = 0;
  while (pending.length > 0) {
    const [next = "", ...rest] = pending;
    pending = rest;
    if (next === "..") {
      at = at.slice(0, at.lastIndexOf("/"));
      continue;
    }
    const candidate = `${at}/${next}`;
    let stats: Stats;
    try {
      stats = lstatSync(candidate);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      return { path: resolve("/", `${candidate}/${rest.join("/")}`), absent: true };
    }
    if (perProcess.test(candidate))
      return { path: resolve("/", `${candidate}/${rest.join("/")}`), absent: false };
    if (!stats.isSymbolicLink()) {
      at = candidate;
      continue;
    }
    if (++links > maxLinks) throw Object.assign(new Error("too many links"), { code: "ELOOP" });
    const target = readlinkSync(candidate);
    if (target.startsWith("/")) at = "";
    pending = [...target.split("/").filter((part) => part !== "" && part !== "."), ...rest];
  }
  return { path: at === "" ? "/" : at, absent: false };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function lookup(path: string): Lookup {
  try {
    const resolved = resolveLinks(path);
    if (resolved.absent) return { kind: "absent", path: resolved.path };
    const stats = statSync(resolved.path, { throwIfNoEntry: false });
    if (!stats) return { kind: "absent", path: resolved.path };
    return {
      kind: "found",
      path: resolved.path,
      type: typeOf(stats),
      uid: stats.uid,
      gid: stats.gid,
      executable: stats.isFile() && isExecutable(resolved.path),
    };
  } catch (error) {
    if (errorCode(error) === "ENOTDIR") return { kind: "absent", path };
    return { kind: "unknown", reason: errorCode(error) };
  }
}

function which(command: string): string | undefined {
  const directories = (process.env.PATH ?? "").split(delimiter).filter((d) => d.startsWith("/"));
  for (const directory of directories) {
    const candidate = join(directory, command);
    const found = lookup(candidate);
    if (found.kind === "found" && found.executable) return candidate;
  }
  return undefined;
}

function user(name: string): { uid: number; gid: number } | undefined {
  let text: string;
  try {
    text = readFileSync("/etc/passwd", "utf8");
  } catch {
    return undefined;
  }
  for (const line of text.split("\n")) {
    const [login, , uid, gid] = line.split(":");
    if (login === name) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

function manifest(directory: string): PackageManifest | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { name, bin } = parsed as { name?: unknown; bin?: unknown };
  const commands: Record<string, string> = {};
  if (typeof bin === "string" && typeof name === "string") commands[name.replace(/^@[^/]*\//, "")] = bin;
  else if (typeof bin === "object" && bin !== null) {
    for (const [key, value] of Object.entries(bin)) if (typeof value === "string") commands[key] = value;
  }
  return { ...(typeof name === "string" && { name }), bin: commands };
}

const treeLibraries = new WeakMap<readonly HostMatch[], readonly string[]>();

/** Libraries of a file, or of the files of a directory; all of them lie in `/`, which is not searched for nothing. */
function libraries(path: string): readonly string[] | undefined {
  if (path === "/") return undefined;
  const tree = walk(path);
  if (tree[0]?.type !== "directory") return readElf(path);
  const known = treeLibraries.get(tree) ?? librariesOutside(path, tree);
  treeLibraries.set(tree, known);
  return known.length === 0 ? undefined : known;
}

function librariesOutside(directory: string, tree: readonly HostMatch[]): readonly string[] {
  const found = tree.flatMap(({ path, type }) => (type === "file" ? (readElf(path) ?? []) : []));
  return [...new Set(found)].filter((library) => !isWithin(library, directory)).sort();
}

/** Answers from the file system of this machine. */
export function liveHost(): Host {
  const sorted = (paths: readonly string[]): string[] => [...paths].sort();
  return {
    lookup,
    matches: (pattern, within) => {
      if (isPlain(pattern)) {
        if (!reachesInto(pattern, within)) return [];
        const found = lookup(pattern);
        return found.kind === "found" ? [{ path: pattern, type: found.type }] : [];
      }
      return walk(within)
        .filter((entry) => matchesPattern(pattern, entry.path))
        .map(({ path, type }) => ({ path, type }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    sockets: (within) =>
      sorted(
        walk(within)
          .filter((e) => e.type === "socket")
          .map((e) => e.path),
      ),
    addons: (within) =>
      sorted(
        walk(within)
          .filter((e) => e.type === "file" && /\.(?:node|so(?:\.[0-9]+)*)$/.test(e.path))
          .map((e) => e.path),
      ),
    libraries,
    which,
    user,
    manifest,
  };
}
