/**
 * What a profile permits with files: each operation's rules on a path, and what follows from having two operations. A hard
 * link makes a file one that is written elsewhere, a clone is a copy to be read, and what a renamed directory holds has
 * other names, which other rules decide.
 */
import { BudgetExceeded } from "../../authority/bdd.ts";
import { type NamePattern, rememberedKinds } from "../../authority/globs.ts";
import { everyRight, machineOf, type PathMachine, type Rights, rights } from "../../authority/paths.ts";
import { matchesPath, pathRights } from "./files.ts";
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

/** Every state of a machine, each with what it permits. */
function statesOf(machine: PathMachine, budget: number): readonly unknown[] {
  const seen = new Map<string, unknown>([[machine.key(machine.start), machine.start]]);
  const kindsOf = rememberedKinds();
  for (const state of seen.values()) {
    if (seen.size > budget) throw new BudgetExceeded(`more than ${budget} states of paths`);
    const names = new Set(machine.names(state));
    for (const name of [...names, ...kindsOf([...new Set(machine.patterns(state))]).avoiding(names)]) {
      const next = machine.step(state, name);
      if (!seen.has(machine.key(next))) seen.set(machine.key(next), next);
    }
  }
  return [...seen.values()];
}

/** A place, and the places that what is there may have been moved to. */
interface Placed {
  readonly here: unknown;
  readonly moved: ReadonlyMap<string, unknown>;
  readonly key: string;
}

/** What follows from several operations together. */
function closed(raw: PathMachine, budget: number): PathMachine {
  const creatable = statesOf(raw, budget).filter((state) => (raw.rightsAt(state) & create) !== 0);
  const places = new Map(creatable.map((state) => [raw.key(state), state]));
  // What a file may be read and written as, once it has a name of one's choice.
  const renamed = creatable.reduce<Rights>((mask, state) => mask | raw.rightsAt(state), 0);
  const linked = renamed & (rights.read | rights.write);
  const cloned = renamed & rights.read;
  const placed = (here: unknown, moved: ReadonlyMap<string, unknown>): Placed => {
    const movable = [here, ...moved.values()].some((state) => (raw.rightsAt(state) & unlink) !== 0);
    const all = movable && places.size > 0 ? new Map([...moved, ...places]) : moved;
    return { here, moved: all, key: `${raw.key(here)} > ${[...all.keys()].sort().join(" > ")}` };
  };
  return machineOf<Placed>({
    start: placed(raw.start, new Map()),
    step: ({ here, moved }, name) => {
      const next = [...moved.values()].map((state) => raw.step(state, name));
      return placed(raw.step(here, name), new Map(next.map((state) => [raw.key(state), state])));
    },
    rightsAt: ({ here, moved }) => {
      let mask = raw.rightsAt(here);
      for (const state of moved.values()) mask |= raw.rightsAt(state);
      if ((mask & link) !== 0) mask |= linked;
      if ((mask & clone) !== 0) mask |= cloned;
      return mask & everyRight;
    },
    names: ({ here, moved }) => [here, ...moved.values()].flatMap((state) => [...raw.names(state)]),
    patterns: function* ({ here, moved }): Iterable<NamePattern> {
      for (const state of [here, ...moved.values()]) yield* raw.patterns(state);
    },
    key: ({ key }) => key,
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
  return {
    ...raw,
    rightsAt: (state) => {
      const mask = raw.rightsAt(state);
      const more = ((mask & link) !== 0 ? linked : 0) | ((mask & clone) !== 0 ? cloned : 0);
      return (mask | more) & everyRight;
    },
  };
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
