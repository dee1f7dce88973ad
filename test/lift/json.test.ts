import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Json, JsonError, readJson } from "../../src/lift/json.ts";

/** With numbers as JSON.parse has them. */
function plain(value: Json): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, plain(v)]));
  return value;
}

describe("JSON as a verifier reads it", () => {
  test("agrees with JSON.parse on what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        // `__proto__` is a key like any other here; JSON.parse agrees, and fromEntries keeps it.
        expect(plain(readJson(text))).toEqual(plain(JSON.parse(text) as Json));
      }),
      { numRuns: 2000 },
    );
  });

  test("refuses what JSON.parse refuses, and a key that stands twice", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:0123-.eE tfn\\u\n'), maxLength: 12 }),
        (text) => {
          let parsed = true;
          try {
            JSON.parse(text);
          } catch {
            parsed = false;
          }
          if (!parsed) expect(() => readJson(text)).toThrow(JsonError);
        },
      ),
      { numRuns: 5000 },
    );
    expect(() => readJson('{"a":1,"a":2}')).toThrow("stands twice");
    expect(() => readJson('{"a":1,"\\u0061":2}')).toThrow("stands twice");
  });

  test("whole numbers are exact", () => {
    expect(readJson("18446744073709551615")).toBe(18446744073709551615n);
    expect(readJson("1.5")).toBe(1.5);
  });

  test("is not nested without end", () => {
    expect(() => readJson("[".repeat(100_000))).toThrow(JsonError);
  });
});
