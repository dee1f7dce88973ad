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
      ...(words.ok ? words.lines : [`! ${words.reason}`]),
    ];
  });
}

const isCalls = (line: string): boolean => line.startsWith("syscalls ");

/** The calls of a list, with the arguments of each. */
const callsOf = (lines: readonly string[]): readonly string[] =>
  (lines.find(isCalls) ?? "").match(/@?[a-z0-9_:-]+(?:\((?:[^()]|\([^()]*\))*\))?(?=, |\];)/g) ?? [];

/** What one list of lines lacks of another, and has more. Of a list of system calls only the calls that differ are shown. */
export function differences(base: readonly string[], own: readonly string[]): readonly string[] {
  const bothFilter = base.some(isCalls) && own.some(isCalls);
  const [before, after] = bothFilter ? [callsOf(base), callsOf(own)] : [[], []];
  const isShown = (line: string): boolean => !(bothFilter && isCalls(line));
  return [
    ...base.filter((line) => isShown(line) && !own.includes(line)).map((line) => `- ${line}`),
    ...own.filter((line) => isShown(line) && !base.includes(line)).map((line) => `+ ${line}`),
    ...before.filter((call) => !after.includes(call)).map((call) => `- syscall ${call}`),
    ...after.filter((call) => !before.includes(call)).map((call) => `+ syscall ${call}`),
  ];
}
