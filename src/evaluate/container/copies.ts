/** Whether one file of a build context comes into an image: by walking through the lines, where the last that speaks of it wins. */
import { tidy } from "./asked.ts";

/** A line of an ignore file as a regular expression, for what it matches and all below; undefined where docker refuses it. */
function expression(pattern: string): RegExp | undefined {
  const source = pattern
    .replace(/\\(.)|[.+^${}()|]|\*\*\/|\*\*|\*|\?/g, (found, escaped) => {
      if (escaped !== undefined) return `\\${escaped}`;
      if (found === "**/") return "(?:.*/)?";
      if (found === "**") return ".*";
      if (found === "*") return "[^/]*";
      return found === "?" ? "[^/]" : `\\${found}`;
    })
    .replace(/\/$/, "");
  try {
    return new RegExp(`^${source}(?:/.*)?$`, "s");
  } catch {
    return undefined;
  }
}

function isIgnored(relative: string, ignore: string): boolean {
  let out = false;
  for (const line of ignore.split("\n").map((l) => l.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const pattern = tidy(line.replace(/^!/, ""), "/").slice(1);
    if (expression(pattern)?.test(relative)) out = !line.startsWith("!");
  }
  return out;
}

/** The words of an instruction: a list in JSON, or, where it is none, what stands between blanks, as docker takes it. */
function wordsOf(text: string): readonly string[] {
  if (text.startsWith("["))
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list) && list.every((word) => typeof word === "string")) return list;
    } catch {
      // Then it is no list.
    }
  return text.split(/\s+/);
}

function sourcesIn(dockerfile: string): readonly string[] {
  const whole = dockerfile.replace(/\\\n/g, " ");
  return [...whole.matchAll(/^\s*(?:COPY|ADD)\s+(.*)$/gim)].flatMap(([, rest = ""]) => {
    if (/--from=/.test(rest)) return [];
    const bare = rest.replace(/^(?:--\S+\s+)*/, "");
    return wordsOf(bare)
      .slice(0, -1)
      .map((word) => tidy(word.replace(/\\(.)/g, "$1"), "/").slice(1));
  });
}

/** Whether a path of the host can be in the image. */
export function isCopied(path: string, context: string, dockerfile: string, ignore: string): boolean {
  const relative =
    path === context ? "" : path.startsWith(`${context}/`) ? path.slice(context.length + 1) : undefined;
  if (relative === undefined) return false;
  const isSource = sourcesIn(dockerfile).some(
    (source) => source === "" || (expression(source)?.test(relative) ?? true),
  );
  return isSource && !isIgnored(relative, ignore);
}

/** The user that a Dockerfile ends with. */
export function lastUser(dockerfile: string): string | undefined {
  return [...dockerfile.matchAll(/^\s*USER\s+(\S+)\s*$/gim)].at(-1)?.[1];
}

/** Directories that it declares to be volumes. */
export function volumesIn(dockerfile: string): readonly string[] {
  return [...dockerfile.matchAll(/^\s*VOLUME\s+(.*)$/gim)].flatMap(([, rest = ""]) => wordsOf(rest));
}
