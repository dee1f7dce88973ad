/**
 * What may be done with which paths, as machines that read a path one component after the other: a finite number of states,
 * however many paths there are. Containment walks two machines side by side.
 */
import { BudgetExceeded } from "./bdd.ts";
import { type NamePattern, rememberedKinds } from "./globs.ts";

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

/** Tells states from which nothing is permitted any more, whatever comes. */
export function deadStates({
  rightsAt,
  names,
  patterns,
  step,
  key,
}: PathMachine): (state: unknown) => boolean {
  const known = new Map<string, boolean>();
  const isDead = (state: unknown): boolean => {
    if (rightsAt(state) !== 0) return false;
    for (const _ of names(state)) return false;
    for (const _ of patterns(state)) return false;
    // Every name is like any other here, and leads nowhere else.
    return key(step(state, "x")) === key(state);
  };
  return (state) => {
    const text = key(state);
    const found = known.get(text) ?? isDead(state);
    known.set(text, found);
    return found;
  };
}

/** Where each of several machines is that may still permit something, by its number; made once for each such place. */
interface UnionState {
  readonly parts: readonly (readonly [number, unknown])[];
  readonly mask: Rights;
  readonly key: string;
  readonly known: Map<string, UnionState>;
  names?: readonly string[];
  patterns?: readonly NamePattern[];
}

/** What any of several machines permits. */
export function unionOf(machines: readonly PathMachine[]): PathMachine {
  const dead = machines.map(deadStates);
  const states = new Map<string, UnionState>();
  const stateOf = (reached: readonly (readonly [number, unknown])[]): UnionState => {
    const parts = reached.filter(([at, state]) => !dead[at]?.(state));
    const key = parts.map(([at, state]) => `${at}:${machines[at]?.key(state)}`).join(" & ");
    const known = states.get(key);
    if (known) return known;
    const mask = parts.reduce((rights, [at, state]) => rights | (machines[at]?.rightsAt(state) ?? 0), 0);
    const made: UnionState = { parts, mask, key, known: new Map() };
    states.set(key, made);
    return made;
  };
  return machineOf<UnionState>({
    start: stateOf(machines.map((machine, at) => [at, machine.start])),
    step: ({ parts, known }, name) => {
      const found =
        known.get(name) ?? stateOf(parts.map(([at, state]) => [at, machines[at]?.step(state, name)]));
      known.set(name, found);
      return found;
    },
    rightsAt: ({ mask }) => mask,
    names: (state) => {
      state.names ??= [...new Set(state.parts.flatMap(([at, of]) => [...(machines[at]?.names(of) ?? [])]))];
      return state.names;
    },
    patterns: (state) => {
      state.patterns ??= state.parts.flatMap(([at, of]) => [...(machines[at]?.patterns(of) ?? [])]);
      return state.patterns;
    },
    key: ({ key }) => key,
  });
}

/** Numbers states in the order in which they are met; those that behave alike have one number. */
function numberedStates({ key }: PathMachine): (state: unknown) => number {
  const numbers = new Map<string, number>();
  return (state) => {
    const text = key(state);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}

interface Pair {
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** Names that two machines tell apart in a pair of states. */
interface Names {
  /** Each of them, and one of each kind besides. */
  readonly all: readonly string[];
  /** Where a name leads in one of the machines: most lead where any does. */
  readonly inA: (name: string) => unknown;
  readonly inB: (name: string) => unknown;
}

/** Steps from one state, made once for all names that a machine does not tell apart there. */
function stepper(
  machine: PathMachine,
  state: unknown,
  own: ReadonlySet<string>,
  hasPatterns: boolean,
  avoid: ReadonlySet<string>,
): (name: string) => unknown {
  if (hasPatterns) return (name) => machine.step(state, name);
  let other: unknown;
  return (name) => {
    if (own.has(name)) return machine.step(state, name);
    if (other === undefined) {
      let free = "x";
      while (own.has(free) || avoid.has(free)) free += "x";
      other = machine.step(state, free);
    }
    return other;
  };
}

/** Gives the names that two machines tell apart in a pair of states, remembering what it has found. */
function namesApart(a: PathMachine, b: PathMachine): (pair: Pair) => Names {
  const kindsOf = rememberedKinds();
  return ({ a: inA, b: inB }) => {
    const namesA = new Set(a.names(inA));
    const namesB = new Set(b.names(inB));
    const patternsA = [...a.patterns(inA)];
    const patternsB = [...b.patterns(inB)];
    const names = new Set([...namesA, ...namesB]);
    const patterns = [...new Set([...patternsA, ...patternsB])];
    return {
      all: [...[...names].sort(), ...kindsOf(patterns).avoiding(names)],
      inA: stepper(a, inA, namesA, patternsA.length > 0, names),
      inB: stepper(b, inB, namesB, patternsB.length > 0, names),
    };
  };
}

/**
 * For each right an operation that `a` permits and `b` does not, on a shortest path; none when `b` contains `a`. The search
 * ends when `enough` rights have one.
 * @throws BudgetExceeded when there are more than `budget` pairs of states
 */
export function filesOutside(
  a: PathMachine,
  b: PathMachine,
  budget = 50_000,
  enough = 3,
): readonly FileWitness[] {
  const found = new Map<keyof typeof rights, string>();
  const seen = new Set<number>();
  const namesFrom = namesApart(a, b);
  const isDead = deadStates(a);
  const [numberInA, numberInB] = [numberedStates(a), numberedStates(b)];
  const queue: Pair[] = [{ path: "", a: a.start, b: b.start }];
  for (let at = 0; at < queue.length && found.size < enough; at++) {
    const pair = queue[at];
    if (!pair) break;
    for (const right of namesOf(a.rightsAt(pair.a) & ~b.rightsAt(pair.b)))
      if (!found.has(right)) found.set(right, pair.path === "" ? "/" : pair.path);
    const apart = namesFrom(pair);
    for (const name of apart.all) {
      const inA = apart.inA(name);
      if (isDead(inA)) continue;
      const inB = apart.inB(name);
      const key = numberInA(inA) * 0x400_0000 + numberInB(inB);
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > budget) throw new BudgetExceeded(`more than ${budget} states of paths`);
      queue.push({ path: `${pair.path}/${name}`, a: inA, b: inB });
    }
  }
  return [...found].map(([right, path]) => ({ path, right }));
}

/** An operation that `a` permits and `b` does not, on a shortest path; undefined when `b` contains `a`. @throws BudgetExceeded */
export function fileOutside(a: PathMachine, b: PathMachine, budget?: number): FileWitness | undefined {
  return filesOutside(a, b, budget, 1)[0];
}
