/** Values as each format reads them, text by text: what its manual says it is, and undefined for what is none. */
import { describe, expect, test } from "vitest";
import * as container from "../../src/lift/container/values.ts";
import { assignments, jsonWords, plainValue, plainWord } from "../../src/lift/dockerfile/words.ts";
import { billionthsOf, bytesOf } from "../../src/lift/kubernetes/quantities.ts";
import { booleanOf, percentOf, resourceLimitOf, sizeOf, timeOf } from "../../src/lift/unit/values.ts";
import { colonWordsOf, resolved, specifiersOf, wordsOf } from "../../src/lift/unit/words.ts";

const infinity = Number.POSITIVE_INFINITY;
const none = undefined;

describe("units (systemd.syntax(7), systemd.time(7), systemd.exec(5))", () => {
  test("booleans", () => {
    for (const text of ["1", "yes", "y", "true", "t", "on", "YES", "On"])
      expect(booleanOf(text), text).toBe(true);
    for (const text of ["0", "no", "n", "false", "f", "off", "No"]) expect(booleanOf(text), text).toBe(false);
    for (const text of ["", "2", "yess", "o", "strict"]) expect(booleanOf(text), text).toBe(none);
  });

  test.each<[string, number | undefined]>([
    ["5", 5000],
    ["5s", 5000],
    ["5sec", 5000],
    ["5second", 5000],
    ["5seconds", 5000],
    ["5ms", 5],
    ["5msec", 5],
    ["5us", 1],
    ["1500usec", 2],
    ["2m", 120_000],
    ["2min", 120_000],
    ["2minute", 120_000],
    ["2minutes", 120_000],
    ["2h", 7_200_000],
    ["2hr", 7_200_000],
    ["2hour", 7_200_000],
    ["2hours", 7_200_000],
    ["1d", 86_400_000],
    ["1day", 86_400_000],
    ["1days", 86_400_000],
    ["1w", 604_800_000],
    ["1week", 604_800_000],
    ["1weeks", 604_800_000],
    ["1M", 2_629_800_000],
    ["1month", 2_629_800_000],
    ["1months", 2_629_800_000],
    ["1y", 31_557_600_000],
    ["1year", 31_557_600_000],
    ["1years", 31_557_600_000],
    ["1.5h", 5_400_000],
    ["1min 30s", 90_000],
    ["1min30s", 90_000],
    [" 5 s ", 5000],
    ["infinity", infinity],
    ["0", 0],
    ["", none],
    ["s", none],
    ["5x", none],
    ["-5", none],
    ["5 6x", none],
    ["1.2.3", none],
    ["toString", none],
    ["5toString", none],
  ])("a time %j", (text, milliseconds) => expect(timeOf(text)).toBe(milliseconds));

  test.each<[string, number | undefined]>([
    ["5", 5],
    ["5B", 5],
    ["5K", 5120],
    ["1M", 2 ** 20],
    ["1G", 2 ** 30],
    ["1T", 2 ** 40],
    ["1P", 2 ** 50],
    ["1E", 2 ** 60],
    ["1.5K", 1536],
    ["0.3", 1],
    ["5 K", 5120],
    ["infinity", infinity],
    ["", none],
    ["K", none],
    ["5k", none],
    ["5KB", none],
    ["-1", none],
  ])("a size %j", (text, bytes) => expect(sizeOf(text)).toBe(bytes));

  test.each<[string, number | undefined]>([
    ["64", 64],
    ["64:128", 128],
    ["64:64", 64],
    ["128:64", none],
    ["1:2:3", none],
    [":5", none],
    ["5:", none],
    ["1K:2K", 2048],
    ["5:infinity", infinity],
  ])("a resource limit %j", (text, most) => expect(resourceLimitOf(text)).toBe(most));

  test.each<[string, number | undefined]>([
    ["50%", 50],
    ["150%", 150],
    ["0.5%", 0.5],
    ["12.34%", 12.34],
    ["12.345%", none],
    ["0%", none],
    ["50", none],
    ["%", none],
  ])("a share %j", (text, percent) => expect(percentOf(text)).toBe(percent));

  test.each<[string, readonly string[] | "broken"]>([
    ["\\a\\b\\f\\n\\r\\t\\v\\s", ["\x07\b\f\n\r\t\v "]],
    ["\\\\ \\\" \\'", ["\\", '"', "'"]],
    ["\\x41\\101\\u0041\\U00000041", ["AAAA"]],
    ["\\U0001f600", ["😀"]],
    ["\\x00", "broken"],
    ["\\000", "broken"],
    ["\\U00110000", "broken"],
    ["\\x4", "broken"],
    ["\\q", "broken"],
    ["a\\", "broken"],
    ['a "b', "broken"],
    ["a 'b", "broken"],
    ["a\tb\nc\rd", ["a", "b", "c", "d"]],
    ["\"a 'b\" 'c \"d'", ["a 'b", 'c "d']],
    ['a"b"c', ["abc"]],
    ['""', [""]],
    ["", []],
  ])("words of %j with escapes", (text, words) => {
    const found = wordsOf(text, { escapes: true });
    expect(found.broken ? "broken" : found.words).toEqual(words);
  });

  test("colons part the items of a bind into three at most", () => {
    expect(colonWordsOf("/a:/b:c:d /e").items).toEqual([["/a", "/b", "c:d"], ["/e"]]);
    expect(colonWordsOf("/a:")).toEqual({ items: [["/a"]], broken: true });
    expect(colonWordsOf('/a:"/b').broken).toBe(true);
    expect(colonWordsOf("")).toEqual({ items: [], broken: false });
  });

  test("specifiers (systemd.unit(5), of the system manager)", () => {
    const of = (unit: string, text: string): string | undefined => resolved(text, specifiersOf(unit));
    expect(of("a@b.service", "%p %i %n %N")).toBe("a b a@b.service a@b");
    expect(of("a.service", "%p[%i]%n %N")).toBe("a[]a.service a");
    expect(of("a.b.service", "%p")).toBe("a.b");
    expect(of("a.service", "%t %S %C %L %E %T %V %h %u %U %%")).toBe(
      "/run /var/lib /var/cache /var/log /etc /tmp /var/tmp /root root 0 %",
    );
    for (const letter of ["i", "n", "N"]) expect(of("a@.service", `%${letter}`), letter).toBe(none);
    for (const letter of ["m", "H", "b", "v"]) expect(of("a.service", `x%${letter}`), letter).toBe(none);
    // A `%` that no letter follows stays one.
    expect(of("a.service", "50% 1%1 %")).toBe("50% 1%1 %");
  });
});

