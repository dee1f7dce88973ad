/** Mounts composed to the host: what a view of its own shows of it, and with which rights. */
import { isBelow, isWithin } from "../host/patterns.ts";
import { layeredMachine, type PathRule, ruleMachine } from "./path-rules.ts";
import { everyRight, type PathMachine, type Rights } from "./paths.ts";

/** A mount, in the order in which they are made: one that is made later lies over what was there. */
export interface Mount {
  /** Where in the view: absolute, without `.` and `..`. */
  readonly target: string;
  /** The host's path that it shows; absent where it shows nothing of the host: a tmpfs, a mask, a fresh volume. */
  readonly source?: string;
  /** What its flags leave: no `write` where it is read-only, no `exec` where it is noexec. */
  readonly rights: Rights;
}

/** Everything of the host. */
export const wholeHost: PathMachine = ruleMachine([
  { pattern: "/", effect: { kind: "grant", rights: everyRight } },
]);

const restOf = (path: string, directory: string): string =>
  path === directory ? "" : directory === "/" ? path : path.slice(directory.length);

const joined = (source: string, rest: string): string =>
  rest === "" ? source : source === "/" ? rest : source + rest;

/** Mounts that no later one lies over. */
function visible(mounts: readonly Mount[]): readonly Mount[] {
  return mounts.filter(
    (mount, at) => !mounts.slice(at + 1).some((later) => isWithin(mount.target, later.target)),
  );
}

/** What one mount shows, less what others lie over. */
function rulesOf(mount: Mount, source: string, others: readonly Mount[]): readonly PathRule[] {
  const over = others.filter((other) => isBelow(other.target, mount.target));
  return [
    { pattern: source, effect: { kind: "set", rights: mount.rights } },
    ...over.map(
      ({ target }): PathRule => ({
        pattern: joined(source, restOf(target, mount.target)),
        effect: { kind: "set", rights: 0 },
      }),
    ),
  ];
}

/** The host's files that a list of mounts permits. */
export function mountedFiles(mounts: readonly Mount[]): PathMachine {
  // A `*` in a name would be read as a pattern: then the mounts show everything.
  if (mounts.some(({ target, source }) => `${target}${source ?? ""}`.includes("*"))) return wholeHost;
  const seen = visible(mounts);
  return layeredMachine(
    seen.flatMap((mount) => (mount.source === undefined ? [] : [rulesOf(mount, mount.source, seen)])),
  );
}
