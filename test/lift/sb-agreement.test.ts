/** The lifter and the concrete evaluator, which share no code, on random profiles and random questions. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PathMachine } from "../../src/authority/paths.ts";
import { namesOf } from "../../src/authority/paths.ts";
import { sbPermits } from "../../src/evaluate/sb.ts";
import { confirms, mayOn } from "../../src/evaluate/sb-files.ts";
import { liftProfile, SbError } from "../../src/lift/sb.ts";

const runs = process.env.MCPC_LONG ? 20_000 : 600;

const paths = [
  "/",
  "/a",
  "/a/b",
  "/a/b/c",
  "/a/bc",
  "/ab",
  "/a.b",
  "/a/.env",
  "/x/a/b",
  "/d/é",
  "/d/x",
  "/a/b/a",
];
const texts = ["/", "/a", "/a/b", "/a/b/", "/a/.env", "/x", "/d"];
const expressions = [
  "^/a",
  "^/a/",
  "/b",
  "b$",
  "^/a/[^/]*$",
  "^/(a|d)/.$",
  "a.b",
  "a\\\\.b",
  "^(/[^/]+)*/\\\\.env(/.*)?$",
  "^/[a-c]+/b?c*",
  "(^|/)x/",
  "^/d/..$",
  "[^a-b/]",
  "[]x]$",
  "^/ab+$",
];

const pathFilter = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("literal", "subpath", "prefix", "path-literal", "path-ancestors"),
      fc.constantFrom(...texts),
    )
    .map(([kind, text]) => `(${kind} "${text}")`),
  fc.constantFrom(...expressions).map((text) => `(regex "${text}")`),
);
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    pathFilter,
    fc.constantFrom(
      "(vnode-type DIRECTORY)",
      '(subpath (param "P"))',
      '(literal (string-append home "/b"))',
      '(below "b")',
    ),
    tie("filter").map((of) => `(require-not ${of})`),
    fc
      .tuple(
        fc.constantFrom("require-all", "require-any"),
        fc.array(tie("filter"), { minLength: 1, maxLength: 3 }),
      )
      .map(([kind, of]) => `(${kind} ${of.join(" ")})`),
  ),
}));
const fileOperations = [
  "file*",
  "file-read*",
  "file-read-data",
  "file-write*",
  "file-write-data",
  "file-write-create",
  "file-unlink",
  "file-link",
  "file-map-executable",
  "process-exec",
  "process*",
  "default",
];
const rule = fc
  .tuple(
    fc.constantFrom("allow", "deny"),
    fc.uniqueArray(fc.constantFrom(...fileOperations), { minLength: 1, maxLength: 2 }),
    fc.array(filter, { maxLength: 2 }),
    fc.constantFrom("", "", "", "file-link", "file-read*", "process*"),
  )
  .map(([action, operations, filters, guard]) => {
    // `default` takes no filter.
    const list = operations.includes("default") ? [] : filters;
    const text = `(${[action, ...operations, ...list].join(" ")})`;
    return guard === "" ? text : `(if (defined? '${guard}) ${text})`;
  });
const profiles = fc
  .array(rule, { minLength: 1, maxLength: 7 })
  .map(
    (rules) =>
      `(version 1)\n(define home "/a")\n(define (below name) (subpath (string-append home "/" name)))\n${rules.join("\n")}\n`,
  );
const parameters = new Map([["P", "/a/b"]]);

function rightsAt(machine: PathMachine, path: string): readonly string[] {
  let state = machine.start;
  for (const name of path === "/" ? [] : path.split("/").slice(1)) state = machine.step(state, name);
  return namesOf(machine.rightsAt(state));
}

const guards = ["file-link", "file-read*", "process*"];
const systems = Array.from(
  { length: 8 },
  (_, at) => new Set(guards.filter((__, bit) => (at & (1 << bit)) !== 0)),
);

/** What the evaluator says of one operation on all kinds of systems that have it. */
function evaluated(profile: string, operation: string, chain: readonly string[], path: string): boolean {
  return systems
    .filter((missing) => !chain.some((name) => missing.has(name)))
    .some((missing) =>
      (["all", new Set<string>()] as const).some((holds) =>
        [false, true].some((bytes) =>
          sbPermits(profile, parameters, { operation, path, holds, bytes, missing }),
        ),
      ),
    );
}

const chains = {
  "file-read-data": ["file-read*"],
  "file-write-data": [],
  "file-write-unlink": [],
  "file-link": ["file-link"],
  "process-exec*": ["process*"],
  "file-map-executable": [],
} as const;

/** What the lifter says of one operation, from its machine of that operation alone. */
function lifted(profile: string, path: string): ReadonlyMap<string, boolean> {
  const found = liftProfile(profile, parameters);
  return new Map(Object.keys(chains).map((operation) => [operation, found.permits(operation, path)]));
}

