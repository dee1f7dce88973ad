/** What artifacts permit, as lines that a table can hold: what differs from a base, finding by finding and clause by clause. */
import { defaultEnvironment, type Environment } from "../../src/policy/environment.ts";
import { createWorkspace } from "../../src/verify/decide.ts";
import { nothing } from "../../src/verify/diff.ts";
import { readerOf } from "../../src/verify/parts/readers.ts";
import { partWords } from "../../src/verify/words/part.ts";

/** Lines of `mcpc lift`: of each part of a bundle its findings, what it takes for granted, and its clauses; or why it can't be read. */
export function permitted(
  target: string,
  files: Readonly<Record<string, string>>,
  environment: Partial<Environment> = {},
): readonly string[] {
  const reader = readerOf(target);
  if (!reader) throw new Error(`no reader of ${target}`);
  const space = createWorkspace();
  const bundle = {
    server: { ...nothing, name: "s" },
    environment: { ...defaultEnvironment, ...environment },
    location: "/srv/s",
    files: new Map(Object.entries(files)),
  };
  return reader.parts(bundle).flatMap((read): readonly string[] => {
    if (!read.ok) return [`! ${read.reason}`];
    const { part } = read;
    const words = partWords(part, reader.scope, space);
    return [
      ...part.findings.map(({ line, message }) => `! ${line}: ${message}`),
      ...part.assumptions.map((text) => `? ${text}`),
      ...(words.ok ? joined(words.lines) : [`! ${words.reason}`]),
    ];
  });
}

const isCalls = (line: string): boolean => line.startsWith("syscalls ");

/** The calls of a list, with the arguments of each. */
const callsOf = (lines: readonly string[]): readonly string[] =>
  (lines.find(isCalls) ?? "").match(/@?[a-z0-9_:-]+(?:\((?:[^()]|\([^()]*\))*\))?(?=, |\];)/g) ?? [];

/** The calls that go and come; where more go than stay, those that stay. */
function callChange(before: readonly string[], after: readonly string[]): readonly string[] {
  const lost = before.filter((call) => !after.includes(call));
  if (lost.length > after.length) return [`= syscalls ${after.join(", ")}`];
  const more = after.filter((call) => !before.includes(call));
  const line = (sign: string, calls: readonly string[]): readonly string[] =>
    calls.length === 0 ? [] : [`${sign} syscalls ${calls.join(", ")}`];
  return [...line("-", lost), ...line("+", more)];
}

/** Capabilities stand on one line. */
function joined(lines: readonly string[]): readonly string[] {
  const out: string[] = [];
  for (const line of lines) {
    const last = out.at(-1);
    const isMore = /^# CAP_/.test(line) && last?.startsWith("# CAP_");
    if (isMore) out.splice(-1, 1, `${last} ${line.slice(2)}`);
    else out.push(line);
  }
  return out;
}

/** Clauses of one word, and deputies, each on one line. */
function inLists(lines: readonly string[]): readonly string[] {
  const lists = new Map<string, string[]>();
  for (const line of lines) {
    const [, verb, of] = /^((?:deny )?(?:read|write|exec)|deny|unix|env) (.*);$/.exec(line) ?? [];
    const [, deputy] = /^# (.*) hands over /.exec(line) ?? [];
    const key = verb ?? (deputy === undefined ? line : "# hands over:");
    lists.set(key, [...(lists.get(key) ?? []), ...[of ?? deputy ?? []].flat()]);
  }
  return [...lists].map(([key, items]) =>
    items.length === 0 ? key : `${key} ${[...new Set(items)].join(", ")}`,
  );
}

/** What one list of lines lacks of another, and has more. Of a list of system calls only the calls that differ are shown. */
export function differences(base: readonly string[], own: readonly string[]): readonly string[] {
  const bothFilter = base.some(isCalls) && own.some(isCalls);
  const isShown = (line: string): boolean => !(bothFilter && isCalls(line));
  const lost = base.filter((line) => isShown(line) && !own.includes(line));
  const more = own.filter((line) => isShown(line) && !base.includes(line));
  return [
    ...inLists(lost).map((line) => `- ${line}`),
    ...inLists(more).map((line) => `+ ${line}`),
    ...(bothFilter ? callChange(callsOf(base), callsOf(own)) : []),
  ];
}
