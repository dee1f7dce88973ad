import { type Dirent, lstatSync, readdirSync } from "node:fs";
import type { HostMatch } from "./host.ts";

const trees = new Map<string, readonly HostMatch[]>();

function typeOfEntry(entry: Dirent): HostMatch["type"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  if (entry.isSocket()) return "socket";
  if (entry.isCharacterDevice() || entry.isBlockDevice()) return "device";
  return "other";
}

/**
 * All that exists at and below a path, symlinks not followed; a directory that can't be read counts as empty, since
 * what it holds can't be granted by who can't list it. Each tree is read once for a compile.
 */
export function walk(root: string): readonly HostMatch[] {
  const known = trees.get(root);
  if (known) return known;
  const out: HostMatch[] = [];
  try {
    const stats = lstatSync(root);
    out.push({
      path: root,
      type: stats.isDirectory()
        ? "directory"
        : stats.isFile()
          ? "file"
          : stats.isSocket()
            ? "socket"
            : "other",
    });
  } catch {
    return [];
  }
  const pending = out[0]?.type === "directory" ? [root] : [];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    let entries: Dirent[];
    try {
      entries = readdirSync(directory, { withFileTypes: true });
    } catch {
      continue;
    }
    for (const entry of entries) {
      const path = directory === "/" ? `/${entry.name}` : `${directory}/${entry.name}`;
      const type = typeOfEntry(entry);
      out.push({ path, type });
      if (type === "directory") pending.push(path);
    }
  }
  trees.set(root, out);
  return out;
}

/** Forgets the trees: the next question reads the file system again. */
export function forgetTrees(): void {
  trees.clear();
}