test("what the evaluator permits, the lifter does; and what the lifter permits alone depends on the unknown", () => {
  let permitted = 0;
  let denied = 0;
  let precise = 0;
  fc.assert(
    fc.property(profiles, fc.constantFrom(...paths), (profile, path) => {
      const says = lifted(profile, path);
      for (const [operation, chain] of Object.entries(chains)) {
        const truth = evaluated(profile, operation, chain, path);
        const lift = says.get(operation);
        if (truth) permitted++;
        else denied++;
        if (truth) expect({ operation, path, lift }, profile).toEqual({ operation, path, lift: true });
        // Where nothing is left open, they are equal.
        const rules = profile.split("\n").slice(3).join("\n");
        const open = /vnode-type|path-ancestors|[a-z]\/"|\.\.?\$|\[\^/.test(rules);
        if (open) continue;
        precise++;
        expect({ operation, path, lift }, profile).toEqual({ operation, path, lift: truth });
      }
    }),
    { numRuns: runs },
  );
  expect(Math.min(permitted, denied, precise)).toBeGreaterThan(runs / 2);
});

test("the machine of a profile says of each path what its rules say", () => {
  fc.assert(
    fc.property(profiles, (profile) => {
      const { files, permits } = liftProfile(profile, parameters);
      for (const path of paths) {
        const direct = [
          ...(permits("file-read-data", path) ? ["read"] : []),
          ...(["process-exec*", "process-exec-interpreter", "file-map-executable"].some((o) =>
            permits(o, path),
          )
            ? ["exec"]
            : []),
        ];
        const found = rightsAt(files, path);
        expect(found, `${profile} ${path}`).toEqual(expect.arrayContaining(direct));
        for (const right of found)
          if (right === "exec") expect(direct, `${profile} ${path}`).toContain("exec");
          else if (!/defined/.test(profile) && !direct.includes(right))
            expect(
              confirms(profile, parameters, { path, right: right as "read" }),
              `${profile} ${path}`,
            ).toBe(true);
      }
    }),
    { numRuns: runs / 2 },
  );
});

test("a profile that can't be told is refused by name", () => {
  const refused = (body: string): string => {
    try {
      liftProfile(`(version 1)\n${body}`);
    } catch (error) {
      if (error instanceof SbError) return error.message;
      throw error;
    }
    return "";
  };
  expect(refused('(import "system.sb")')).toContain("import");
  expect(refused("(allow file-reed*)")).toContain("`file-reed*` is not known");
  expect(refused('(allow file-read* (sub-path "/a"))')).toContain("`sub-path` is not known");
  expect(refused('(allow file-read* (subpath "/a") (with silence))')).toContain("`silence` is no modifier");
  expect(refused('(allow file-read* (subpath (param "HOME")))')).toContain("a string is expected");
  expect(refused('(deny file-read* (with report) (subpath "/a"))')).toContain("`report` does not fit");
  expect(refused('(deny file-read* (regex "^/a/\\\\d+"))')).toContain("\\d");
  expect(refused('(deny file-read* (regex "^/(?:a|b)/"))')).toContain("(?");
  expect(refused('(deny file-read* (regex "^/a{2}"))')).toContain("{");
  expect(refused('(deny file-read* (require-not (subpath "/a") (subpath "/b")))')).toContain("exactly one");
  expect(refused('(allow mach-lookup (subpath "/a"))')).toContain("of a kind that it does not take");
  expect(refused('(allow network-outbound (remote tcp "example.com:443"))')).toContain(
    "a host is `*` or `localhost`",
  );
  expect(refused('(allow (subpath "/a"))')).toContain("without an operation");
  expect(refused('(allow file-read* (subpath "a"))')).toContain("no absolute path");
  expect(refused("(allow file-read*")).toContain("has no end");
  expect(refused('(allow file-read* (subpath "/a)')).toContain("has no end");
  expect(refused("(version 2)")).toContain("version 1");
  expect(() => liftProfile("(deny default)")).toThrow("begins with its version");
  expect(() => liftProfile(Uint8Array.of(0x28, 0xff, 0x29))).toThrow("UTF-8");
});

test("strings are read as TinyScheme reads them", () => {
  const readable = (text: string, path: string): boolean =>
    liftProfile(`(version 1)(allow file-read-data (literal ${text}))`).permits("file-read-data", path);
  expect(readable('"/\\u00e9"', "/u00e9")).toBe(true);
  expect(readable('"/\\xc3\\xa9"', "/é")).toBe(true);
  expect(readable('"/\\303\\251"', "/é")).toBe(true);
  expect(readable('"/\\b\\"\\\\"', '/b"\\')).toBe(true);
  expect(readable('#"/a\\n"', "/a\\n")).toBe(true);
  expect(readable('"/a\\n"', "/a\n")).toBe(true);
  for (const text of ['"/\\u00e9"', '"/\\xc3\\xa9"', '"/\\b\\"\\\\"', '#"/a\\n"']) {
    const profile = `(version 1)(allow file-read-data (literal ${text}))`;
    const path = ["/u00e9", "/é", '/b"\\', "/a\\n"].find((one) => readable(text, one)) ?? "";
    expect(mayOn(profile, new Map(), "file-read-data", path), text).toBe(true);
  }
});
