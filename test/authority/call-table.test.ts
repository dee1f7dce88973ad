import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { always, intersection, never, union } from "../../src/authority/bdd.ts";
import { addCall, type CallTable, callsIn } from "../../src/authority/call-table.ts";
import {
  argumentField,
  createCallDiagram,
  entries,
  numberField,
  ofEntry,
} from "../../src/authority/calls.ts";
import { equal } from "../../src/authority/words.ts";

const row = fc.record({
  entry: fc.constantFrom(...entries),
  number: fc.oneof(fc.nat({ max: 12 }), fc.constantFrom(0x4000_0003, 0xffff_ffff, -1, 0x8000_0000)),
  argument: fc.option(fc.record({ index: fc.nat({ max: 5 }), value: fc.nat({ max: 3 }) }), {
    nil: undefined,
  }),
});

describe("a table of calls", () => {
  test("is the union of its calls, one by one", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const bdd = createCallDiagram();
        const table: CallTable = new Map();
        let expected = never;
        for (const { entry, number, argument } of rows) {
          const args = argument ? equal(bdd, argumentField(argument.index), BigInt(argument.value)) : always;
          addCall(bdd, table, entry, number, args);
          const call = intersection(
            bdd,
            ofEntry(bdd, entry),
            equal(bdd, numberField, BigInt.asUintN(32, BigInt(number))),
          );
          expected = union(bdd, expected, intersection(bdd, call, args));
        }
        expect(callsIn(bdd, table)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});
