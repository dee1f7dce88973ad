import { beforeAll, describe, expect, test } from "vitest";
import { type Bdd, intersection, never, type Root, union, without } from "../../src/authority/bdd.ts";
import {
  argumentField,
  createCallDiagram,
  describeCall,
  type Entry,
  exempt,
  leastCall,
  ofNumber,
  possibleCalls,
} from "../../src/authority/calls.ts";
import { equal } from "../../src/authority/words.ts";
import { runBpf } from "../../src/evaluate/bpf.ts";
import { liftBpf } from "../../src/lift/bpf.ts";
import { liftSeccomp, readSeccomp } from "../../src/lift/seccomp.ts";
import { i386Calls, systemCall, x32Calls } from "../../src/linux/index.ts";
import { isPermission } from "../support/bpf-actions.ts";
import { buildProgram } from "./build.ts";
import { dockerDefault, exampleProfiles, randomProfiles } from "./filters.ts";
import { compileProfile } from "./libseccomp.ts";

let exporter = "";
beforeAll(() => {
  exporter = buildProgram("export-bpf", ["seccomp"]);
});

/** Every call of these names, which a libseccomp that does not know them leaves out. */
function callsOf(bdd: Bdd, names: readonly string[]): Root {
  return names.reduce((root, name) => {
    const numbers: readonly (readonly [Entry, number | undefined])[] = [
      ["x86_64", systemCall(name)?.numbers.x86_64],
      ["x86_64", x32Calls().get(name)],
      ["i386", i386Calls().get(name)],
    ];
    return numbers.reduce(
      (r, [entry, n]) => (n === undefined ? r : union(bdd, r, ofNumber(bdd, entry, n))),
      root,
    );
  }, never);
}

/** The same of x32 alone. */
function x32CallsOf(bdd: Bdd, names: readonly string[]): Root {
  return names.reduce((root, name) => {
    const number = x32Calls().get(name);
    return number === undefined ? root : union(bdd, root, ofNumber(bdd, "x86_64", number));
  }, never);
}

/** The least call of a set in words; undefined when it is empty. */
function least(bdd: Bdd, root: Root): string | undefined {
  const call = leastCall(bdd, root);
  return call && describeCall(call);
}

/** Both readings of one profile over what can happen: from its text, and from the filter that libseccomp makes of it. */
function bothReadings(text: string, optimize: 1 | 2, entries: readonly Entry[]) {
  const bdd = createCallDiagram();
  const { program, unknown, missingX32 } = compileProfile(text, { exporter, optimize, timeout: 60_000 });
  const domain = without(bdd, possibleCalls(bdd, entries), exempt(bdd));
  const fromText = intersection(bdd, domain, liftSeccomp(bdd, readSeccomp(text)));
  const fromFilter = intersection(bdd, domain, liftBpf(bdd, program).permitted);
  const left = union(bdd, callsOf(bdd, unknown), x32CallsOf(bdd, missingX32));
  return { bdd, program, fromText, fromFilter, unknown: left };
}

describe.each([1, 2] as const)("optimize %i", (optimize) => {
  test("Docker's default profile is the same set from its text and from its filter, x32 too", () => {
    const { bdd, fromText, fromFilter, unknown } = bothReadings(dockerDefault, optimize, ["x86_64"]);
    expect(least(bdd, without(bdd, fromFilter, fromText))).toBeUndefined();
    // What one runtime lets through counts: a libseccomp that knows more names, or that compares x32's words of 64 bits,
    // permits more. Of the conditions, those of socket are the ones that a high half can make true.
    const x32Socket = x32CallsOf(bdd, ["socket"]);
    const more = without(bdd, fromText, fromFilter);
    expect(least(bdd, without(bdd, more, union(bdd, unknown, x32Socket)))).toBeUndefined();
    expect(intersection(bdd, more, unknown)).toBe(intersection(bdd, fromText, unknown));
    expect(intersection(bdd, more, x32Socket)).not.toBe(never);
    expect(fromFilter).not.toBe(never);
  });

  test("and so is each profile of the examples and of random policies", { timeout: 600_000 }, () => {
    const random = randomProfiles(process.env.MCPC_LONG ? 60 : 8, 7).map(
      (text, at) => [`policy ${at}`, text] as const,
    );
    for (const [name, text] of [...exampleProfiles(), ...random]) {
      const { bdd, fromText, fromFilter, unknown } = bothReadings(text, optimize, ["x86_64", "i386"]);
      expect(least(bdd, without(bdd, fromFilter, fromText)), name).toBeUndefined();
      expect(least(bdd, without(bdd, without(bdd, fromText, fromFilter), unknown)), name).toBeUndefined();
    }
  });
});

