/** Each known failure of others is decided here, or stands in a list of what is not claimed. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { decideFixture, decideOutput, decideRefusal } from "./decide.ts";
import type { Decision, Row } from "./row.ts";
import { rows } from "./rows.ts";
import { counts, section } from "./table.ts";

const checkout = join(dirname(fileURLToPath(import.meta.url)), "../..");
const guarantee = join(checkout, "docs/guarantee.md");

/** A test is there by that title. */
function isHeld({ by, test: title }: Extract<Decision, { readonly kind: "held" }>): void {
  expect(readFileSync(join(checkout, by), "utf8")).toContain(`test("${title.replace(/["\\]/g, "\\$&")}",`);
}

function decide({ decided }: Row): void {
  if (decided.kind === "fixture") decideFixture(decided);
  else if (decided.kind === "held") isHeld(decided);
  else if (decided.kind === "not-claimed") throw new Error("nothing decides it");
  else if ("check" in decided) decideOutput(decided);
  else decideRefusal(decided);
}

describe("known failures of others", () => {
  test.each(
    rows
      .filter(({ decided }) => decided.kind !== "not-claimed")
      .map((row) => [`${row.row}: ${row.what} (${row.reported.join(", ")})`, row] as const),
  )("%s", (_, row) => {
    decide(row);
  });
});

describe("their table", () => {
  test("has each number once, with who reported it", () => {
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    for (const { row, reported, what } of rows) {
      expect(reported.length, `${row}`).toBeGreaterThan(0);
      expect(what, `${row}`).toMatch(/^[^.]+$/);
    }
  });

  test("says of each row that is not claimed why", () => {
    for (const { row, decided } of rows)
      if (decided.kind === "not-claimed") expect(decided.because.length, `${row}`).toBeGreaterThan(15);
  });

  test("is counted, and the guarantee says how", () => {
    console.log(JSON.stringify({ knownFailures: counts() }));
    const text = readFileSync(guarantee, "utf8");
    const made = text.replace(
      /(?<=<!-- generated: known failures -->\n\n)[\s\S]*?(?=\n\n<!-- \/generated -->)/,
      () => section(),
    );
    if (process.env.UPDATE === "1") writeFileSync(guarantee, made);
    expect(made, "UPDATE=1 records it").toBe(readFileSync(guarantee, "utf8"));
    expect(made).toContain(section());
  });
});
