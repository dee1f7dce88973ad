/** Sockets of the file system: what `unix` grants, and what no grant of files may reach. */
import { meaningErrors as e } from "../diagnostics/catalogue/meaning.ts";
import { coversPath } from "../host/patterns.ts";
import type { PathNode } from "../syntax/ast.ts";
import { type LowerContext, originOf } from "./context.ts";
import { type Located, locate, searchRoots } from "./expand-files.ts";
import { clausesOf, type Layer } from "./inherit.ts";
import type { FileDeny, FileGrant, UnixSocket } from "./ir.ts";
import { sortUnique } from "./sort.ts";

/**
 * Whether a path can be granted as a socket. What is mounted for it shows all that is there, so anything else would be
 * read by the way; and a deny beats this grant like any other.
 */
function isGranted(
  context: LowerContext,
  node: PathNode,
  { path, type }: Located,
  denies: readonly FileDeny[],
): boolean {
  if (type !== "socket" && type !== "absent") {
    context.report(e.notASocket.report({ path, type }, { at: node.span }));
    return false;
  }
  const denied = denies.some(
    (deny) => deny.reason === "clause" && deny.access === "all" && coversPath(deny.pattern, path),
  );
  if (denied) context.report(e.deadGrant.report({ path }, { at: node.span }));
  else if (type === "absent") context.report(e.absent.report({ path }, { at: node.span }));
  return !denied;
}

/** The sockets that `unix` clauses grant. */
export function expandUnix(
  context: LowerContext,
  layer: Layer,
  denies: readonly FileDeny[],
): readonly UnixSocket[] {
  const all = clausesOf(layer, "unix").flatMap((sourced) =>
    sourced.clause.paths.flatMap((node): UnixSocket[] => {
      const located = locate(context, sourced.file, node);
      if (!located || !isGranted(context, node, located, denies)) return [];
      return [{ path: located.path, type: located.type, origin: originOf(context, sourced) }];
    }),
  );
  return sortUnique(all, (socket) => socket.path);
}

/** Sockets at and inside what is granted: to read a tree, or a socket's name, is not to connect to what listens there. */
export function socketsWithin(context: LowerContext, grants: readonly FileGrant[]): string[] {
  const own = grants.filter((grant) => grant.by !== "runtime");
  const named = own.filter(({ type }) => type === "socket").map(({ path }) => path);
  const trees = searchRoots(grants).filter((grant) => own.includes(grant) && grant.type === "directory");
  return [...new Set([...named, ...trees.flatMap(({ path }) => context.host.sockets(path))])].sort();
}
