/**
 * What of a build context can be in an image: what is copied, less what the ignore file surely keeps out.
 *
 * Source: Dockerfile reference, COPY; docker's "Build context", ".dockerignore files": the last line that matches a path or a
 * directory above it decides.
 */
import { type PathRule, ruleMachine } from "../../authority/path-rules.ts";
import { type PathMachine, type Rights, rights } from "../../authority/paths.ts";
import { cleanPath } from "../container/values.ts";

interface IgnoreLine {
  readonly pattern: string;
  readonly keeps: boolean;
}

function ignoreLines(text: string): readonly IgnoreLine[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ keeps: line.startsWith("!"), line: line.replace(/^!/, "").trim() }))
    .map(({ keeps, line }) => ({ keeps, pattern: cleanPath(line).slice(1) }));
}

/** A pattern that the machines of paths can hold: `*` and `**`, the rest literal. */
function asRule(pattern: string): string | undefined {
  const literal = pattern.replace(/\\([[\]?\\])/g, "");
  if (/[?[\]\\]/.test(literal)) return undefined;
  // Within a name two stars are as one.
  const parts = pattern.replace(/\\([[\]?\\])/g, "$1").split("/");
  return parts.map((part) => (part === "**" ? part : part.replace(/\*+/g, "*"))).join("/");
}

const isWithin = (path: string, above: string): boolean =>
  above === "" || path === above || path.startsWith(`${above}/`);

/** The deeper of two places when one lies within the other. */
function common(a: string, b: string): string | undefined {
  if (isWithin(a, b)) return a;
  return isWithin(b, a) ? b : undefined;
}

/** What stands before the first pattern of a source. */
function plainBeginning(source: string): string {
  const parts = source.split("/");
  const at = parts.findIndex((part) => /[*?[\\]/.test(part));
  return at === -1 ? source : parts.slice(0, at).join("/");
}

/** Places of the context, without its own path, in which all that is copied lies. */
function places(sources: readonly string[], ignored: readonly IgnoreLine[]): readonly string[] {
  const copied = sources.map((source) => plainBeginning(cleanPath(source).slice(1)));
  const all = ignored.findLastIndex(({ keeps, pattern }) => !keeps && ["*", "**", ""].includes(pattern));
  if (all === -1) return copied;
  const kept = ignored.slice(all + 1).filter(({ keeps }) => keeps);
  return copied.flatMap((source) =>
    kept.flatMap(({ pattern }) => {
      const plain = asRule(pattern);
      return (
        common(source, plain === undefined || plain.includes("*") ? plainBeginning(pattern) : plain) ?? []
      );
    }),
  );
}

const copyRights: Rights = rights.read | rights.exec;

/** The files of the host that an image may hold, as copies: to read, and to execute. */
export function copiedFiles(
  sources: readonly string[],
  context: string,
  ignore: string | undefined,
): PathMachine {
  const ignored = ignoreLines(ignore ?? "");
  const below = (place: string): string => cleanPath(place, context);
  // What may be let in again by a later line is not surely out.
  const last = ignored.findLastIndex(({ keeps }) => keeps);
  const denied = ignored
    .slice(last + 1)
    .flatMap(({ pattern }) => asRule(pattern) ?? [])
    .map(
      (pattern): PathRule => ({
        pattern: `${context === "/" ? "" : context}/${pattern}`,
        effect: { kind: "deny", rights: copyRights },
      }),
    );
  const granted = places(sources, ignored).map(
    (place): PathRule => ({ pattern: below(place), effect: { kind: "grant", rights: copyRights } }),
  );
  // A `*` in the name of a directory can't be told from a pattern.
  if (context.includes("*") || granted.some(({ pattern }) => pattern.includes("*")))
    return ruleMachine([{ pattern: "/", effect: { kind: "grant", rights: copyRights } }]);
  return ruleMachine([...granted, ...denied]);
}
