/** `read`, `write`, `exec` and `deny`: from paths as written to grants and denies of what is there. */
import { meaningErrors as e } from "../diagnostics/catalogue/meaning.ts";
import { syntaxErrors } from "../diagnostics/catalogue/syntax.ts";
import { coversPath, isWithin, reachesInto } from "../host/patterns.ts";
import type { DenyClause, PathClause, PathNode } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import { bindPath } from "./bind.ts";
import { bindingOf, type LowerContext, originOf, type Sourced } from "./context.ts";
import type { Access, Credential, FileDeny, FileGrant, FileType, Match } from "./ir.ts";
import { homePatterns } from "./lists.ts";
import type { LoadedFile } from "./load.ts";
import { sortUnique } from "./sort.ts";

/** A bound path with what is there. */
export interface Located {
  readonly path: string;
  readonly type: FileType;
  readonly requested?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly at?: Span;
}

/** Reports a path that would be taken for a pattern. */
export function refusesStar(context: LowerContext, path: string, at: Span): boolean {
  if (!path.includes("*")) return false;
  context.report(e.starInPath.report({ path }, { at }));
  return true;
}

/** Binds a path of a clause and looks it up; undefined, with a report, when it can't be. */
export function locate(context: LowerContext, file: LoadedFile, node: PathNode): Located | undefined {
  const bound = bindPath(node.text, node.anchor, bindingOf(context, file));
  if (!bound.ok) {
    context.report(syntaxErrors.badPath.report({ text: node.text, reason: bound.reason }, { at: node.span }));
    return undefined;
  }
  // What macOS has at the paths of its runtimes can't be asked on another host; they are directories or files there.
  if (file.isStd && context.platform === "macos") return { path: bound.path, type: "directory" };
  const found = context.host.lookup(bound.path);
  if (found.kind === "unknown") {
    context.report(e.unresolvable.report({ path: bound.path, reason: found.reason }, { at: node.span }));
    return undefined;
  }
  if ([found.path, bound.path].some((path) => refusesStar(context, path, node.span))) return undefined;
  const requested = found.path !== bound.path && { requested: bound.path };
  if (found.kind === "absent") return { path: found.path, type: "absent", ...requested };
  return { path: found.path, type: found.type, uid: found.uid, gid: found.gid, ...requested };
}

const implied: Readonly<Record<"read" | "write" | "exec", readonly Access[]>> = {
  read: ["read"],
  write: ["read", "write"],
  exec: ["read", "exec"],
};

function grantOf(
  located: Located,
  access: readonly Access[],
  by: FileGrant["by"],
  origin: number,
): FileGrant {
  const { path, type, requested } = located;
  return { path, access: [...access], type, by, ...(requested !== undefined && { requested }), origin };
}

/** The library closure of a granted program, or directory of programs: interpreters and libraries, to read and to map. */
function closure(context: LowerContext, located: Located, origin: number): FileGrant[] {
  const holds = located.type === "file" || located.type === "directory";
  if (!holds || context.platform !== "linux") return [];
  return (context.host.libraries(located.path) ?? []).map((path) => ({
    path,
    access: ["read", "exec"],
    type: "file",
    by: "closure",
    origin,
  }));
}

/** Grants of `read`, `write` and `exec` clauses; a runtime's paths that do not exist are left out. */
export function expandGrants(
  context: LowerContext,
  clauses: readonly Sourced<PathClause<"read" | "write" | "exec">>[],
  by: "clause" | "runtime",
): { readonly grants: FileGrant[]; readonly owners: readonly Located[] } {
  const grants: FileGrant[] = [];
  const owners: Located[] = [];
  for (const sourced of clauses) {
    const origin = originOf(context, sourced);
    for (const node of sourced.clause.paths) {
      const located = locate(context, sourced.file, node);
      if (!located) continue;
      const isStd = by === "runtime" || sourced.file.isStd;
      if (isStd && located.type === "absent") continue;
      if (!isStd) reportLocated(context, node, located);
      // A link of the runtime's own files stays what it is called: both names are granted.
      if (isStd && located.requested !== undefined) {
        grants.push(
          grantOf(
            { path: located.requested, type: located.type },
            implied[sourced.clause.kind],
            "runtime",
            origin,
          ),
        );
      }
      // What a profile of the library reads belongs to its programs, wherever those are; it is none of the user's data.
      const reason = isStd && sourced.clause.kind === "read" ? "runtime" : by;
      const libraries = sourced.clause.kind === "exec" ? closure(context, located, origin) : [];
      const linked = located.type === "directory" && libraries.length > 0;
      const grant = grantOf(located, implied[sourced.clause.kind], reason, origin);
      grants.push({ ...grant, ...(linked && { linked }) }, ...libraries);
      if (sourced.clause.kind === "write" && by === "clause") owners.push({ ...located, at: node.span });
    }
  }
  return { grants, owners };
}

function reportLocated(context: LowerContext, node: PathNode, located: Located): void {
  const asked = located.requested ?? located.path;
  if (located.type === "absent") context.report(e.absent.report({ path: asked }, { at: node.span }));
  else if (located.requested !== undefined) {
    context.report(e.resolved.report({ path: asked, target: located.path }, { at: node.span }));
  }
}

const accessOrder: readonly Access[] = ["read", "write", "exec"];

