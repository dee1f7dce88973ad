/**
 * Which paths the rules of a profile could speak of at all: an overestimate by the words of each rule, so that the evaluator is
 * asked only where it could say yes. It takes milliseconds for an answer, and most of what is drawn by chance is nowhere near.
 */

type Names = (path: string) => boolean;
const anywhere: Names = () => true;

const words = '\\(param "(\\w+)"\\)|"((?:[^"\\\\]|\\\\.)*)"';
const atom = new RegExp(`\\((literal|subpath|prefix|regex) (?:${words})\\)`, "g");
const exception = new RegExp(`\\(require-not \\((?:literal|subpath|prefix|regex) (?:${words})\\)\\)`, "g");

function named(kind: string, text: string): Names {
  if (kind === "literal") return (path) => path === text;
  if (kind === "prefix") return (path) => path.startsWith(text);
  if (kind === "subpath") return (path) => text === "/" || path === text || path.startsWith(`${text}/`);
  try {
    const expression = new RegExp(text.replace(/\\(.)/g, "$1"), "su");
    return (path) => expression.test(path);
  } catch {
    return anywhere;
  }
}

/** The paths that a rule which allows could be about: those of any filter in it, whatever stands around them. */
function pathsOf(line: string, parameters: ReadonlyMap<string, string>): Names {
  const positive = line.replace(exception, "");
  // What is not one thing may be any other, unless something else has to hold as well.
  if (positive !== line && (!line.includes("(require-all") || line.includes("(require-any"))) return anywhere;
  const filters = [...positive.matchAll(atom)].map(([, kind = "", parameter, text = ""]) =>
    parameter === undefined ? named(kind, text) : named(kind, parameters.get(parameter) ?? "\0"),
  );
  const rest = positive.replace(atom, "");
  if (filters.length === 0 || /\((?!allow|require-all|require-any|vnode-type)/.test(rest)) return anywhere;
  return (path) => filters.some((one) => one(path));
}

const covers = (rule: string, operation: string): boolean =>
  rule === operation || rule === "default" || (rule.endsWith("*") && operation.startsWith(rule.slice(0, -1)));

/** Whether an operation on a path might be permitted; no means that it is not. */
export function mayPermit(
  profile: string,
  parameters: ReadonlyMap<string, string>,
): (operation: string, path: string) => boolean {
  const lines = profile.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
  const allowing = lines.flatMap((line) => {
    const [, operations] = /^\(allow ([^()]*)/.exec(line) ?? [];
    if (operations === undefined) return [];
    return [{ operations: operations.trim().split(/\s+/), paths: pathsOf(line, parameters) }];
  });
  const isOdd = lines.some(
    (line) => !/^\((?:allow|deny|version|if \(defined\? '[\w*-]+\) \(deny) /.test(line),
  );
  // These begin permitted: without the line that denies it, each of them is.
  const begins = ["file-map-executable"].filter((name) => !profile.includes(`(deny ${name})`));
  return (operation, path) =>
    isOdd ||
    begins.includes(operation) ||
    allowing.some(
      ({ operations, paths }) => operations.some((rule) => covers(rule, operation)) && paths(path),
    );
}
