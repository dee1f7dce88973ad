/**
 * What one change of an artifact changes of what it permits: in `fixtures/permits/FORMAT.txt`, a row is what is changed in the
 * base of the format, its lines separated by `//`; below it, indented, is each line of `mcpc lift` that goes (`-`) and that
 * comes (`+`). UPDATE=1 records these anew.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { differences, permitted } from "../support/permits.ts";
import { bases } from "../support/permits-bases.ts";

const folder = join(import.meta.dirname, "../fixtures/permits");

const made = new Map<string, readonly string[]>();

/** Lines of a base, which many rows are compared with. */
function baseLines(format: string, head: string): readonly string[] {
  const key = `${format} ${head}`;
  const known = made.get(key);
  if (known) return known;
  const lines = linesOf(format, head, "");
  made.set(key, lines);
  return lines;
}

function linesOf(format: string, head: string, edit: string): readonly string[] {
  const base = bases[format];
  if (!base) throw new Error(`no base of ${format}`);
  const { target, files, environment } = base(
    head,
    edit.split(" // ").filter((line) => line !== ""),
  );
  return permitted(target, files, environment);
}

/** What stands before the first `: ` names a base, where it is words only. */
function changeOf(format: string, row: string): readonly string[] {
  const [, head = "", edit = ""] = /^(?:((?:open|closed|drop-in|release)(?: \d+)?): )?(.*)$/.exec(row) ?? [];
  return differences(baseLines(format, head), linesOf(format, head, edit));
}

const isRow = (line: string): boolean => line !== "" && !/^(?:#|\s)/.test(line);

/** The text of a table with the changes as they are now. */
function recordedAnew(format: string, text: string): string {
  const kept = text.split("\n").filter((line) => !line.startsWith("  "));
  const lines = kept.flatMap((line) =>
    isRow(line) ? [line, ...changeOf(format, line).map((change) => `  ${change}`)] : [line],
  );
  return lines.join("\n");
}

describe.each(readdirSync(folder).map((name) => name.replace(".txt", "")))("%s", (format) => {
  const path = join(folder, `${format}.txt`);
  if (process.env.UPDATE === "1") writeFileSync(path, recordedAnew(format, readFileSync(path, "utf8")));
  const rows: { row: string; recorded: string[] }[] = [];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (isRow(line)) rows.push({ row: line, recorded: [] });
    else if (line.startsWith("  ")) rows.at(-1)?.recorded.push(line.slice(2));
  }

  test.each(rows)("$row", ({ row, recorded }) => {
    expect(changeOf(format, row)).toEqual(recorded);
  });
});