/** Unites grants of one path; of several reasons the one nearest to the policy's words is kept. */
export function uniteGrants(grants: readonly FileGrant[]): FileGrant[] {
  const rank = ["clause", "run", "runtime", "closure"];
  const byPath = new Map<string, FileGrant>();
  for (const grant of grants) {
    const known = byPath.get(grant.path);
    if (!known) {
      byPath.set(grant.path, grant);
      continue;
    }
    const nearest = rank.indexOf(known.by) <= rank.indexOf(grant.by) ? known : grant;
    const access = accessOrder.filter((a) => known.access.includes(a) || grant.access.includes(a));
    const linked = known.linked ?? grant.linked;
    byPath.set(grant.path, { ...nearest, access, ...(linked && { linked }) });
  }
  return sortUnique([...byPath.values()], (grant) => grant.path);
}

/** The outermost granted paths: what must be searched for matches of a pattern. */
export function searchRoots(grants: readonly FileGrant[]): readonly FileGrant[] {
  const searched = grants.filter((g) => g.type !== "absent" && !/^\/(?:proc|sys|dev)(?:\/|$)/.test(g.path));
  return searched.filter(
    (g) => !searched.some((other) => other !== g && isWithin(g.path, other.path) && g.path !== other.path),
  );
}

/** What exists of a pattern inside the grants. */
function matchesWithin(context: LowerContext, pattern: string, grants: readonly FileGrant[]): Match[] {
  const found: Match[] = [];
  for (const grant of searchRoots(grants)) {
    if (coversPath(pattern, grant.path)) found.push({ path: grant.path, type: grant.type });
    else if (grant.type === "directory" && reachesInto(pattern, grant.path)) {
      if (grant.by !== "runtime" || context.platform === "linux")
        found.push(...context.host.matches(pattern, grant.path));
    }
  }
  // A match covers what lies below it.
  const outer = found.filter(
    (m) => !found.some((other) => other.path !== m.path && isWithin(m.path, other.path)),
  );
  return sortUnique(outer, (m) => m.path);
}

/** The pattern of a `deny` item: a glob as bound, a plain path resolved. */
function denyPattern(context: LowerContext, file: LoadedFile, node: PathNode): string | undefined {
  if (!node.glob) return locate(context, file, node)?.path;
  const binding = bindingOf(context, file);
  const base = { relative: binding.directory, home: binding.home, root: "/", anywhere: "/" }[node.anchor];
  if (refusesStar(context, base, node.span)) return undefined;
  const bound = bindPath(node.text, node.anchor, binding);
  if (bound.ok) return resolvePrefix(context, bound.path, node.span);
  context.report(syntaxErrors.badPath.report({ text: node.text, reason: bound.reason }, { at: node.span }));
  return undefined;
}

/** A glob's plain beginning means what its symlinks lead to, like any path. */
function resolvePrefix(context: LowerContext, pattern: string, at: Span): string | undefined {
  const parts = pattern.split("/");
  const first = parts.findIndex((part) => part.includes("*"));
  const prefix = parts.slice(0, first).join("/");
  if (prefix === "") return pattern;
  const found = context.host.lookup(prefix);
  if (found.kind === "unknown") return pattern;
  if (refusesStar(context, found.path, at)) return undefined;
  return `${found.path === "/" ? "" : found.path}/${parts.slice(first).join("/")}`;
}

/** Denies of the policy's `deny` clauses. */
export function expandDenies(
  context: LowerContext,
  clauses: readonly Sourced<DenyClause>[],
  grants: readonly FileGrant[],
  reason: FileDeny["reason"],
): FileDeny[] {
  return clauses.flatMap((sourced) =>
    sourced.clause.paths.flatMap((node) => {
      const pattern = denyPattern(context, sourced.file, node);
      if (pattern === undefined) return [];
      const { access } = sourced.clause;
      const relevant = access === "all" ? grants : grants.filter((g) => g.access.includes(access));
      const matches = matchesWithin(context, pattern, relevant);
      return [{ pattern, access, reason, matches, origin: originOf(context, sourced) }];
    }),
  );
}

/** Denies to write what the sandbox is made of, where a grant would allow it. */
export function essentialDenies(
  context: LowerContext,
  paths: readonly string[],
  grants: readonly FileGrant[],
  origin: number,
): FileDeny[] {
  const writable = grants.filter((g) => g.access.includes("write"));
  return [...new Set(paths)].sort().flatMap((pattern) => {
    if (!writable.some((g) => isWithin(pattern, g.path) && g.path !== pattern)) return [];
    return [
      {
        pattern,
        access: "write",
        reason: "essential",
        matches: matchesWithin(context, pattern, writable),
        origin,
      },
    ];
  });
}

/** Patterns of credential paths, from the standard library's list. */
export function credentialPatterns(
  context: LowerContext,
): readonly { readonly pattern: string; readonly origin: number }[] {
  const out: { pattern: string; origin: number }[] = [];
  for (const name of ["credentials", "system-credentials"]) {
    const declared = context.std.profiles.get(name);
    for (const clause of declared?.declaration.clauses ?? []) {
      if (!declared || clause.kind !== "deny") continue;
      const origin = originOf(context, { clause, file: declared.file });
      for (const path of clause.paths) {
        if (path.anchor !== "home") out.push({ pattern: path.text, origin });
        else
          for (const home of homePatterns(context.home))
            out.push({ pattern: `${home}/${path.text.slice(2)}`, origin });
      }
    }
  }
  return out;
}

/** Credential paths strictly below a grant: those take something away. */
export function expandCredentials(context: LowerContext, grants: readonly FileGrant[]): Credential[] {
  const directories = grants.filter((g) => g.type === "directory" || g.type === "absent");
  const relevant = credentialPatterns(context).filter(({ pattern }) =>
    directories.some((g) => reachesInto(pattern, g.path) && !coversPath(pattern, g.path)),
  );
  const credentials = relevant.map(({ pattern, origin }) => ({
    pattern,
    matches: matchesWithin(context, pattern, directories),
    origin,
  }));
  return sortUnique(credentials, (c) => c.pattern);
}
