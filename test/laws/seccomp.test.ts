import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import type { CallGrant, Condition } from "../../src/policy/ir.ts";
import { subtractConditions } from "../../src/policy/subtract.ts";
import { printProfile, seccompProfile } from "../../src/targets/seccomp/profile.ts";

const arbitraryCondition: fc.Arbitrary<Condition> = fc
  .record({
    argument: fc.integer({ min: 0, max: 2 }),
    bits: fc.constantFrom(32 as const, 64 as const),
    mask: fc.option(fc.constantFrom("3", "6", "4294967295"), { nil: undefined }),
    values: fc.uniqueArray(fc.constantFrom("0", "1", "2", "5"), { minLength: 1, maxLength: 2 }),
    negated: fc.constant(false),
  })
  .map(({ mask, ...rest }) => ({ ...rest, name: `a${rest.argument}`, ...(mask !== undefined && { mask }) }));

const arbitraryConjunction = fc.array(arbitraryCondition, { minLength: 1, maxLength: 2 });
const arbitraryGrant: fc.Arbitrary<CallGrant> = fc
  .option(fc.array(arbitraryConjunction, { minLength: 1, maxLength: 3 }), { nil: undefined })
  .map((when) => ({ name: "ioctl", conditions: "firm", origins: [0], ...(when && { when }) }));

const arguments_ = fc.array(fc.constantFrom(0n, 1n, 2n, 3n, 5n, 6n, 0x100000001n, 0xffffffff00000002n), {
  minLength: 6,
  maxLength: 6,
});

function holds(condition: Condition, words: readonly bigint[]): boolean {
  const word = BigInt.asUintN(condition.bits, words[condition.argument] ?? 0n);
  const masked = condition.mask === undefined ? word : word & BigInt(condition.mask);
  return condition.values.some((v) => BigInt(v) === masked) !== condition.negated;
}

const permits = (grant: CallGrant | undefined, words: readonly bigint[]): boolean =>
  grant !== undefined &&
  (grant.when === undefined || grant.when.some((c) => c.every((x) => holds(x, words))));

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly { index: number; value: string; valueTwo?: string; op: string }[];
}

/** A runtime, by the words of the specification: the first rule whose action is not the default's and that matches. */
function runtimeAllows(profile: string, name: string, words: readonly bigint[]): boolean {
  // Numbers of 64 bits do not survive JSON.parse.
  const parsed = JSON.parse(profile.replace(/"(value|valueTwo)": (\d+)/g, '"$1": "$2"')) as {
    syscalls: readonly Rule[];
  };
  const matching = parsed.syscalls.filter(({ names }) => names.includes(name));
  return matching.some(
    ({ action, args = [] }) =>
      action === "SCMP_ACT_ALLOW" &&
      args.every(({ index, value, valueTwo = "0", op }) => {
        const word = words[index] ?? 0n;
        if (op === "SCMP_CMP_EQ") return word === BigInt(value);
        if (op === "SCMP_CMP_NE") return word !== BigInt(value);
        return (word & BigInt(value)) === (BigInt(valueTwo) & BigInt(value));
      }),
  );
}

describe("a seccomp profile", () => {
  test("permits no argument that the policy does not grant, and all of them unless it says so", () => {
    fc.assert(
      fc.property(
        arbitraryGrant,
        fc.array(arbitraryConjunction, { maxLength: 2 }),
        arguments_,
        (grant, denied, words) => {
          const left = subtractConditions(grant, denied);
          const granted = permits(grant, words) && !denied.some((c) => c.every((x) => holds(x, words)));
          expect(permits(left, words)).toBe(granted);
          const profile = seccompProfile(
            { exact: true, allow: left ? [left] : [], denied: [] },
            defaultEnvironment,
          );
          const allowed = runtimeAllows(printProfile(profile, defaultEnvironment), "ioctl", words);
          if (!granted) expect(allowed).toBe(false);
          else if (profile.narrowed.length === 0) expect(allowed).toBe(true);
        },
      ),
      { numRuns: process.env.MCPC_LONG ? 100_000 : 3000 },
    );
  });

  test("names each argument once in a rule, and no rule has the default's action", () => {
    fc.assert(
      fc.property(arbitraryGrant, (grant) => {
        const { rules } = seccompProfile({ exact: true, allow: [grant], denied: [] }, defaultEnvironment);
        for (const { args = [], action, errnoRet } of rules) {
          expect(new Set(args.map((a) => a.index)).size).toBe(args.length);
          expect(action === "SCMP_ACT_ERRNO" && errnoRet === 38).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("unknown calls look absent, known ones denied; clone3 and io_uring look absent", () => {
    const { rules } = seccompProfile({ exact: true, allow: [], denied: [] }, defaultEnvironment);
    const answer = (name: string): number => rules.find((rule) => rule.names.includes(name))?.errnoRet ?? 38;
    expect(answer("mount")).toBe(1);
    expect(answer("vfork")).toBe(13);
    for (const name of ["clone3", "openat2", "io_uring_setup", "io_uring_enter", "no_such_call"])
      expect(answer(name)).toBe(38);
  });
});
