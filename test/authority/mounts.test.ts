/** What mounts show of the host, against a walk through them one path at a time. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Mount, mountedFiles } from "../../src/authority/mounts.ts";
import { ruleMachine } from "../../src/authority/path-rules.ts";
import { everyRight, fileOutside, type PathMachine, rights } from "../../src/authority/paths.ts";
import { isWithin } from "../../src/host/patterns.ts";

function rightsOf(machine: PathMachine, path: string): number {
  const names = path.split("/").filter((name) => name !== "");
  return machine.rightsAt(names.reduce((state, name) => machine.step(state, name), machine.start));
}

/** What is at a path of the view: the last mount at or above it. */
function seen(
  mounts: readonly Mount[],
  path: string,
): { readonly host: string; readonly mask: number } | undefined {
  const mount = mounts.findLast(({ target }) => isWithin(path, target));
  if (mount?.source === undefined) return undefined;
  const rest = mount.target === "/" ? path : path.slice(mount.target.length);
  const host = `${mount.source === "/" ? "" : mount.source}${rest === "/" ? "" : rest}`;
  return { host: host === "" ? "/" : host, mask: mount.rights };
}

const names = ["a", "b"];
const pathsOf = (depth: number): readonly string[] =>
  depth === 0 ? [""] : pathsOf(depth - 1).flatMap((path) => names.map((name) => `${path}/${name}`));
const view = ["/", ...[1, 2, 3, 4].flatMap(pathsOf)];

const place = fc.constantFrom("/", ...[1, 2].flatMap(pathsOf));
const mount = fc.record(
  {
    target: place,
    source: place,
    rights: fc.constantFrom(0, rights.read, rights.read | rights.write, everyRight),
  },
  { requiredKeys: ["target", "rights"] },
) as fc.Arbitrary<Mount>;

test("a host's path has what the view's paths that show it have", () => {
  let shown = 0;
  fc.assert(
    fc.property(fc.array(mount, { maxLength: 4 }), (mounts) => {
      const machine = mountedFiles(mounts);
      const expected = new Map<string, number>();
      for (const path of view) {
        const found = seen(mounts, path);
        if (found) expected.set(found.host, (expected.get(found.host) ?? 0) | found.mask);
      }
      // Only what lies no deeper than what was looked at: a source may be deeper than its target.
      for (const host of ["/", ...[1, 2].flatMap(pathsOf)]) {
        expect(rightsOf(machine, host), `${host} of ${JSON.stringify(mounts)}`).toBe(expected.get(host) ?? 0);
        if (expected.get(host)) shown++;
      }
    }),
    { numRuns: 2000 },
  );
  expect(shown).toBeGreaterThan(2000);
});

test("a bind of a parent shows what lies beside", () => {
  const parent = mountedFiles([{ target: "/work", source: "/home/u", rights: rights.read }]);
  const granted = ruleMachine([
    { pattern: "/home/u/project", effect: { kind: "grant", rights: rights.read } },
  ]);
  expect(fileOutside(parent, granted)).toEqual({ path: "/home/u", right: "read" });
});

test("a name that would be read as a pattern shows everything", () => {
  const odd = mountedFiles([{ target: "/work", source: "/home/*", rights: rights.read }]);
  expect(rightsOf(odd, "/etc/shadow")).toBe(everyRight);
});