const withI386 = (rules: string): string =>
  `{ "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "syscalls": [${rules}] }`;

describe("i386", () => {
  test("Docker's default profile: its text opens all of socketcall, its filter what its names select, whatever the family", () => {
    const { bdd, fromText, fromFilter, unknown } = bothReadings(dockerDefault, 1, ["x86_64", "i386"]);
    expect(least(bdd, without(bdd, fromFilter, fromText))).toBeUndefined();
    const socketcall = intersection(
      bdd,
      possibleCalls(bdd, ["i386"]),
      ofNumber(bdd, "i386", i386Calls().get("socketcall") ?? 0),
    );
    // All of linux/net.h's but send (9) and recv (10), which the profile does not name; socket (1) is named with conditions.
    const selected = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].reduce(
      (root, selector) => union(bdd, root, equal(bdd, argumentField(0), BigInt(selector))),
      never,
    );
    expect(intersection(bdd, fromFilter, socketcall)).toBe(intersection(bdd, selected, socketcall));
    expect(intersection(bdd, fromText, socketcall)).toBe(socketcall);
    // Beside that they differ in what they differ in on x86_64, and in nothing else.
    const known = [unknown, x32CallsOf(bdd, ["socket"]), socketcall].reduce(
      (x, y) => union(bdd, x, y),
      never,
    );
    expect(least(bdd, without(bdd, without(bdd, fromText, fromFilter), known))).toBeUndefined();
  });

  test("a condition on socket leaves socketcall open, and the reading of the text knows it", () => {
    const text = withI386(
      '{ "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 1, "op": "SCMP_CMP_EQ" }] }',
    );
    const { bdd, program, fromText, fromFilter } = bothReadings(text, 1, ["x86_64", "i386"]);
    // By the words of the profile a socket of one family is permitted, and nothing else.
    const words = [1n, 0n, 0n, 0n, 0n, 0n];
    const socketcall = ofNumber(bdd, "i386", i386Calls().get("socketcall") ?? 0);
    const witness = leastCall(bdd, intersection(bdd, fromFilter, socketcall));
    expect(witness?.name).toBe("socketcall");
    if (witness) console.log(`libseccomp lets through what no rule names: ${describeCall(witness)}`);
    expect(isPermission(runBpf(program, { number: 102, architecture: 0x40000003, words }))).toBe(true);
    expect(least(bdd, without(bdd, fromFilter, fromText))).toBeUndefined();
  });
});

describe("each comparison alone means the same to both", () => {
  test.each([
    ["NE", "7"],
    ["LT", "38"],
    ["LE", "4294967296"],
    ["EQ", "18446744073709551615"],
    ["GE", "4294967295"],
    ["GT", "40"],
    ["MASKED_EQ", "2114060288"],
  ])("%s %s", (op, value) => {
    const rule = `{ "names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": ${value}, "valueTwo": 131072, "op": "SCMP_CMP_${op}" }] }`;
    const { bdd, fromText, fromFilter } = bothReadings(withI386(rule), 1, ["x86_64", "i386"]);
    expect(least(bdd, without(bdd, fromFilter, fromText))).toBeUndefined();
    expect(least(bdd, without(bdd, fromText, fromFilter))).toBeUndefined();
  });
});
