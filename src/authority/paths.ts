/**
 * What may be done with which paths, as machines that read a path one component after the other: a finite number of states,
 * however many paths there are. Containment walks two machines side by side.
 */
import { BudgetExceeded } from "./bdd.ts";
import { type NamePattern, rememberedKinds } from "./globs.ts";
import { recently } from "./recent.ts";

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
  readonly names: (state: S) => readonly string[];
  /** Patterns of names that it treats alike. */
  readonly patterns: (state: S) => readonly NamePattern[];
  /** A number of its own for each state of this machine; those that behave alike may have one. From 0 on. */
  readonly id: (state: S) => number;
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
  id,
}: PathMachine): (state: unknown) => boolean {
  const known: (boolean | undefined)[] = [];
  // Without names and patterns every name is like any other, and a dead state's leads nowhere else.
  const isDead = (state: unknown): boolean =>
    rightsAt(state) === 0 &&
    names(state).length === 0 &&
    patterns(state).length === 0 &&
    id(step(state, "x")) === id(state);
  return (state) => {
    const number = id(state);
    const found = known[number] ?? isDead(state);
    known[number] = found;
    return found;
  };
}

/** Where each of several machines is that may still permit something, by its number; made once for each such place. */
interface UnionState {
  readonly id: number;
  readonly parts: readonly (readonly [PathMachine, unknown])[];
  readonly mask: Rights;
  readonly known: Map<string, UnionState>;
  names?: readonly string[];
  patterns?: readonly NamePattern[];
}

/** All of several lists, once each; a list that is the only one is itself. */
function merged<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const filled = lists.filter(({ length }) => length > 0);
  return filled.length === 1 && filled[0] ? filled[0] : [...new Set(filled.flat())];
}

const serials = new WeakMap<PathMachine, number>();
let lastSerial = 0;

/** A number of a machine's own. */
function serialOf(machine: PathMachine): number {
  const serial = serials.get(machine) ?? ++lastSerial;
  serials.set(machine, serial);
  return serial;
}

const recent = recently<PathMachine>();

/** What any of several machines permits. */
export function unionOf(machines: readonly PathMachine[]): PathMachine {
  return recent(machines.map(serialOf).join(), () => makeUnion(machines));
}

function makeUnion(machines: readonly PathMachine[]): PathMachine {
  const byMachine = new Map(
    [...new Set(machines)].map((machine, at) => [machine, { at, isDead: deadStates(machine) }]),
  );
  const states = new Map<string, UnionState>();
  const stateOf = (reached: UnionState["parts"]): UnionState => {
    const parts = reached.filter(([machine, state]) => !byMachine.get(machine)?.isDead(state));
    const key = parts.map(([machine, state]) => `${byMachine.get(machine)?.at}:${machine.id(state)}`).join();
    const known = states.get(key);
    if (known) return known;
    const mask = parts.reduce((rights, [machine, state]) => rights | machine.rightsAt(state), 0);
    const made: UnionState = { id: states.size, parts, mask, known: new Map() };
    states.set(key, made);
    return made;
  };
  return machineOf<UnionState>({
    start: stateOf([...byMachine.keys()].map((machine) => [machine, machine.start])),
    step: ({ parts, known }, name) => {
      const found =
        known.get(name) ?? stateOf(parts.map(([machine, state]) => [machine, machine.step(state, name)]));
      known.set(name, found);
      return found;
    },
    rightsAt: ({ mask }) => mask,
    names: (state) => {
      state.names ??= merged(state.parts.map(([machine, of]) => machine.names(of)));
      return state.names;
    },
    patterns: (state) => {
      state.patterns ??= merged(state.parts.map(([machine, of]) => machine.patterns(of)));
      return state.patterns;
    },
    id: ({ id }) => id,
  });
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
    const patternsA = a.patterns(inA);
    const patternsB = b.patterns(inB);
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
      const key = a.id(inA) * 0x400_0000 + b.id(inB);
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > budget) throw new BudgetExceeded(`more than ${budget} states of paths`);
      queue.push({ path: `${pair.path}/${name}`, a: inA, b: inB });
    }
  }
  return [...found].map(([right, path]) => ({ path, right }));
}

const decided = new WeakMap<PathMachine, WeakMap<PathMachine, { readonly found: FileWitness | undefined }>>();

/**
 * An operation that `a` permits and `b` does not, on a shortest path; undefined when `b` contains `a`. Two machines are
 * decided once.
 * @throws BudgetExceeded
 */
export function fileOutside(a: PathMachine, b: PathMachine): FileWitness | undefined {
  const known = decided.get(a)?.get(b);
  if (known) return known.found;
  const [found] = filesOutside(a, b, undefined, 1);
  const ofA = decided.get(a) ?? new WeakMap<PathMachine, { readonly found: FileWitness | undefined }>();
  decided.set(a, ofA.set(b, { found }));
  return found;
}
