import type { FileType, Host, HostMatch } from "../../src/host/host.ts";
import { ancestors, isWithin, matchesPattern } from "../../src/host/patterns.ts";

/** A host that exists in memory: paths to what they are; directories above them come by themselves. */
export function memoryHost(entries: Readonly<Record<string, FileType>>, uid = 1000): Host {
  const tree = new Map<string, FileType>([["/", "directory"]]);
  for (const [path, type] of Object.entries(entries)) {
    for (const above of ancestors(path)) tree.set(above, "directory");
    tree.set(path, type);
  }
  const below = (within: string): readonly HostMatch[] =>
    [...tree]
      .filter(([path]) => isWithin(path, within))
      .map(([path, type]) => ({ path, type }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    lookup: (path) => {
      const type = tree.get(path);
      return type === undefined
        ? { kind: "absent", path }
        : { kind: "found", path, type, uid, gid: uid, executable: true };
    },
    matches: (pattern, within) => below(within).filter(({ path }) => matchesPattern(pattern, path)),
    sockets: (within) =>
      below(within)
        .filter(({ type }) => type === "socket")
        .map(({ path }) => path),
    addons: () => [],
    libraries: () => undefined,
    which: (command) => (tree.has(`/usr/bin/${command}`) ? `/usr/bin/${command}` : undefined),
    user: () => undefined,
    manifest: () => undefined,
  };
}
