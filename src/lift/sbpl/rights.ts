/**
 * What a profile permits with files: each operation's rules on a path, and what follows from having two operations. A hard
 * link makes a file one that is written elsewhere, a clone is a copy to be read, and what a renamed directory holds has
 * other names, which other rules decide.
 */
import { BudgetExceeded } from "../../authority/bdd.ts";
import { type NamePattern, rememberedKinds } from "../../authority/globs.ts";
import {
  deadStates,
  everyRight,
  machineOf,
  type PathMachine,
  type Rights,
  rights,
} from "../../authority/paths.ts";
import { matchesPath, pathRights, type RightsMachine } from "./files.ts";
import type { Leaf, Tri } from "./filters.ts";
import type { Reason, Table } from "./table.ts";

/** The operations of each right. */
export const operationsOf = {
  // Extended attributes hold data as files do.
  read: ["file-read-data", "file-read-xattr"],
  write: [
    "file-write-data",
    "file-write-create",
    "file-write-unlink",
    "file-write-acl",
    "file-write-finderinfo",
    "file-write-flags",
    "file-write-mode",
    "file-write-owner",
    "file-write-setugid",
    "file-write-times",
    "file-write-xattr",
  ],
  exec: ["process-exec*", "process-exec-interpreter", "file-map-executable"],
} as const;

// Bits beside the rights, inside of this file only.
const create = 8;
const unlink = 16;
const link = 32;
const clone = 64;

const bits: readonly (readonly [number, readonly string[]])[] = [
  [rights.read, operationsOf.read],
  [rights.write, operationsOf.write],
  [rights.exec, operationsOf.exec],
  [create, ["file-write-create"]],
  [unlink, ["file-write-unlink"]],
  [link, ["file-link"]],
  [clone, ["file-clone"]],
];

const ofFile = (leaf: Leaf): Tri | "path" => (leaf.kind === "path" ? "path" : undefined);

/** A machine that permits to read where a profile permits one of these operations. */
export function operationMachine(table: Table, operations: readonly string[]): PathMachine {
  return pathRights(table, [{ bit: rights.read, operations, leaf: ofFile }]);
}

/** Every state of a machine that has a right, one of each that behave alike. */
function statesWith(machine: RightsMachine, right: Rights, budget: number): readonly unknown[] {
  const seen = new Map<number, unknown>([[machine.id(machine.start), machine.start]]);
  const kindsOf = rememberedKinds();
  for (const state of seen.values()) {
    if (seen.size > budget) throw new BudgetExceeded(`more than ${budget} states of paths`);
    if ((machine.mayBelow(state) & right) === 0) continue;
    const names = new Set(machine.names(state));
    for (const name of [...names, ...kindsOf([...new Set(machine.patterns(state))]).avoiding(names)]) {
      const next = machine.step(state, name);
      if (!seen.has(machine.id(next))) seen.set(machine.id(next), next);
    }
  }
  return [...seen.values()].filter((state) => (machine.rightsAt(state) & right) !== 0);
}

/** The rights of a file, with those that it has under a name of one's choice if it may be linked or cloned. */
function linkedRights(mask: Rights, linked: Rights, cloned: Rights): Rights {
  const more = ((mask & link) !== 0 ? linked : 0) | ((mask & clone) !== 0 ? cloned : 0);
  return (mask | more) & everyRight;
}

/** A place, and the places that what is there may have been moved to. */
interface Placed {
  readonly id: number;
  readonly here: unknown;
  readonly moved: readonly unknown[];
  readonly rights: Rights;
  readonly known: Map<string, Placed>;
  names?: readonly string[];
  patterns?: readonly NamePattern[];
}

