/**
 * From mounts to what of the host a program may touch: what each mount shows, less what later ones cover of it.
 *
 * At one path the mount of the highest priority wins and takes over the flags of the others; below an inaccessible path
 * nothing is mounted; each mount has its own flags, since making one read-only or noexec passes over the others.
 *
 * Source: `mount_path_compare`, `drop_duplicates`, `drop_inaccessible`, `make_read_only` and `make_noexec` in
 * src/core/namespace.c of systemd 252.
 */
import { BudgetExceeded } from "../../authority/bdd.ts";
import { wholeHost } from "../../authority/mounts.ts";
import { layeredMachine, type PathRule, ruleMachine } from "../../authority/path-rules.ts";
import { everyRight, type PathMachine, type Rights, rights } from "../../authority/paths.ts";
import { type Entry, modes } from "./entries.ts";

/** What is mounted at one path, in one of the ways that it may come out. */
interface Outcome {
  readonly mode: Entry["mode"];
  readonly source?: string;
  readonly mask: Rights;
  readonly bytes?: number;
}

/** A path and what may be mounted there; `bare` when perhaps nothing is. */
interface Place {
  readonly path: string;
  readonly outcomes: readonly Outcome[];
  readonly bare: boolean;
}

const flagged = (entries: readonly Entry[]): Rights => {
  const readOnly = entries.some((e) => e.readOnly === true || e.mode === "readonly");
  const noexec = entries.some((e) => e.mode === "noexec") && !entries.some((e) => e.mode === "exec");
  return everyRight & ~(readOnly ? rights.write : 0) & ~(noexec ? rights.exec : 0);
};

/** What wins among entries that are all there. Several binds of one path: any may. */
function winners(entries: readonly Entry[]): readonly Outcome[] {
  const best = Math.min(...entries.map((e) => modes.indexOf(e.mode)));
  const mask = flagged(entries);
  return entries
    .filter((e) => modes.indexOf(e.mode) === best)
    .map(({ mode, source, bytes }) => ({
      mode,
      mask,
      ...(source !== undefined && { source }),
      ...(bytes !== undefined && { bytes }),
    }));
}

/** Each choice of the entries that may be missing. */
function subsets(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const maybe = entries.filter((e) => e.optional);
  const firm = entries.filter((e) => !e.optional);
  if (maybe.length > 6)
    throw new BudgetExceeded(`more than 6 mounts that may be missing at ${maybe[0]?.path}`);
  return Array.from({ length: 1 << maybe.length }, (_, choice) => [
    ...firm,
    ...maybe.filter((_entry, at) => (choice >> at) & 1),
  ]);
}

function placesOf(entries: readonly Entry[]): readonly Place[] {
  const byPath = new Map<string, Entry[]>();
  for (const e of entries) byPath.set(e.path, [...(byPath.get(e.path) ?? []), e]);
  return [...byPath].map(([path, own]) => {
    const choices = subsets(own);
    return {
      path,
      bare: choices.some((choice) => choice.length === 0),
      outcomes: choices.flatMap((choice) => (choice.length === 0 ? [] : winners(choice))),
    };
  });
}

const below = (path: string, directory: string): string | undefined => {
  if (path === directory) return "";
  if (directory === "/") return path;
  return path.startsWith(`${directory}/`) ? path.slice(directory.length) : undefined;
};

/** Whether a path lies below one of some others. */
function isBelowAny(path: string, others: ReadonlySet<string>): boolean {
  if (others.has("/") && path !== "/") return true;
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
    if (others.has(path.slice(0, end))) return true;
  return false;
}

const joined = (source: string, rest: string): string =>
  rest === "" ? source : source === "/" ? rest : source + rest;

/** Modes whose mount is of the tree that is there already. */
const inPlace: ReadonlySet<Entry["mode"]> = new Set(["readonly", "readwrite", "noexec", "exec", "implicit"]);

/** What PrivateDevices= and MountAPIVFS= show of the host's own. */
const shownOfHost: Readonly<Partial<Record<Entry["mode"], readonly string[]>>> = {
  "private-dev": [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/shm",
    "/dev/mqueue",
    "/dev/hugepages",
  ],
  "host-dev": ["/dev"],
  proc: ["/proc"],
  sys: ["/sys"],
};

