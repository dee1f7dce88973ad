import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemCalls } from "../../src/linux/index.ts";
import { edited, fileOf, outputOf } from "../support/outputs.ts";
import { policyText } from "../support/policies.ts";
import { parseProfile } from "../support/seccomp-profile.ts";
import { profileIsNormal, profileTraps } from "./profile-checks.ts";
import { holdTraps } from "./trap.ts";

const file = "seccomp.json";

/** Bad profiles, each by an edit of a good one, that the schema must refuse. */
const bad: readonly (readonly [string, string | RegExp, string])[] = [
  ["docker's archMap", '"architectures": [', '"archMap": [], "architectures": ['],
  ["docker's includes", '"action": "SCMP_ACT_ERRNO"', '"action": "SCMP_ACT_ERRNO", "includes": {}'],
  ["docker's excludes", '"action": "SCMP_ACT_ERRNO"', '"action": "SCMP_ACT_ERRNO", "excludes": {}'],
  ["docker's comment", '"action": "SCMP_ACT_ERRNO"', '"action": "SCMP_ACT_ERRNO", "comment": ""'],
  ["docker's single name", '"names": ["', '"name": "read", "names": ["'],
  ["flags", '"architectures": [', '"flags": [], "architectures": ['],
  ["a sub-architecture", '"SCMP_ARCH_X86_64"', '"SCMP_ARCH_X86_64", "SCMP_ARCH_X32"'],
  ["no rule", /"syscalls": \[[\s\S]*\]/, '"syscalls": []'],
  ["a log action", '"action": "SCMP_ACT_ERRNO"', '"action": "SCMP_ACT_LOG"'],
  ["an errno of an allow", '"action": "SCMP_ACT_ALLOW"', '"action": "SCMP_ACT_ALLOW", "errnoRet": 1'],
  ["an unknown comparison", "SCMP_CMP_EQ", "SCMP_CMP_GE"],
  ["a seventh argument", '"index": 0', '"index": 6'],
  ["65 bits", /"value": \d+/, '"value": 18446744073709551616'],
  ["a negative value", /"value": \d+/, '"value": -1'],
  ["a mask without a second value", /, "valueTwo": \d+/, ""],
  ["no names", /"names": \[[^\]]*\]/, '"names": []'],
];

holdTraps(
  "seccomp",
  ["", "docker=20.10,runc=1.1", "runc=1.3,docker=28"],
  profileTraps("writes"),
  (space, outputs) => {
    describe("the schema of what is emitted", () => {
      test("holds of every profile", () => {
        for (const output of outputs()) {
          const profile = parseProfile(fileOf(output, file));
          expect(profile.ok ? undefined : profile.problem, output.title).toBeUndefined();
        }
      });

      test.each(bad)("%s is refused", (_, from, to) => {
        const output = outputOf(space(), "writes", policyText("run node ./dist/index.js"), "seccomp");
        expect(parseProfile(fileOf(output, file)).ok).toBe(true);
        expect(parseProfile(fileOf(edited(output, file, from, to), file)).ok).toBe(false);
      });

      test("names 64-bit values exactly", () => {
        const body = "syscalls default-deny + [@runc-floor, lseek(offset = 18446744073709551615)]";
        const output = outputOf(space(), body, policyText(body), "seccomp");
        expect(fileOf(output, file)).toContain("18446744073709551615");
        const profile = parseProfile(fileOf(output, file));
        const words = profile.ok
          ? profile.value.syscalls.flatMap((r) => r.args ?? []).map((a) => a.value)
          : [];
        expect(words).toContain(2n ** 64n - 1n);
      });

      test("riscv64 is named for runtimes that know it, and not for others", () => {
        const of = (environment: string) =>
          fileOf(outputOf(space(), "riscv", policyText("net none"), "seccomp", environment), file);
        expect(of("runc=1.1")).not.toContain("RISCV64");
        expect(of("runc=1.2")).toContain("RISCV64");
      });

      test("what docker before 23 would answer with EPERM has a rule of its own", () => {
        const of = (environment: string) =>
          parseProfile(
            fileOf(outputOf(space(), "absent", policyText("net none"), "seccomp", environment), file),
          );
        const errno = (environment: string): number | undefined => {
          const profile = of(environment);
          return profile.ok
            ? profile.value.syscalls.find((r) => r.names.includes("clone3"))?.errnoRet
            : undefined;
        };
        expect(errno("docker=20.10")).toBe(38);
        expect(errno("docker=23")).toBeUndefined();
      });
    });

    test("any list of calls gives one normalised entry for each", () => {
      const names = [...systemCalls().keys()].filter((name) => !/^(?:socket|uretprobe|uprobe)/.test(name));
      fc.assert(
        fc.property(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 12 }), (calls) => {
          const [first = "read"] = calls;
          const list = [...calls, ...calls, "prctl(option = 15)", "prctl(option in {15, 38})", first].join(
            ", ",
          );
          const body = `syscalls default-deny + [@runc-floor, ${list}]`;
          const output = outputOf(space(), body, policyText(body), "seccomp");
          expect(output.diagnostics.filter((d) => d.startsWith("error"))).toEqual([]);
          expect(profileIsNormal(output)).toBeUndefined();
        }),
        { numRuns: 60 },
      );
    });
  },
);
