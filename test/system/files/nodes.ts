/** The nodes of the trie that a policy makes of all paths. */
import { existsSync } from "node:fs";
import { ancestors, isPlain, isWithin } from "../../../src/host/patterns.ts";
import type { PolicyIr, ServerIr } from "../../../src/policy/ir.ts";
import { credentialLists } from "../../../src/policy/lists.ts";
import { insideName } from "./realise.ts";
import { besideEnd } from "./world.ts";

/** What a policy speaks of beside its files: where it lies itself, and its artifacts. */
export interface Around {
  readonly policy: string;
  readonly location: string;
}

/**
 * Each path at which the policy of a server begins to permit or to deny something, and each directory above it: grants, what
 * denies and credential paths name or match, the program, sockets, the temporary directory, the policy and its artifacts.
 */
export function nodesOf(ir: PolicyIr, server: ServerIr, { policy, location }: Around): readonly string[] {
  const { grants, denies, credentials, sockets } = server.files;
  const ends = [
    ...grants.flatMap(({ path, requested }) => [path, ...(requested === undefined ? [] : [requested])]),
    ...[...denies, ...credentials].flatMap(({ pattern, matches }) => [
      ...matches.map(({ path }) => path),
      ...(isPlain(pattern) ? [pattern] : []),
    ]),
    ...credentialLists(ir.home).filter((pattern) => isPlain(pattern) && isWithin(pattern, ir.home)),
    ...sockets,
    ...server.unix.map(({ path }) => path),
    ...[server.program?.argv[0], server.program?.executable, server.program?.entry].filter(
      (path) => path?.startsWith("/") === true,
    ),
    "/tmp",
    policy,
    location,
  ];
  return [...new Set(ends.flatMap((path = "/") => [...ancestors(path), path]))].sort();
}

/** The nodes, what lies beside each, and what lies in each: every path that is probed. */
export function probedPaths(nodes: readonly string[]): readonly string[] {
  const around = nodes.flatMap((node) => {
    const inside = node === "/" ? `/${insideName}` : `${node}/${insideName}`;
    return [node, ...(node === "/" ? [] : [`${node}${besideEnd}`]), ...(existsSync(inside) ? [inside] : [])];
  });
  return [...new Set(around)].sort();
}
