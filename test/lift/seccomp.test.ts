import { describe, expect, test } from "vitest";
import { holds } from "../../src/authority/bdd.ts";
import { bitOfCall, createCallDiagram } from "../../src/authority/calls.ts";
import { permitsCall } from "../../src/evaluate/seccomp.ts";
import { liftSeccomp, readSeccomp, SeccompError } from "../../src/lift/seccomp.ts";
import { systemCall } from "../../src/linux/index.ts";

/** A profile in the format, from its parts. */
const profile = (syscalls: string, rest = '"defaultAction": "SCMP_ACT_ERRNO"'): string =>
  `{ ${rest}, "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [${syscalls}] }`;

function permits(
  text: string,
  name: string,
  words: readonly bigint[],
  entry: "x86_64" | "i386" = "x86_64",
): boolean {
  const bdd = createCallDiagram();
  const root = liftSeccomp(bdd, readSeccomp(text));
  const number = systemCall(name)?.numbers.x86_64 ?? 0;
  return holds(bdd, root, bitOfCall({ entry, number, words }));
}

describe("a profile's meaning", () => {
  const socket =
    '{ "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 1, "op": "SCMP_CMP_EQ" }] }';

  test("a condition, at 64 bits", () => {
    expect(permits(profile(socket), "socket", [1n])).toBe(true);
    expect(permits(profile(socket), "socket", [2n])).toBe(false);
    expect(permits(profile(socket), "socket", [0x100000001n])).toBe(false);
  });

  test("two conditions on one index are alternatives to runc, with every other condition", () => {
    const range =
      '{ "names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 1, "value": 5, "op": "SCMP_CMP_GE" }, { "index": 1, "value": 9, "op": "SCMP_CMP_LE" }, { "index": 0, "value": 0, "op": "SCMP_CMP_EQ" }] }';
    expect(permits(profile(range), "ioctl", [7n, 1n])).toBe(true);
    expect(permits(profile(range), "ioctl", [0n, 100n])).toBe(true);
  });

  test("LOG, TRACE, TRAP and NOTIFY let through; errno 0 does not", () => {
    for (const action of ["LOG", "TRACE", "TRAP", "NOTIFY"])
      expect(
        permits(profile(`{ "names": ["mount"], "action": "SCMP_ACT_${action}" }`), "mount", []),
        action,
      ).toBe(true);
    expect(
      permits(profile('{ "names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0 }'), "mount", []),
    ).toBe(false);
  });

  test("with a permissive default, a denial holds unless some runtime drops it", () => {
    const open = '"defaultAction": "SCMP_ACT_ALLOW"';
    const deny = (names: string): string =>
      profile(`{ "names": [${names}], "action": "SCMP_ACT_ERRNO" }`, open);
    expect(permits(deny('"mount"'), "mount", [])).toBe(false);
    expect(permits(deny('"mount"'), "umount2", [])).toBe(true);
    // Newer than the tables of some libseccomp, which skips the name.
    expect(permits(deny('"fchmodat2"'), "fchmodat2", [])).toBe(true);
  });

  test("allowed and denied in two entries is allowed", () => {
    const both =
      '{ "names": ["mount"], "action": "SCMP_ACT_ALLOW" }, { "names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13 }';
    expect(permits(profile(both), "mount", [])).toBe(true);
  });

  test("i386 is reached where it is named, and a condition on socket leaves socketcall open there", () => {
    const text = profile(socket).replace('"SCMP_ARCH_X86_64"', '"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"');
    const bdd = createCallDiagram();
    const root = liftSeccomp(bdd, readSeccomp(text));
    const socketcall = { entry: "i386" as const, number: 102, words: [1n, 0n] };
    expect(holds(bdd, root, bitOfCall(socketcall))).toBe(true);
    const native = liftSeccomp(bdd, readSeccomp(profile(socket)));
    expect(holds(bdd, native, bitOfCall(socketcall))).toBe(false);
  });

  test("x32: libseccomp compares the low half of a word, of which the kernel has both", () => {
    const text = profile(socket).replace('"SCMP_ARCH_X86_64"', '"SCMP_ARCH_X86_64", "SCMP_ARCH_X32"');
    const bdd = createCallDiagram();
    const root = liftSeccomp(bdd, readSeccomp(text));
    const x32 = (word: bigint) =>
      bitOfCall({ entry: "x86_64" as const, number: 0x40000000 + 41, words: [word] });
    expect(holds(bdd, root, x32(0x100000001n))).toBe(true);
    expect(holds(bdd, root, x32(2n))).toBe(false);
    // And what only words of 64 bits differ from counts as well.
    const other = liftSeccomp(bdd, readSeccomp(text.replace("SCMP_CMP_EQ", "SCMP_CMP_NE")));
    expect(holds(bdd, other, x32(0x100000001n))).toBe(true);
    expect(holds(bdd, other, x32(1n))).toBe(false);
    // The evaluator that confirms a counterexample says the same.
    const name = "x32:socket";
    expect(permitsCall(text, { name, words: [0x100000001n] })).toBe(true);
    expect(permitsCall(text, { name, words: [2n] })).toBe(false);
    expect(permitsCall(text, { name: "socket", words: [0x100000001n] })).toBe(false);
  });

  describe("the evaluator that confirms a counterexample permits what some runtime does", () => {
    const permissive = '"defaultAction": "SCMP_ACT_ALLOW"';
    const argument = (op: string, value: number) =>
      `{ "index": 0, "value": ${value}, "op": "SCMP_CMP_${op}" }`;
    const refusal = (name: string, ...args: readonly string[]) =>
      `{ "names": ["${name}"], "action": "SCMP_ACT_ERRNO", "args": [${args.join()}] }`;
    const withI386 = (text: string) =>
      text.replace('"SCMP_ARCH_X86_64"', '"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"');
    const call = (name: string, number: number, word: bigint, entry: "x86_64" | "i386" = "x86_64") => ({
      entry,
      number,
      name,
      words: [word],
    });

    test.each([
      // Where one runtime joins the conditions and another splits them, only what both refuse is refused.
      [
        profile(refusal("socket", argument("GE", 5), argument("LE", 9)), permissive),
        call("socket", 41, 3n),
        true,
      ],
      [
        profile(refusal("socket", argument("GE", 5), argument("LE", 9)), permissive),
        call("socket", 41, 7n),
        false,
      ],
      // A libseccomp that does not know a name skips the rule.
      [profile(refusal("cachestat"), permissive), call("cachestat", 451, 0n), true],
      [
        profile(refusal("set_mempolicy_home_node"), permissive),
        call("set_mempolicy_home_node", 450, 0n),
        false,
      ],
      // i386: a condition is dropped with what is behind the call, and words have 32 bits.
      [withI386(profile(socket)), call("socketcall", 102, 7n, "i386"), true],
      [withI386(profile(socket)), call("ipc", 117, 1n, "i386"), false],
      [
        withI386(profile('{ "names": ["bind"], "action": "SCMP_ACT_ALLOW" }')),
        call("socketcall", 102, 2n, "i386"),
        true,
      ],
      [
        withI386(profile('{ "names": ["bind"], "action": "SCMP_ACT_ALLOW" }')),
        call("socketcall", 102, 1n, "i386"),
        false,
      ],
      [
        withI386(profile(socket.replace('"value": 1', '"value": 4294967297'))),
        call("socket", 359, 1n, "i386"),
        true,
      ],
    ])("%s, %o", (text, asked, permitted) => {
      const bdd = createCallDiagram();
      expect(holds(bdd, liftSeccomp(bdd, readSeccomp(text)), bitOfCall(asked))).toBe(permitted);
      expect(permitsCall(text, asked)).toBe(permitted);
    });
  });

  test.each([
    ["semop", 1n],
    ["semtimedop", 4n],
    ["msgget", 13n],
    ["shmget", 23n],
  ])("i386: to name %s opens its selector of ipc, and no other", (name, selector) => {
    const text = profile(`{ "names": ["${name}"], "action": "SCMP_ACT_ALLOW" }`);
    const both = text.replace('"SCMP_ARCH_X86_64"', '"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"');
    const bdd = createCallDiagram();
    const root = liftSeccomp(bdd, readSeccomp(both));
    const ipc = (word: bigint) => bitOfCall({ entry: "i386" as const, number: 117, words: [word] });
    expect(holds(bdd, root, ipc(selector))).toBe(true);
    expect(holds(bdd, root, ipc(selector + 6n))).toBe(false);
    expect(holds(bdd, liftSeccomp(bdd, readSeccomp(text)), ipc(selector))).toBe(false);
  });

  test.each([
    ["{}", "defaultAction"],
    ["[]", "profile"],
    ['{ "defaultAction": "SCMP_ACT_ERRNO", "defaultAction": "SCMP_ACT_ALLOW" }', "stands twice"],
    ['{ "defaultaction": "SCMP_ACT_ERRNO" }', "defaultaction"],
    ['{ "defaultAction": "SCMP_ACT_ERRNO", "syscals": [] }', "syscals"],
    ['{ "defaultAction": "SCMP_ACT_ERRNO" ', "missing"],
    ['{ "defaultAction": "SCMP_ACT_ERRNO" } {}', "behind the end"],
    // A runtime refuses it, and does not go on without a filter for it.
    ['{ "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_AMD64"] }', "architectures.0"],
    [profile('{ "names": [], "action": "SCMP_ACT_ALLOW" }'), "names"],
    [profile('{ "names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {} }'), "includes"],
    [
      profile(
        '{ "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 6, "value": 0, "op": "SCMP_CMP_EQ" }] }',
      ),
      "index",
    ],
    [
      profile(
        '{ "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": -1, "op": "SCMP_CMP_EQ" }] }',
      ),
      "value",
    ],
  ])("%s is refused", (text, says) => {
    expect(() => readSeccomp(text)).toThrow(SeccompError);
    expect(() => readSeccomp(text)).toThrow(says);
  });
});
