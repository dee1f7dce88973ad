/**
 * What may be done with which paths, as machines that read a path one component after the other: a finite number of states,
 * however many paths there are. Containment walks two machines side by side.
 */
import { BudgetExceeded } from "./bdd.ts";
import { type NameKinds, type NamePattern, nameKinds } from "./globs.ts";

/** Rights on a path, as bits. To stat is not decided: a policy is soft in it. */
export const rights = { read: 1, write: 2, exec: 4 } as const;

/** A set of rights. */
export type Rights = number;

/** Every right. */
export const everyRight: Rights = rights.read | rights.write | rights.exec;

/** The names of rights, in their order. */
export function namesOf(mask: Rights): readonly (keyof typeof rights)[] {
  return (["read", "write", "exec"] as const).filter((name) => (mask & rights[name]) !== 0);
}

/** A machine over paths; `S` is its own kind of state. */
export interface PathMachine<S = unknown> {
  /** The state at `/`. */
  readonly start: S;
  readonly step: (state: S, name: string) => S;
  /** The rights at the path that led here. */
  readonly rightsAt: (state: S) => Rights;
  /** Names that the machine treats each in its own way from here. */
  readonly names: (state: S) => Iterable<string>;
  /** Patterns of names that it treats alike. */
  readonly patterns: (state: S) => Iterable<NamePattern>;
  /** Equal for states that behave alike. */
  readonly key: (state: S) => string;
}

/** An operation on a file that one machine permits and the other does not. */
export interface FileWitness {
  readonly path: string;
  readonly right: keyof typeof rights;
}

/** Machines of different kinds of states, without their kinds. */
export function machineOf<S>(machine: PathMachine<S>): PathMachine {
  return machine as unknown as PathMachine;
}

/** What any of several machines permits. */
export function unionOf(machines: readonly PathMachine[]): PathMachine {
  const each = <T>(states: readonly unknown[], ask: (machine: PathMachine, state: unknown) => T): T[] =>
    machines.map((machine, at) => ask(machine, states[at]));
  return machineOf<readonly unknown[]>({
    start: machines.map((machine) => machine.start),
    step: (states, name) => each(states, (machine, state) => machine.step(state, name)),
    rightsAt: (states) =>
      each(states, (machine, state) => machine.rightsAt(state)).reduce((a, b) => a | b, 0),
    names: (states) => each(states, (machine, state) => [...machine.names(state)]).flat(),
    patterns: (states) => each(states, (machine, state) => [...machine.patterns(state)]).flat(),
    key: (states) => each(states, (machine, state) => machine.key(state)).join(" & "),
  });
}

interface Pair {
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** Gives one name of each kind that two machines tell apart in a pair of states, remembering what it has found. */
function kindsOfNames(a: PathMachine, b: PathMachine): (pair: Pair) => readonly string[] {
  const numbers = new Map<NamePattern, number>();
  const kinds = new Map<string, NameKinds>();
  const numberOf = (pattern: NamePattern): number => {
    const known = numbers.get(pattern) ?? numbers.size;
    numbers.set(pattern, known);
    return known;
  };
  return ({ a: inA, b: inB }) => {
    const names = new Set([...a.names(inA), ...b.names(inB)]);
    const patterns = [...new Set([...a.patterns(inA), ...b.patterns(inB)])];
    const key = patterns.map(numberOf).sort().join();
    const known = kinds.get(key) ?? nameKinds(patterns);
    kinds.set(key, known);
    return [...[...names].sort(), ...known.avoiding(names)];
  };
}

/**
 * For each right an operation that `a` permits and `b` does not, on a shortest path; none when `b` contains `a`.
 * @throws BudgetExceeded when there are more than `budget` pairs of states
 */
export function filesOutside(a: PathMachine, b: PathMachine, budget = 50_000): readonly FileWitness[] {
  const found = new Map<keyof typeof rights, string>();
  const seen = new Set<string>();
  const namesFrom = kindsOfNames(a, b);
  const queue: Pair[] = [{ path: "", a: a.start, b: b.start }];
  for (let at = 0; at < queue.length && found.size < 3; at++) {
    const pair = queue[at];
    if (!pair) break;
    for (const right of namesOf(a.rightsAt(pair.a) & ~b.rightsAt(pair.b)))
      if (!found.has(right)) found.set(right, pair.path === "" ? "/" : pair.path);
    for (const name of namesFrom(pair)) {
      const next = { path: `${pair.path}/${name}`, a: a.step(pair.a, name), b: b.step(pair.b, name) };
      const key = `${a.key(next.a)} / ${b.key(next.b)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > budget) throw new BudgetExceeded(`more than ${budget} states of paths`);
      queue.push(next);
    }
  }
  return [...found].map(([right, path]) => ({ path, right }));
}

/** An operation that `a` permits and `b` does not, on a shortest path; undefined when `b` contains `a`. @throws BudgetExceeded */
export function fileOutside(a: PathMachine, b: PathMachine, budget?: number): FileWitness | undefined {
  return filesOutside(a, b, budget)[0];
}
