/**
 * What changed between two versions of the standard library: each of its profiles and groups as a server that has nothing
 * else, and its lists of denied paths as a server that may read and write everything.
 */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Host } from "../host/host.ts";
import { type LibraryFile, libraryOf, loadPolicy, type StandardLibrary } from "../policy/load.ts";
import { type LoweredPolicy, lower } from "../policy/lower.ts";
import { diffPolicies, type ServerDifference } from "../verify/diff.ts";

const platforms = ["linux", "macos"] as const;

/** A host that has everything, so that no path is left out for being absent on this one. */
const everyPath: Host = {
  lookup: (path) => ({
    kind: "found",
    path,
    type: path.startsWith("/dev/") ? "device" : "directory",
    uid: 0,
    gid: 0,
    executable: false,
  }),
  matches: () => [],
  sockets: () => [],
  addons: () => [],
  libraries: () => undefined,
  which: () => undefined,
  user: () => undefined,
  manifest: () => undefined,
};

/** Profiles that only deny: what is left of everything says what they do. */
const denials: ReadonlySet<string> = new Set(["credentials", "system-credentials", "protected"]);

/** The name of a policy that nobody wrote. */
export const libraryPolicy = "<library>";

/** A policy of one server for each name of a library. Names of servers are its own: `profile-X`, `group-X`. */
function policyOf({ profiles, groups }: StandardLibrary): string {
  const named = [...profiles.keys()].filter((name) => !denials.has(name));
  return [
    "language 1;",
    "server denied < read /; write /; runtime none; >",
    ...named.map((name) => `server profile-${name} extends ${name} < runtime none; >`),
    ...[...groups.keys()].map(
      (name) => `server group-${name.slice(1)} < runtime none; syscalls default-deny + [${name}]; >`,
    ),
  ].join("\n");
}

/** The servers of one library, with what is wrong with it. */
function lowered(std: StandardLibrary): LoweredPolicy {
  const hash = (): string => "";
  const { policy, diagnostics } = loadPolicy({
    main: { path: "/library.mcp", source: { name: libraryPolicy, text: policyOf(std) } },
    root: "/",
    include: [],
    readImport: () => ({ ok: false, reason: "a library imports nothing here" }),
    hash,
  });
  const options = { host: everyPath, root: "/", home: "/home/user", outputs: [], hash, std };
  const found = lower(policy, { ...options, platform: std.platform });
  return { ...found, diagnostics: [...diagnostics, ...found.diagnostics] };
}

/** What changed for one platform, with the spans of the clauses on either side. */
export interface PlatformDifference {
  readonly differences: readonly ServerDifference[];
  readonly before: Pick<LoweredPolicy, "spans">;
  readonly after: Pick<LoweredPolicy, "spans">;
}

/** What changed, or what is wrong with one of the libraries. */
export type LibraryDifference =
  | { readonly ok: true; readonly platforms: readonly PlatformDifference[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Compares two versions of the standard library, platform by platform. */
export function diffLibraries(old: readonly LibraryFile[], now: readonly LibraryFile[]): LibraryDifference {
  const all = platforms.map(
    (platform): PlatformDifference & { readonly diagnostics: readonly Diagnostic[] } => {
      const [before, after] = [lowered(libraryOf(old, platform)), lowered(libraryOf(now, platform))];
      const differences = diffPolicies(before.ir, after.ir).map((one) => ({
        ...one,
        server: `${one.server} on ${platform}`,
      }));
      return { differences, before, after, diagnostics: [...before.diagnostics, ...after.diagnostics] };
    },
  );
  const errors = all.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === "error"));
  return errors.length > 0 ? { ok: false, diagnostics: errors } : { ok: true, platforms: all };
}
