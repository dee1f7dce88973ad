/** Ways into the kernel, entry and number, and sets of calls made of them. */
import { always, type Bdd, type Root } from "../authority/bdd.ts";
import { addCall, type CallTable, callsIn } from "../authority/call-table.ts";
import { type Entry, entries } from "../authority/calls.ts";
import { architectures, i386Calls, systemCall, x32Calls } from "../linux/index.ts";

/** One way into the kernel: entry and number, as the first 34 bits of a call. */
export type Door = number;

/** The door of an entry and a number. */
export const door = (entry: Entry, number: number): Door => entries.indexOf(entry) * 2 ** 32 + (number >>> 0);

/** The calls of some doors, with any arguments. */
export function throughDoors(bdd: Bdd, doors: Iterable<Door>): Root {
  const table: CallTable = new Map();
  for (const one of doors) {
    const entry = entries[Math.floor(one / 2 ** 32)];
    if (entry !== undefined) addCall(bdd, table, entry, one % 2 ** 32, always);
  }
  return callsIn(bdd, table);
}

const foreignDoors = (name: string): readonly Door[] => {
  const [i386, x32] = [i386Calls().get(name), x32Calls().get(name)];
  return [
    ...(i386 === undefined ? [] : [door("i386", i386)]),
    ...(x32 === undefined ? [] : [door("x86_64", x32)]),
  ];
};

/** A call at every entry that has it: natively, by int 0x80, and as x32. */
export function doorsOf(name: string): readonly Door[] {
  const numbers = systemCall(name)?.numbers ?? {};
  const native = architectures.flatMap((a) => (numbers[a] === undefined ? [] : [door(a, numbers[a])]));
  return [...native, ...foreignDoors(name)];
}

/** The calls of one name, with any arguments. */
export const everywhere = (bdd: Bdd, name: string): Root => throughDoors(bdd, doorsOf(name));
