/** What is printed as YAML is read as the same data by readers of both versions. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { printYaml, type YamlValue } from "../../src/targets/escape/yaml.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  // What some version takes for something else where it is not quoted.
  fc.constantFrom(
    "yes",
    "no",
    "on",
    "null",
    "~",
    "0x1f",
    "0o17",
    "017",
    "1e3",
    ".inf",
    "1_000",
    "12:30",
    "2026-01-01",
  ),
  fc.constantFrom(
    "",
    " a ",
    "a: b",
    "- a",
    "# a",
    "a #b",
    "%YAML",
    "---",
    "<<",
    "=",
    "&a",
    "*a",
    "!a",
    "{}",
    "a\n\n b\n",
  ),
);
const { value } = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    fc.maxSafeInteger(),
    fc.integer({ min: -9_999, max: 9_999 }).map((thousandths) => thousandths / 1000),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

test("what is printed is read back, under any comment, by YAML 1.1 and by 1.2", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("a", "b", "yes"), value), (document) => {
      const printed = printYaml(document, ["a comment: with a colon", ""]);
      expect(printed).toMatch(/^# a comment: with a colon\n# \n/);
      for (const version of ["1.1", "1.2"] as const)
        expect(JSON.stringify(parse(printed, { version })), printed).toBe(JSON.stringify(document));
    }),
    { numRuns: 500 },
  );
});

test.each([1e-7, 1e21, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
  "%d is no number that is printed",
  (number) => {
    expect(() => printYaml({ a: [number] }, [])).toThrow(RangeError);
  },
);