describe("containers (docker/go-units, strconv)", () => {
  test.each<[string, number | undefined]>([
    ["5", 5],
    ["5b", 5],
    ["5k", 5120],
    ["5K", 5120],
    ["5kb", 5120],
    ["5KiB", 5120],
    ["5 m", 5 * 2 ** 20],
    ["1g", 2 ** 30],
    ["1t", 2 ** 40],
    ["1p", 2 ** 50],
    ["1.5k", 1536],
    ["1.0001k", 1024],
    ["9007199254740992", none],
    ["", none],
    ["k", none],
    ["-1", none],
    ["5  k", none],
    ["5x", none],
  ])("bytes %j", (text, bytes) => expect(container.bytesOf(text)).toBe(bytes));

  test("numbers, truths and paths", () => {
    expect(["5", "+5", "-5", "05", "5.0", "", "9007199254740993"].map(container.wholeOf)).toEqual([
      5,
      5,
      -5,
      5,
      none,
      none,
      none,
    ]);
    expect(["0.5", ".5", "5.", "5", "-1.5", ".", "1e3", ""].map(container.decimalOf)).toEqual([
      0.5,
      0.5,
      5,
      5,
      -1.5,
      none,
      none,
      none,
    ]);
    for (const text of ["1", "t", "T", "TRUE", "true", "True"])
      expect(container.booleanOf(text), text).toBe(true);
    for (const text of ["0", "f", "F", "FALSE", "false", "False"])
      expect(container.booleanOf(text), text).toBe(false);
    for (const text of ["yes", "", "tRUE"]) expect(container.booleanOf(text), text).toBe(none);
    expect(container.cleanPath("/a//b/./c/../d/")).toBe("/a/b/d");
    expect(container.cleanPath("b/../c", "/a")).toBe("/a/c");
    expect(container.cleanPath("/../..")).toBe("/");
    expect(container.cleanPath("a")).toBe("/a");
  });
});

describe("quantities of Kubernetes, rounded up", () => {
  test.each<[string, number | undefined]>([
    ["5", 5],
    ["+5", 5],
    ["1k", 1000],
    ["1M", 1e6],
    ["1G", 1e9],
    ["1T", 1e12],
    ["1P", 1e15],
    ["1E", 1e18],
    ["1Ki", 1024],
    ["1Mi", 2 ** 20],
    ["1Gi", 2 ** 30],
    ["1Ti", 2 ** 40],
    ["1Pi", 2 ** 50],
    ["1Ei", 2 ** 60],
    ["1e3", 1000],
    ["1E3", 1000],
    ["2e-1", 1],
    ["1.5", 2],
    [".5Ki", 512],
    ["5.", 5],
    ["100m", 1],
    ["1u", 1],
    ["1n", 1],
    ["2000m", 2],
    ["0", none],
    ["", none],
    [".", none],
    ["k", none],
    ["-1", none],
    ["1ki", none],
    ["1K", none],
    ["1e3k", none],
    ["1 k", none],
  ])("bytes %j", (text, bytes) => expect(bytesOf(text)).toBe(bytes));

  test("in billionths", () => {
    expect(["1", "250m", "1u", "1n", "0.5n", "0"].map(billionthsOf)).toEqual([
      1_000_000_000n,
      250_000_000n,
      1000n,
      1n,
      1n,
      0n,
    ]);
  });
});

describe("Dockerfiles", () => {
  test("words", () => {
    expect(jsonWords('["a", "b c"]')).toEqual(["a", "b c"]);
    for (const text of ["a", '["a"', "[1]", '{"a": 1}', "['a']"]) expect(jsonWords(text), text).toBe(none);
    expect(plainWord("a\\ b\\\\", "\\")).toBe("a b\\");
    expect(plainWord("a`b", "`")).toBe("ab");
    for (const text of ["$A", "a'b", 'a"b']) expect(plainWord(text, "\\"), text).toBe(none);
    expect(plainValue('"a b"', "\\")).toBe("a b");
    expect(plainValue("'a $b'", "\\")).toBe("a $b");
    expect(plainValue('"a $b"', "\\")).toBe(none);
    expect(plainValue("ab", "\\")).toBe("ab");
  });

  test("assignments", () => {
    expect(assignments('A=1 B="x y" C=\'z "\' D=a\\ b E=')).toEqual([
      ["A", "1"],
      ["B", '"x y"'],
      ["C", "'z \"'"],
      ["D", "a\\ b"],
      ["E", ""],
    ]);
    expect(assignments("A x = y")).toEqual([["A", "x = y"]]);
    expect(assignments("A")).toEqual([["A", ""]]);
  });
});
