/** What a machine over paths permits, as clauses of the language. */
import { type NamePattern, nameKinds, stateBehind } from "../../authority/globs.ts";
import { everyRight, namesOf, type PathMachine, type Rights, rights } from "../../authority/paths.ts";

/** How many clauses are written before the rest is left to a remark. */
const mostLines = 2_000;

/** What follows a name that stands for others, of a pattern that has no short form. */
const like = "\0";

const word = (path: string): string => (/^[\w@%+=:,./*-]+$/.test(path) ? path : JSON.stringify(path));

/** What makes of some rights others, in clauses. */
function clauses(path: string, was: Rights, now: Rights): readonly string[] {
  const more = namesOf(now & ~was).filter(
    (name) => name !== "read" || (now & (rights.write | rights.exec)) === 0,
  );
  const fewer = was & ~now;
  return [
    ...more.map((name) => `${name} ${word(path)};`),
    ...(fewer === 0
      ? []
      : now === 0
        ? [`deny ${word(path)};`]
        : namesOf(fewer).map((name) =>
            name === "read" ? `# not to be read: ${path}` : `deny ${name} ${word(path)};`,
          )),
  ];
}

interface Step {
  readonly text: string;
  /** A name that leads there. */
  readonly name: string;
  readonly state: unknown;
}

/** Where the names and patterns lead that a machine tells apart, and where every other name does. */
function steps(
  machine: PathMachine,
  state: unknown,
): { readonly own: readonly Step[]; readonly other: unknown } {
  const names = new Set(machine.names(state));
  const patterns: readonly NamePattern[] = [...new Set(machine.patterns(state))];
  const kinds = nameKinds(patterns).avoiding(names);
  const matching = (name: string): readonly NamePattern[] =>
    patterns.filter((pattern) => pattern.matches(stateBehind(pattern, name)));
  const rest = kinds.filter((name) => matching(name).length === 0);
  return {
    own: [
      ...[...names].sort().map((name): Step => ({ text: name, name, state: machine.step(state, name) })),
      ...kinds
        // What several patterns as they are written match is what each of them says; others say nothing by themselves.
        .filter((name) => {
          const of = matching(name);
          return of.length === 1 || of.some(({ text }) => text === undefined);
        })
        .map((name): Step => {
          const of = matching(name);
          const text = (of.length === 1 ? of[0]?.text : undefined) ?? `${name}${like}`;
          return { text, name, state: machine.step(state, name) };
        }),
    ],
    other: machine.step(state, rest[0] ?? "x"),
  };
}

/** The clauses of a machine, from the root down. */
export function fileClauses(machine: PathMachine): readonly string[] {
  const lines: string[] = [];
  const seen = new Set<number>();
  // Places whose every name leads back to them: what holds there holds at any depth.
  const loops: unknown[] = [];
  const isSaid = ({ name, state }: Step): boolean =>
    loops.some((loop) => machine.id(machine.step(loop, name)) === machine.id(state));
  const visit = (state: unknown, path: string, above: Rights): void => {
    const now = machine.rightsAt(state);
    if (lines.length >= mostLines) return;
    const said = clauses(path === "" ? "/" : path.replaceAll(like, ""), above, now);
    lines.push(...(path.includes(like) ? said.map((line) => `${line}  # and names like it`) : said));
    const key = machine.id(state);
    if (seen.has(key)) return;
    seen.add(key);
    const { own, other } = steps(machine, state);
    const below = machine.rightsAt(other);
    const isLoop = machine.id(other) === key;
    const beneath = isLoop ? `${path}/**` : path;
    if (below !== now && (now & ~below) !== 0)
      lines.push(`# ${path === "" ? "/" : path.replaceAll(like, "")} itself, and not what lies below`);
    const news = own.filter((step) => !isSaid(step));
    if (isLoop) loops.push(state);
    for (const { text, state: next } of news) visit(next, `${beneath}/${text}`, below);
    if (isLoop) loops.pop();
    else if (!seen.has(machine.id(other))) visit(other, `${path}/*`, below);
  };
  visit(machine.start, "", 0);
  if (lines.length >= mostLines) lines.push("# and more, which is left out here");
  return lines.length === 0 ? ["# no file of the host"] : lines;
}

/** Whether a machine permits everything. */
export function isEverything(machine: PathMachine): boolean {
  const { other, own } = steps(machine, machine.start);
  const key = machine.id(machine.start);
  return machine.rightsAt(machine.start) === everyRight && own.length === 0 && machine.id(other) === key;
}
