/**
 * Emitted units with one thing wrong: those that permit more fail, with an operation that the evaluator confirms; those that
 * don't pass.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { PathMachine } from "../../src/authority/paths.ts";
import { rights } from "../../src/authority/paths.ts";
import {
  type UnitWorld,
  unitPermitsCall,
  unitPermitsFile,
  unitPermitsVariable,
} from "../../src/evaluate/unit.ts";
import { callsOfGroup } from "../../src/lift/unit/groups.ts";
import { liftUnit, type UnitText } from "../../src/lift/unit.ts";
import { unitMutants } from "../mutants/unit.ts";
import { acceptEverything, randomPolicies, world } from "../support/random-policies.ts";
import {
  confining,
  type Emitted,
  type Excess,
  emittedFor,
  excessOf,
  ownEnvironment,
  policyFiles,
  withProgram,
} from "../support/unit-policy.ts";

const policies = process.env.MCPC_LONG ? 60 : 2;

const worldWith = (exists: boolean): UnitWorld => ({
  exists: () => exists,
  empty: ownEnvironment.emptyDirectories ?? new Set(),
  group: (name) => {
    const calls = callsOfGroup(name);
    return calls && [...calls];
  },
});
const worlds = [worldWith(true), worldWith(false)];

/** Whether the evaluator confirms; undefined where it has nothing to say of the slice. */
function confirmed(texts: readonly UnitText[], { file, variable, call, slice }: Excess): boolean | undefined {
  if (file && slice === "files") return worlds.some((w) => unitPermitsFile(texts, w, file.right, file.path));
  if (variable !== undefined) return unitPermitsVariable(texts, variable);
  const name = call?.name;
  if (name !== undefined && call?.entry === "x86_64" && !name.startsWith("x32:"))
    return worlds.some((w) => unitPermitsCall(texts, w, name));
  return undefined;
}

interface Mutant {
  readonly what: string;
  readonly texts: readonly UnitText[];
}

/** The unit itself is spoilt; what lies beside it stays. */
function mutantsOf([only, ...others]: readonly UnitText[]): readonly Mutant[] {
  if (!only) return [];
  return unitMutants(only.text).map(({ what, text }) => ({
    what,
    texts: [{ path: only.path, text }, ...others],
  }));
}

/** Paths that a mutant is asked about: of the small world, above and below. */
const probes: readonly string[] = [
  ...new Set(
    [
      ...Object.keys(world),
      "/etc/shadow",
      "/root/x",
      "/usr/lib/x",
      "/lib/x.so",
      "/run/other.sock",
      "/dev/shm/x",
      "/srv/other",
    ].flatMap((p) => p.split("/").map((_, count, parts) => parts.slice(0, count + 1).join("/") || "/")),
  ),
];

function allowedBy(machine: PathMachine, path: string, right: keyof typeof rights): boolean {
  const names = path.split("/").filter((name) => name !== "");
  return (
    (machine.rightsAt(names.reduce((s, name) => machine.step(s, name), machine.start)) & rights[right]) !== 0
  );
}

/** A file operation that the evaluator finds beyond the policy. */
function probed(texts: readonly UnitText[], { server }: Emitted): string | undefined {
  const policy = policyFiles(server);
  for (const path of probes)
    for (const right of ["read", "write", "exec"] as const)
      if (!allowedBy(policy, path, right) && worlds.some((w) => unitPermitsFile(texts, w, right, path)))
        return `${right} ${path}`;
  return undefined;
}

describe("mutants of emitted units", () => {
  const found = { all: 0, failing: 0, confirmed: 0, passing: 0, byFinding: 0 };
  let emitted: readonly Emitted[] = [];
  beforeAll(() => {
    emitted = fc
      .sample(randomPolicies(acceptEverything), { numRuns: policies * 4, seed: 20 })
      .flatMap(({ text }) => emittedFor(withProgram(text)) ?? [])
      .filter((e) => confining(e).some(({ path }) => path.endsWith(".service")))
      .slice(0, policies);
  });

  test("those that permit more fail with a witness, and the others pass", () => {
    expect(emitted.length).toBe(policies);
    for (const one of emitted)
      for (const { what, texts } of mutantsOf(confining(one))) {
        found.all++;
        const unit = liftUnit(texts, ownEnvironment);
        const excess = excessOf(unit, one.server);
        if (excess.length === 0) {
          found.passing++;
          // Others leave the view as it is.
          if (/Paths|Root|Protect|Private|Dynamic|Mount|Temporary/.test(what))
            expect(probed(texts, one), what).toBe(undefined);
          continue;
        }
        found.failing++;
        for (const e of excess) {
          const answer = confirmed(texts, e);
          if (answer !== undefined) found.confirmed++;
          expect(answer, `${what}: ${e.slice} ${e.text}`).not.toBe(false);
        }
        if (unit.findings.length > 0) found.byFinding++;
      }
    console.log(`mutants of units: ${JSON.stringify(found)}`);
    expect(found.failing).toBeGreaterThan(found.all / 10);
    expect(found.confirmed).toBeGreaterThan(found.failing / 4);
    expect(found.passing).toBeGreaterThan(0);
  });

  /** What must not pass, whatever the policy: the line, what becomes of it, and the slice that shows it. */
  const fatal: readonly (readonly [RegExp, string, string])[] = [
    [/^ProtectProc=invisible$/m, "ProtectProc=default", "processes"],
    [/^PrivateIPC=yes$/m, "", "processes"],
    [/^NoNewPrivileges=yes$/m, "NoNewPrivileges=no", ""],
    [/^CapabilityBoundingSet=$/m, "CapabilityBoundingSet=CAP_SYS_ADMIN", ""],
    [/^AmbientCapabilities=$/m, "AmbientCapabilities=~\nCapabilityBoundingSet=~", "identity"],
    [/^SystemCallArchitectures=native$/m, "", "calls"],
    [/^SystemCallFilter=.*$/m, "", ""],
    [/^SystemCallFilter=~@default$/m, "SystemCallFilter=~@defualt", "calls"],
    [/^SystemCallFilter=/m, "SystemCallFilter=~@mount\nSystemCallFilter=", "calls"],
    [/^RootDirectory=/m, "RootDirectory= \nX-RootDirectory=", "files"],
    [/^InaccessiblePaths=-\+\/tmp/m, "InaccessiblePaths=-+/tnp", "limits"],
    [/^UnsetEnvironment=/m, "UnsetEnvironment=\nX-Unset=", "env"],
    [/^ExecStart=:/m, "ExecStart=+:", "files"],
    [/^\[Service\]$/m, "[Service]\nBindReadOnlyPaths=/etc", "files"],
    [/^\[Service\]$/m, "[Service]\nEnvironmentFile=-/etc/default/x", "env"],
    [/^\[Service\]$/m, "[Service]\nLoadCredential=x:/etc/shadow", "files"],
    [/^\[Service\]$/m, "[Service]\nStateDirectory=x", "files"],
  ];

  test.each(fatal)("%s -> %s", (from, to, slice) => {
    for (const one of emitted) {
      const texts = confining(one).map(({ path, text }) => ({ path, text: text.replace(from, to) }));
      expect(texts[0]?.text).not.toBe(confining(one)[0]?.text);
      const excess = excessOf(liftUnit(texts, ownEnvironment), one.server);
      if (slice === "") continue;
      expect(excess.map((e) => e.slice)).toContain(slice);
    }
  });
});
