import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBelow, isWithin } from "../../src/host/patterns.ts";
import type { Access, FileGrant, ServerIr } from "../../src/policy/ir.ts";
import { mountsOf } from "../../src/targets/shared/mounts.ts";

const paths = ["/a", "/a/b", "/a/b/c", "/a/bc", "/d", "/d/e"];
const probes = [...paths, "/a/x", "/a/b/x", "/a/b/c/x", "/d/e/x", "/e", "/"];
const accessSets: readonly (readonly Access[])[] = [
  ["read"],
  ["read", "write"],
  ["read", "exec"],
  ["read", "write", "exec"],
];

const arbitraryFiles = fc.record({
  grants: fc.uniqueArray(
    fc.record({ path: fc.constantFrom(...paths), access: fc.constantFrom(...accessSets) }),
    { selector: (g) => g.path, minLength: 1, maxLength: 4 },
  ),
  credentials: fc.uniqueArray(fc.constantFrom(...paths), { maxLength: 2 }),
  denies: fc.uniqueArray(
    fc.record({
      path: fc.constantFrom(...paths),
      access: fc.constantFrom("all" as const, "write" as const, "exec" as const),
    }),
    { selector: (d) => `${d.path} ${d.access}`, maxLength: 3 },
  ),
});

type Files = typeof arbitraryFiles extends fc.Arbitrary<infer T> ? T : never;

/** The language's own words, written down again: the union of grants without credentials strictly below each, less denies. */
function allows({ grants, credentials, denies }: Files, path: string, access: Access): boolean {
  if (denies.some((d) => (d.access === "all" || d.access === access) && isWithin(path, d.path))) return false;
  return grants.some(
    (g) =>
      g.access.includes(access) &&
      isWithin(path, g.path) &&
      !credentials.some((c) => isBelow(c, g.path) && isWithin(path, c)),
  );
}

function irOf({ grants, credentials, denies }: Files): { files: ServerIr["files"]; all: FileGrant[] } {
  const all = grants.map(
    ({ path, access }): FileGrant => ({
      path,
      access: [...access],
      type: "directory",
      by: "clause",
      origin: 0,
    }),
  );
  const match = (path: string) => [{ path, type: "directory" as const }];
  return {
    all,
    files: {
      grants: all,
      credentials: credentials.map((path) => ({ pattern: path, matches: match(path), origin: 0 })),
      denies: denies.map(({ path, access }) => ({
        pattern: path,
        access,
        reason: "clause",
        matches: match(path),
        origin: 0,
      })),
      sockets: [],
    },
  };
}

describe("mounts", () => {
  test("permit what the grants, credentials and denies mean, and nothing else", () => {
    fc.assert(
      fc.property(arbitraryFiles, (files) => {
        const ir = irOf(files);
        const mounts = mountsOf(ir.files, ir.all);
        for (const path of probes) {
          const nearest = mounts.filter((m) => isWithin(path, m.path)).at(-1);
          const seen = {
            read: nearest !== undefined && nearest.mode !== "mask",
            write: nearest?.mode === "rw",
            exec: nearest !== undefined && nearest.mode !== "mask" && nearest.exec,
          };
          // A target shows what can't be read as a mask: what may not be read may not be written either.
          const readable = allows(files, path, "read");
          expect({ path, ...seen }).toEqual({
            path,
            read: readable,
            write: readable && allows(files, path, "write"),
            exec: readable && allows(files, path, "exec"),
          });
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("under a writable mount, directories on the way to what is denied can't be renamed", () => {
    const files = {
      grants: [{ path: "/a", access: ["read", "write"] as const }],
      credentials: [],
      denies: [{ path: "/a/b/c", access: "all" as const }],
    };
    const ir = irOf(files);
    expect(mountsOf(ir.files, ir.all).map((m) => [m.path, m.mode, m.hold ?? false])).toEqual([
      ["/a", "rw", false],
      ["/a/b", "rw", true],
      ["/a/b/c", "mask", false],
    ]);
  });
});
