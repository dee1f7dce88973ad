/** What the compiler emits for systemd is within its policy, and the two readers agree about it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { liftRun, liftUnit } from "../../src/lift/unit.ts";
import { targets } from "../../src/targets/registry.ts";
import { acceptEverything, randomPolicies, worldProject } from "../support/random-policies.ts";
import { confining, emittedFor, excessOf, ownEnvironment, withProgram } from "../support/unit-policy.ts";

const runs = process.env.MCPC_LONG ? 2000 : 120;

describe("emitted units", () => {
  test("are read without a finding, and are within their policy", () => {
    let seen = 0;
    fc.assert(
      fc.property(randomPolicies(acceptEverything), fc.boolean(), ({ text }, isProgram) => {
        const emitted = emittedFor(isProgram ? withProgram(text) : text);
        if (!emitted) return;
        seen++;
        for (const [path, content] of emitted.files) {
          if (!/\.(?:service|socket)$/.test(path)) continue;
          expect(liftUnit([{ path, text: content }], ownEnvironment).findings, path).toEqual([]);
        }
        const unit = liftUnit(confining(emitted), ownEnvironment);
        expect(unit.findings).toEqual([]);
        const open = confining(emitted).every(({ path }) => path.endsWith(".conf"));
        expect(excessOf(unit, emitted.server), open ? "drop-in" : "unit").toEqual([]);
      }),
      { numRuns: runs },
    );
    expect(seen).toBeGreaterThan(runs / 2);
  });

  test("in the host's network they want abstract sockets accepted, where sockets are granted", () => {
    const systemd = targets.filter(({ name }) => name === "systemd");
    const errors = (accepted: string): readonly string[] =>
      compile(
        worldProject(
          `server s <\n  net any;\n  unix /run/app/app.sock;\n  accept systemd: ${accepted};\n>\n`,
        ),
        systemd,
      ).diagnostics.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));
    expect(errors("net.connect")).toEqual([expect.stringContaining("abstract sockets")]);
    expect(errors("net.connect, processes.other")).toEqual([]);
  });

  test("as command lines of systemd-run they mean the same", () => {
    let seen = 0;
    fc.assert(
      fc.property(randomPolicies(acceptEverything), ({ text }) => {
        const emitted = emittedFor(withProgram(text));
        const run = emitted?.files.get("run.json");
        if (!emitted || run === undefined) return;
        seen++;
        const { argv } = JSON.parse(run) as { argv: readonly string[] };
        const unit = liftRun(argv, ownEnvironment);
        expect(unit.findings).toEqual([]);
        expect(excessOf(unit, emitted.server)).toEqual([]);
      }),
      { numRuns: runs / 2 },
    );
    expect(seen).toBeGreaterThan(runs / 10);
  });
});
