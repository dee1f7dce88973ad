/**
 * What each target leaves open of a policy: in `fixtures/gaps/TARGET.txt`, a row is the dimensions that are asked for, the
 * releases that differ from the defaults, and what stands in the policy; below it, indented, is each gap. UPDATE=1 records
 * the gaps anew.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gapLines } from "../support/gaps.ts";

const folder = join(import.meta.dirname, "../fixtures/gaps");

interface Row {
  readonly text: string;
  readonly recorded: readonly string[];
}

function rowsOf(text: string): readonly Row[] {
  const rows: { text: string; recorded: string[] }[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("  ")) rows.at(-1)?.recorded.push(line.slice(2));
    else if (line.includes("|")) rows.push({ text: line, recorded: [] });
  }
  return rows;
}

/** The gaps of a row's dimensions. */
function gapsOf(target: string, row: string): readonly string[] {
  const [head = "", body = ""] = row.split(" | ");
  const words = head.split(/,? /);
  const releases = words
    .filter((word) => word.includes("="))
    .map((word) => {
      const [key = "", release = ""] = word.split("=");
      const [major = 0, minor = 0] = release.split(".").map(Number);
      return [key, [major, minor]] as const;
    });
  const found = gapLines(target, body, Object.fromEntries(releases));
  return found.filter((line) => words.includes(line.slice(0, line.indexOf(":"))));
}

/** The text of a table with the gaps as they are now. */
function recordedAnew(target: string, text: string): string {
  const kept = text.split("\n").filter((line) => !line.startsWith("  "));
  const lines = kept.flatMap((line) =>
    line.includes("|") ? [line, ...gapsOf(target, line).map((gap) => `  ${gap}`)] : [line],
  );
  return lines.join("\n");
}

describe.each(readdirSync(folder).map((name) => name.replace(".txt", "")))("%s", (target) => {
  const path = join(folder, `${target}.txt`);
  if (process.env.UPDATE === "1") writeFileSync(path, recordedAnew(target, readFileSync(path, "utf8")));

  test.each(rowsOf(readFileSync(path, "utf8")))("$text", ({ text: row, recorded }) => {
    expect(gapsOf(target, row)).toEqual(recorded);
  });
});