/** What follows from several operations together. */
function closed(raw: RightsMachine, budget: number): PathMachine {
  const isDead = deadStates(raw);
  const creatable = statesWith(raw, create, budget);
  const maskOf = (states: readonly unknown[]): Rights =>
    states.reduce<Rights>((mask, state) => mask | raw.rightsAt(state), 0);
  // What a file may be read and written as, once it has a name of one's choice.
  const renamed = maskOf(creatable);
  const distinct = (states: readonly unknown[]): ReadonlyMap<number, unknown> =>
    new Map(states.filter((state) => !isDead(state)).map((state) => [raw.id(state), state]));
  const made = new Map<string, Placed>();
  const placed = (here: unknown, before: readonly unknown[]): Placed => {
    const movable = (maskOf([here, ...before]) & unlink) !== 0;
    const moved = distinct(movable ? [...before, ...creatable] : before);
    const key = `${raw.id(here)} > ${[...moved.keys()].sort((a, b) => a - b).join()}`;
    const same = made.get(key);
    if (same) return same;
    const mask = raw.rightsAt(here) | maskOf([...moved.values()]);
    const fresh: Placed = {
      id: made.size,
      here,
      moved: [...moved.values()],
      rights: linkedRights(mask, renamed & (rights.read | rights.write), renamed & rights.read),
      known: new Map(),
    };
    made.set(key, fresh);
    return fresh;
  };
  const stepFrom = ({ here, moved }: Placed, name: string): Placed =>
    placed(
      raw.step(here, name),
      moved.map((state) => raw.step(state, name)),
    );
  return machineOf<Placed>({
    start: placed(raw.start, []),
    step: (state, name) => {
      const found = state.known.get(name) ?? stepFrom(state, name);
      state.known.set(name, found);
      return found;
    },
    rightsAt: (state) => state.rights,
    names: (state) => {
      state.names ??= [...new Set([state.here, ...state.moved].flatMap((of) => raw.names(of)))];
      return state.names;
    },
    patterns: (state) => {
      state.patterns ??= [...new Set([state.here, ...state.moved].flatMap((of) => raw.patterns(of)))];
      return state.patterns;
    },
    id: ({ id }) => id,
  });
}

/** The file slices of a profile. */
export interface FileSlices {
  /** By a path's own name, links and clones counted as what they make of a file. */
  readonly files: PathMachine;
  /**
   * What there is beside that by renaming a directory: what lies in it has another name then, which other rules decide.
   * @throws BudgetExceeded
   */
  readonly moved: () => PathMachine;
  /** `read` where a file's attributes may be looked at. */
  readonly stat: PathMachine;
}

/** What a name of one's choice makes of a file that may be linked or cloned. */
function withLinks(raw: PathMachine, linked: Rights, cloned: Rights): PathMachine {
  return { ...raw, rightsAt: (state) => linkedRights(raw.rightsAt(state), linked, cloned) };
}

/** The file slices of a table. */
export function fileSlices(table: Table, budget = 5_000): FileSlices {
  const raw = pathRights(
    table,
    bits.map(([bit, operations]) => ({ bit, operations, leaf: ofFile })),
  );
  // A link is of use wherever a name can be made at all.
  const creates = table.permits("file-write-create", () => undefined) !== undefined;
  return {
    files: withLinks(raw, creates ? rights.read | rights.write : 0, creates ? rights.read : 0),
    moved: () => closed(raw, budget),
    stat: operationMachine(table, ["file-read-metadata"]),
  };
}

/** Why an operation may be permitted on a path by its own name. */
export function permitsPath(table: Table, operation: string, path: string): Reason | undefined {
  return table.permits(operation, (leaf) =>
    leaf.kind === "path" ? matchesPath(leaf.test, path) : undefined,
  );
}

/** Which operation permits a right at a path by its own name, and why; undefined when none does. */
export function whyPermitted(
  table: Table,
  path: string,
  right: keyof typeof operationsOf,
): { readonly operation: string; readonly reason: Reason } | undefined {
  const also = right === "exec" ? [] : right === "read" ? ["file-link", "file-clone"] : ["file-link"];
  for (const operation of [...operationsOf[right], ...also]) {
    const reason = permitsPath(table, operation, path);
    if (reason) return { operation, reason };
  }
  return undefined;
}
