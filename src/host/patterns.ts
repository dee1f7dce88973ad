/** Path patterns: absolute, `*` within a component, `**` for any number of components. */

const escapeLiteral = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a pattern is a plain path. */
export function isPlain(pattern: string): boolean {
  return !pattern.includes("*");
}

const compiled = new Map<string, RegExp>();

/** The regular expression that a whole path must match. */
export function patternExpression(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  let source = "";
  for (const part of pattern.split("/").slice(1)) {
    if (part === "**") source += "(?:/[^/]+)*";
    else source += `/${part.split("*").map(escapeLiteral).join("[^/]*")}`;
  }
  const expression = new RegExp(`^${source || "/"}$`, "s");
  compiled.set(pattern, expression);
  return expression;
}

/** The directory that everything a pattern matches is, or lies in: what stands before its first `*`. */
function plainBeginning(pattern: string): string {
  return pattern.slice(0, pattern.lastIndexOf("/", pattern.indexOf("*"))) || "/";
}

/** Whether a pattern matches a path itself (not merely something above it). */
export function matchesPattern(pattern: string, path: string): boolean {
  if (isPlain(pattern)) return pattern === path;
  // Most pairs end here, before a regular expression is made.
  return isWithin(path, plainBeginning(pattern)) && patternExpression(pattern).test(path);
}

const split = new Map<string, readonly string[]>();

/** The components of an absolute path or pattern; patterns are asked about many times. */
function componentsOf(path: string): readonly string[] {
  const known = split.get(path);
  if (known) return known;
  const parts = path === "/" ? [] : path.split("/").slice(1);
  split.set(path, parts);
  return parts;
}

/** The directories above a path, from `/` down, without the path itself. */
export function ancestors(path: string): readonly string[] {
  const out: string[] = [];
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1))
    out.unshift(path.slice(0, at));
  return path === "/" ? out : ["/", ...out];
}

/** Whether a pattern covers a path: matches it, or a directory above it. */
export function coversPath(pattern: string, path: string): boolean {
  if (isPlain(pattern)) return isWithin(path, pattern);
  if (!isWithin(path, plainBeginning(pattern))) return false;
  return matchesPattern(pattern, path) || ancestors(path).some((above) => matchesPattern(pattern, above));
}

/** Whether `path` is `directory` or below it, by component. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}

/** Whether `path` is strictly below `directory`. */
export function isBelow(path: string, directory: string): boolean {
  return path !== directory && isWithin(path, directory);
}

/**
 * Whether some path below (or at) a directory could match a pattern: whether the pattern reaches into the tree. Exact
 * for patterns without `**`, and for those with it as soon as what stands before `**` agrees with the directory.
 */
export function reachesInto(pattern: string, directory: string): boolean {
  const parts = componentsOf(pattern);
  const above = componentsOf(directory);
  for (let index = 0; index < above.length; index++) {
    const part = parts[index];
    if (part === undefined) return false;
    if (part === "**") return true;
    const component = above[index] ?? "";
    if (part !== component && (isPlain(part) || !matchesPattern(`/${part}`, `/${component}`))) return false;
  }
  return parts.length >= above.length;
}