/** A part of the host that is seen. */
interface Shown {
  /** Where in the view. */
  readonly path: string;
  /** The path of the mount that shows it. */
  readonly owner: string;
  /** What of the host it is. */
  readonly source: string;
  readonly mask: Rights;
}

/** All parts that mounts show, each a tree of the host. */
function shownBy(places: readonly Place[]): readonly Shown[] {
  return places.flatMap(({ path, outcomes }) =>
    outcomes.flatMap(({ mode, source, mask }): readonly Shown[] => {
      if (mode === "bind" && source !== undefined) return [{ path, owner: path, source, mask }];
      // A mount below the private /dev has its own flags.
      return (shownOfHost[mode] ?? []).map((of) => ({
        path: of,
        owner: path,
        source: of,
        mask: of === path ? mask : everyRight,
      }));
    }),
  );
}

const isCertain = ({ bare, outcomes }: Place): boolean =>
  !bare && outcomes.every((o) => !inPlace.has(o.mode));

/** Places that lie in a part, and not in another mount that surely lies over it. */
function placesIn(shown: Shown, places: readonly Place[]): readonly Place[] {
  const inside = places.filter((p) => p.path !== shown.owner && below(p.path, shown.path) !== undefined);
  const covers = new Set(inside.filter(isCertain).map(({ path }) => path));
  return inside.filter(({ path }) => !isBelowAny(path, covers));
}

/** What one part of the host permits, until another mount takes its place. */
function rulesOf(shown: Shown, places: readonly Place[]): readonly PathRule[] {
  return [
    { pattern: shown.source, effect: { kind: "set", rights: shown.mask } },
    ...placesIn(shown, places).map(({ path, outcomes, bare }): PathRule => {
      const own = inPlaceRights(outcomes);
      const pattern = joined(shown.source, below(path, shown.path) ?? "");
      return { pattern, effect: { kind: bare ? "grant" : "set", rights: own } };
    }),
  ];
}

/** Mounts that nothing covers: none below a path that is surely inaccessible. */
function reachable(places: readonly Place[]): readonly Place[] {
  const closed = places.filter((p) => !p.bare && p.outcomes.every((o) => o.mode === "inaccessible"));
  const paths = new Set(closed.map(({ path }) => path));
  return places.filter(({ path }) => !isBelowAny(path, paths));
}

const inPlaceRights = (outcomes: readonly Outcome[]): Rights =>
  outcomes.map((o) => (inPlace.has(o.mode) ? o.mask : 0)).reduce((a, b) => a | b, 0);

/** The host as the root of the view, or a directory of it. */
function rootShown(source: string | undefined, places: readonly Place[]): readonly Shown[] {
  if (source === undefined) return [];
  const place = places.find((p) => p.path === "/");
  const mask = place ? inPlaceRights(place.outcomes) | (place.bare ? everyRight : 0) : everyRight;
  return mask === 0 ? [] : [{ path: "/", owner: "/", source, mask }];
}

/** Nothing. */
export const nothing: PathMachine = ruleMachine([]);

/** The machine of a view over the host; its root shows `rootSource`, or nothing of the host. */
export function viewMachine(entries: readonly Entry[], rootSource: string | undefined): PathMachine {
  const places = reachable(placesOf(entries));
  const shown = [...rootShown(rootSource, places), ...shownBy(places)];
  // A `*` in a name would be read as a pattern: such a unit shows everything.
  const names = [...shown.map((s) => s.source), ...places.map((p) => p.path)];
  if (names.some((path) => path.includes("*"))) return wholeHost;
  return layeredMachine(shown.map((s) => rulesOf(s, places)));
}

/** Bytes of all private places that may be written; undefined when one of them has no bound. */
export function privateBytes(entries: readonly Entry[]): number | undefined {
  let total = 0;
  for (const { outcomes } of reachable(placesOf(entries)))
    for (const { mode, mask, bytes } of outcomes) {
      if (mode !== "tmpfs" && mode !== "private-tmp") continue;
      if ((mask & rights.write) === 0) continue;
      if (bytes === undefined) return undefined;
      total += bytes;
    }
  return total;
}
