/** Where paths lie: absolute ones, without repeated or closing slashes. */

/** Whether a path is a directory, or lies in it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || isBelow(path, directory);
}

/** Whether a path lies in a directory. */
export function isBelow(path: string, directory: string): boolean {
  const beginning = directory === "/" ? "/" : `${directory}/`;
  return path.startsWith(beginning) && path !== directory;
}
