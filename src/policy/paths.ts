/** Absolute paths as text. */

/** Normalises an absolute path: `.`, `//` and `..` are resolved; undefined when `..` leads above `/`. */
export function normalizePath(path: string): string | undefined {
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") out.push(part);
    else if (out.pop() === undefined) return undefined;
  }
  return `/${out.join("/")}`;
}

/** Joins a relative path to a directory; undefined when it leads above where it began. */
export function joinBelow(directory: string, relative: string): string | undefined {
  const below = normalizePath(`/${relative}`);
  if (below === undefined) return undefined;
  return below === "/" ? directory : directory === "/" ? below : `${directory}${below}`;
}

/** The directory that holds a path; `/` holds itself. */
export function parentOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at <= 0 ? "/" : path.slice(0, at);
}

/** The last component of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A path below a directory. */
export function childOf(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}
