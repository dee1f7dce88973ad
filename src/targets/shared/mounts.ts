/**
 * From grants, credentials and denies to what is mounted where: the meaning of `files` for every target that shows a
 * program a view of its own.
 *
 * At a path, access is what the grants of it and of the directories above it give together; a credential path first
 * takes away all that grants strictly above it gave; a deny takes away from everything at and below it. A mount is
 * needed where this changes.
 */
import { ancestors, isBelow } from "../../host/patterns.ts";
import type { Access, FileGrant, FileType, ServerIr } from "../../policy/ir.ts";

/** A place in the view. */
export interface Mount {
  readonly path: string;
  readonly type: FileType;
  /** `mask`: nothing is to be seen of what is there. */
  readonly mode: "ro" | "rw" | "mask";
  readonly exec: boolean;
  /** The grant that it comes from; for masks and holds the one around them. */
  readonly grant: FileGrant;
  /** A directory that is bound onto itself so that it can't be renamed away together with a mask below it. */
  readonly hold?: true;
}

interface Point {
  readonly path: string;
  readonly type: FileType;
  readonly grants: FileGrant[];
  credential: boolean;
  readonly denied: Set<"all" | Access>;
}

function collectPoints(files: ServerIr["files"], grants: readonly FileGrant[]): Map<string, Point> {
  const points = new Map<string, Point>();
  const at = (path: string, type: FileType): Point => {
    const known = points.get(path);
    if (known) return known;
    const point: Point = { path, type, grants: [], credential: false, denied: new Set() };
    points.set(path, point);
    return point;
  };
  for (const grant of grants) at(grant.path, grant.type).grants.push(grant);
  for (const { matches } of files.credentials) {
    for (const match of matches) at(match.path, match.type).credential = true;
  }
  for (const deny of files.denies) {
    for (const match of deny.matches) at(match.path, match.type).denied.add(deny.access);
  }
  return points;
}

interface Effective {
  readonly read: boolean;
  readonly write: boolean;
  readonly exec: boolean;
  readonly grant: FileGrant | undefined;
}

function effectiveAt(path: string, points: ReadonlyMap<string, Point>): Effective {
  const granted = new Set<Access>();
  const denied = new Set<"all" | Access>();
  let grant: FileGrant | undefined;
  for (const place of [...ancestors(path), path]) {
    const point = points.get(place);
    if (!point) continue;
    if (point.credential) granted.clear();
    for (const own of point.grants) {
      for (const access of own.access) granted.add(access);
      grant = own;
    }
    for (const access of point.denied) denied.add(access);
  }
  const has = (access: Access): boolean => granted.has(access) && !denied.has(access) && !denied.has("all");
  return { read: has("read"), write: has("write"), exec: has("exec"), grant };
}

const same = (a: Effective, b: Effective): boolean =>
  a.read === b.read && a.write === b.write && a.exec === b.exec;

/** The nearest point strictly above a path. */
function pointAbove(path: string, points: ReadonlyMap<string, Point>): string | undefined {
  return [...ancestors(path)].reverse().find((above) => points.has(above));
}

function mountOf(path: string, type: FileType, effective: Effective, grant: FileGrant): Mount {
  const mode = !effective.read ? "mask" : effective.write ? "rw" : "ro";
  return { path, type, mode, exec: effective.exec, grant };
}

/** Directories between a writable mount and what is taken away below it: each is bound onto itself. */
function holds(mounts: readonly Mount[]): Mount[] {
  const out = new Map<string, Mount>();
  for (const inner of mounts) {
    const outer = mounts.filter((m) => isBelow(inner.path, m.path)).at(-1);
    if (outer?.mode !== "rw" || inner.mode === "rw") continue;
    for (const path of ancestors(inner.path)) {
      if (!isBelow(path, outer.path) || mounts.some((m) => m.path === path)) continue;
      out.set(path, { ...outer, path, type: "directory", hold: true });
    }
  }
  return [...out.values()];
}

/** The mounts of the given grants, each after the one it lies in. */
export function mountsOf(files: ServerIr["files"], grants: readonly FileGrant[]): readonly Mount[] {
  const points = collectPoints(files, grants);
  const mounts: Mount[] = [];
  const nothing: Effective = { read: false, write: false, exec: false, grant: undefined };
  for (const path of [...points.keys()].sort()) {
    const point = points.get(path);
    if (!point) continue;
    const effective = effectiveAt(path, points);
    const above = pointAbove(path, points);
    const around = above === undefined ? nothing : effectiveAt(above, points);
    if (same(effective, around) || !effective.grant) continue;
    mounts.push(mountOf(path, point.type, effective, effective.grant));
  }
  return [...mounts, ...holds(mounts)].sort((a, b) => (a.path < b.path ? -1 : 1));
}
