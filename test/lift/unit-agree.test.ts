/** The lifter and the concrete evaluator, over random units and paths. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { holds } from "../../src/authority/bdd.ts";
import { bitOfCall, createCallDiagram } from "../../src/authority/calls.ts";
import { type PathMachine, rights } from "../../src/authority/paths.ts";
import {
  type UnitWorld,
  unitPermitsCall,
  unitPermitsFile,
  unitPermitsVariable,
} from "../../src/evaluate/unit.ts";
import { callsOfGroup } from "../../src/lift/unit/groups.ts";
import { liftUnit, type UnitEnvironment } from "../../src/lift/unit.ts";
import { systemCall } from "../../src/linux/index.ts";

const environment: UnitEnvironment = { release: 252, emptyDirectories: new Set(["/srv/empty"]) };
const runs = process.env.MCPC_LONG ? 20_000 : 1500;

const worldWith = (exists: (path: string) => boolean): UnitWorld => ({
  exists,
  empty: new Set(["/srv/empty"]),
  group: (name) => {
    const calls = callsOfGroup(name);
    return calls && [...calls];
  },
});

const path = fc.constantFrom(
  "/",
  "/a",
  "/a/b",
  "/a/b/c",
  "/d",
  "/d/e",
  "/home",
  "/home/u",
  "/etc",
  "/usr",
  "/usr/lib",
  "/tmp",
  "/dev",
  "/dev/shm",
  "/dev/null",
  "/proc",
  "/proc/sys",
  "/sys",
  "/run",
  "/srv/empty",
  "/srv/full",
  "/srv/full/a",
);

const line = (minus: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(
          fc.constantFrom("InaccessiblePaths", "ReadOnlyPaths", "ReadWritePaths", "NoExecPaths", "ExecPaths"),
          minus,
          fc.constantFrom("", "+"),
          path,
        )
        .map(([key, optional, plus, at]) => `${key}=${optional}${plus}${at}`),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          fc.constantFrom("BindPaths", "BindReadOnlyPaths"),
          minus,
          path,
          path,
          fc.constantFrom("", ":rbind", ":norbind", ":typo"),
        )
        .map(([key, optional, from, to, options]) => `${key}=${optional}${from}:${to}${options}`),
    },
    path.map((at) => `TemporaryFileSystem=${at}:ro`),
    fc.constantFrom(
      "ProtectSystem=strict",
      "ProtectSystem=full",
      "ProtectSystem=yes",
      "ProtectHome=yes",
      "ProtectHome=read-only",
      "ProtectHome=tmpfs",
      "PrivateTmp=yes",
      "PrivateDevices=yes",
      "DynamicUser=yes",
      "MountAPIVFS=yes",
      "ProtectKernelTunables=yes",
      "RootDirectory=/srv/empty",
      "RootDirectory=/srv/full",
      "InaccessiblePaths=",
      "BindPaths=",
      "ReadOnlyPaths=a",
      "ExecStartPre=+/bin/x",
    ),
  );

const unitOf = (lines: readonly string[]): string => `[Service]\nExecStart=/bin/x\n${lines.join("\n")}\n`;

function machinePermits(machine: PathMachine, at: string, right: keyof typeof rights): boolean {
  const names = at.split("/").filter((name) => name !== "");
  const state = names.reduce((s, name) => machine.step(s, name), machine.start);
  return (machine.rightsAt(state) & rights[right]) !== 0;
}

const questions = fc.tuple(
  fc.oneof(
    path,
    path.map((at) => `${at === "/" ? "" : at}/x`),
  ),
  fc.constantFrom("read" as const, "write" as const, "exec" as const),
);

test("about files, where everything is there: the same answer", () => {
  const seen = { yes: 0, no: 0 };
  fc.assert(
    fc.property(
      fc.array(line(fc.constant("")), { maxLength: 6 }),
      fc.array(questions, { minLength: 8, maxLength: 8 }),
      (lines, asked) => {
        const source = { path: "a.service", text: unitOf(lines) };
        const { files } = liftUnit([source], environment).authority;
        for (const [at, right] of asked) {
          const said = unitPermitsFile(
            [source],
            worldWith(() => true),
            right,
            at,
          );
          seen[said ? "yes" : "no"]++;
          expect(files ? machinePermits(files, at, right) : true, `${source.text}${right} ${at}`).toBe(said);
        }
      },
    ),
    { numRuns: runs },
  );
  expect(seen.yes).toBeGreaterThan(runs / 2);
  expect(seen.no).toBeGreaterThan(runs / 2);
});

test("about files, where something may be missing: nothing that the evaluator permits is left out", () => {
  fc.assert(
    fc.property(
      fc.array(line(fc.constantFrom("", "-")), { maxLength: 6 }),
      fc.array(questions, { minLength: 4, maxLength: 4 }),
      fc.func(fc.boolean()),
      (lines, asked, exists) => {
        const source = { path: "a.service", text: unitOf(lines) };
        const { files } = liftUnit([source], environment).authority;
        for (const [at, right] of asked)
          if (unitPermitsFile([source], worldWith(exists), right, at))
            expect(files ? machinePermits(files, at, right) : true, `${source.text}${right} ${at}`).toBe(
              true,
            );
      },
    ),
    { numRuns: runs },
  );
});

const callNames = ["read", "mount", "mmap", "ptrace", "chown", "clock_settime", "socket", "execve", "uname"];
const filter = fc
  .tuple(
    fc.constantFrom("", "~"),
    fc.array(
      fc.constantFrom(
        ...callNames,
        "@mount",
        "@default",
        "@privileged",
        "@system-service",
        "@typo",
        "typo",
        "mount:EPERM",
      ),
      { maxLength: 4 },
    ),
  )
  .map(([tilde, words]) => `SystemCallFilter=${tilde}${words.join(" ")}`);

test("about names of system calls: the same answer", () => {
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 4 }), fc.constantFrom(...callNames), (lines, name) => {
      const source = { path: "a.service", text: unitOf(lines) };
      const bdd = createCallDiagram();
      const root = liftUnit([source], environment).authority.calls?.(bdd) ?? 1;
      const number = systemCall(name)?.numbers.x86_64 ?? -1;
      const said = holds(bdd, root, bitOfCall({ entry: "x86_64", number, words: [] }));
      expect(said, source.text + name).toBe(
        unitPermitsCall(
          [source],
          worldWith(() => true),
          name,
        ),
      );
    }),
    { numRuns: runs },
  );
});

const variableLine = fc
  .tuple(
    fc.constantFrom("Environment", "PassEnvironment", "UnsetEnvironment"),
    fc.constantFrom("A", "B", "LANG", "PATH"),
  )
  .map(([key, name]) => (key === "Environment" ? `${key}="${name}=1"` : `${key}=${name}`));

test("about variables: the same answer", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(variableLine, fc.constantFrom("Environment=", "UnsetEnvironment=")), {
        maxLength: 6,
      }),
      fc.constantFrom("A", "B", "C", "LANG", "PATH"),
      (lines, name) => {
        const source = { path: "a.service", text: unitOf(lines) };
        const { environment: variables } = liftUnit([source], environment).authority;
        const said = variables === undefined || variables === "any" || variables.has(name);
        expect(said, source.text + name).toBe(unitPermitsVariable([source], name));
      },
    ),
    { numRuns: runs },
  );
});
