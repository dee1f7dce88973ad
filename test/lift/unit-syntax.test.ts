import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directivesOf } from "../../src/lift/unit/directives.ts";
import { callsOfGroup } from "../../src/lift/unit/groups.ts";
import { readUnitLines } from "../../src/lift/unit/syntax.ts";
import { booleanOf, resourceLimitOf, sizeOf, timeOf } from "../../src/lift/unit/values.ts";
import { colonWordsOf, resolved, specifiersOf, wordsOf } from "../../src/lift/unit/words.ts";

const values = (text: string): readonly string[] =>
  readUnitLines(text, "a.service").assignments.map((a) => `[${a.section}] ${a.key}=${a.value} @${a.line}`);

describe("lines", () => {
  test("sections, comments, white space", () => {
    expect(values("# one\n[Unit]\n ; two\nA = b \n\n[Service]\n\tB=c=d\n")).toEqual([
      "[Unit] A=b @4",
      "[Service] B=c=d @7",
    ]);
  });

  test("a line that ends with a backslash goes on, over comments too", () => {
    expect(values("[Service]\nA=b \\\n# no\n  c \\\n;no\nd\nB=e\\\\\nC=f")).toEqual([
      "[Service] A=b    c  d @2",
      "[Service] B=e\\\\ @7",
      "[Service] C=f @8",
    ]);
  });

  test("a carriage return and a NUL end a line too", () => {
    expect(values("[Service]\r\nA=b\rUser=root\0B=c\n")).toEqual([
      "[Service] A=b @2",
      "[Service] User=root @3",
      "[Service] B=c @4",
    ]);
  });

  test("what is no assignment in a section is a finding; a broken header ends the file", () => {
    const { assignments, findings } = readUnitLines(
      "A=b\n[Service]\nnothing\nB=c\n[Broken\nC=d\n",
      "a.service",
    );
    expect(assignments.map((a) => a.key)).toEqual(["B"]);
    expect(findings.map((f) => f.line)).toEqual([1, 3, 5]);
  });
});

describe("words", () => {
  test("quotes, and escapes where they count", () => {
    expect(wordsOf(`a "b c" 'd "e' f\\ g`).words).toEqual(["a", "b c", 'd "e', "f g"]);
    expect(wordsOf('"a\\x41\\n"', { escapes: true }).words).toEqual(["aA\n"]);
    expect(wordsOf('a "b').broken).toBe(true);
    expect(wordsOf("a \\q", { escapes: true }).broken).toBe(true);
  });

  test("colons part a bind, unless they are quoted", () => {
    expect(colonWordsOf('/a:/b:norbind /c "/d:e":/f /g\\:h').items).toEqual([
      ["/a", "/b", "norbind"],
      ["/c"],
      ["/d:e", "/f"],
      ["/g:h"],
    ]);
  });

  test("specifiers that are known here, and those that are not", () => {
    const known = specifiersOf("a-b@c.service");
    expect(resolved("%p/%i %% %t", known)).toBe("a-b/c % /run");
    expect(resolved("%m", known)).toBe(undefined);
    expect(resolved("%i", specifiersOf("a@.service"))).toBe(undefined);
  });

  test("every word that is quoted reads back", () => {
    const unit = fc.constantFrom(..."ab \t\n\r\0'\"\\%$:;=[]#{}\u00e9\u2028\ud800\u{1f600}");
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 12 }), { maxLength: 5 }), (words) => {
        const text = words
          .map((word) => `"${word.replace(/[\\"]/g, "\\$&")}"`)
          .filter((word) => !word.includes("\0"))
          .join(" ");
        expect(wordsOf(text).words).toEqual(words.filter((word) => !word.includes("\0")));
      }),
    );
  });
});

test("numbers as systemd reads them", () => {
  expect([booleanOf("On"), booleanOf("f"), booleanOf("strict")]).toEqual([true, false, undefined]);
  expect([sizeOf("64M"), sizeOf("1.5K"), sizeOf("infinity"), sizeOf("12Q"), sizeOf("-1")]).toEqual([
    67_108_864,
    1536,
    Number.POSITIVE_INFINITY,
    undefined,
    undefined,
  ]);
  expect([timeOf("90"), timeOf("1min 30s"), timeOf("2h"), timeOf("5 parsecs"), timeOf("")]).toEqual([
    90_000,
    90_000,
    7_200_000,
    undefined,
    undefined,
  ]);
  expect([resourceLimitOf("64"), resourceLimitOf("64:128"), resourceLimitOf("128:64")]).toEqual([
    64,
    128,
    undefined,
  ]);
});

describe("the tables", () => {
  test("know a directive by its section and release", () => {
    expect(directivesOf("Service")?.get("PrivatePIDs")?.since).toBe(257);
    expect(directivesOf("Service")?.get("ProtectSystem")?.since).toBe(214);
    expect(directivesOf("Unit")?.has("ProtectSystem")).toBe(false);
  });

  test("a group has the calls of the groups in it, whatever their names", () => {
    const has = (group: string, name: string): boolean => callsOfGroup(group)?.has(name) === true;
    // By `systemd-analyze syscall-filter` these come from @chown, @raw-io, @basic-io, @file-system, @io-event, @network-io.
    expect(["chown", "iopl"].filter((name) => !has("@privileged", name))).toEqual([]);
    expect(
      ["close", "chdir", "epoll_wait", "accept"].filter((name) => !has("@system-service", name)),
    ).toEqual([]);
    expect(has("@system-service", "iopl")).toBe(false);
  });

  // The generator needs the systemd that the tables are of.
  const isThere =
    existsSync("/lib/systemd/systemd") &&
    execFileSync("/lib/systemd/systemd", ["--version"], { encoding: "utf8" }).includes("252.39-1~deb12u2");
  test.runIf(isThere)("are current", () => {
    expect(() =>
      execFileSync(process.execPath, ["scripts/generate-unit-tables.mjs", "--check"], { stdio: "pipe" }),
    ).not.toThrow();
  });
});
