/** Ways into the kernel, entry and number, and sets of calls made of them. */
import { always, type Bdd, type Root } from "../authority/bdd.ts";
import { addCall, type CallTable, callsIn } from "../authority/call-table.ts";
import type { Entry } from "../authority/calls.ts";
import { architectures, i386Calls, systemCall, x32Calls } from "../linux/index.ts";

/** One way into the kernel. */
export interface Door {
  readonly entry: Entry;
  readonly number: number;
}

/** Adds the calls of some doors to a table, with some arguments. */
export function addDoors(bdd: Bdd, table: CallTable, doors: Iterable<Door>, args: Root): void {
  for (const { entry, number } of doors) addCall(bdd, table, entry, number, args);
}

/** The calls of some doors, with any arguments. */
export function throughDoors(bdd: Bdd, doors: Iterable<Door>): Root {
  const table: CallTable = new Map();
  addDoors(bdd, table, doors, always);
  return callsIn(bdd, table);
}

interface Ways {
  readonly native: readonly Door[];
  readonly i386: readonly Door[];
  readonly x32: readonly Door[];
}

const known = new Map<string, Ways>();

function findWays(name: string): Ways {
  const numbers = systemCall(name)?.numbers ?? {};
  const door = (entry: Entry, number: number | undefined): readonly Door[] =>
    number === undefined ? [] : [{ entry, number }];
  return {
    native: architectures.flatMap((architecture) => door(architecture, numbers[architecture])),
    i386: door("i386", i386Calls().get(name)),
    x32: door("x86_64", x32Calls().get(name)),
  };
}

function waysOf(name: string): Ways {
  const found = known.get(name) ?? findWays(name);
  // Names of calls, and no others: there are some hundred.
  if (found.native.length + found.i386.length + found.x32.length > 0) known.set(name, found);
  return found;
}

/** A call on every architecture that has it, natively. */
export const nativeDoors = (name: string): readonly Door[] => waysOf(name).native;

/** The same, and as x32. */
export const doorsWithoutI386 = (name: string): readonly Door[] => {
  const { native, x32 } = waysOf(name);
  return x32.length === 0 ? native : [...native, ...x32];
};

/** The same, and by int 0x80: every entry that has it. */
export const doorsOf = (name: string): readonly Door[] => {
  const { native, i386, x32 } = waysOf(name);
  return [...native, ...i386, ...x32];
};

/** The calls of one name, with any arguments. */
export const everywhere = (bdd: Bdd, name: string): Root => throughDoors(bdd, doorsOf(name));
