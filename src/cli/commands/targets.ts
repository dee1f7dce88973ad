import { targets } from "../../targets/registry.ts";
import { dimensions } from "../../targets/target.ts";
import type { Command } from "../command.ts";

/** The coverage table as text: a row a dimension, a column a target. */
export function coverageTable(): string {
  const width = Math.max(...dimensions.map((d) => d.length)) + 2;
  const columns = targets.map((target) => Math.max(target.name.length, 3) + 2);
  const row = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)}${cells.map((cell, index) => cell.padEnd(columns[index] ?? 0)).join("")}`.trimEnd();
  return [
    row(
      "",
      targets.map((target) => target.name),
    ),
    ...dimensions.map((dimension) =>
      row(
        dimension,
        targets.map((target) => target.answers[dimension].level),
      ),
    ),
    "",
    "=    enforced",
    "<    enforced more strictly than granted, and said",
    "-    not enforced: an error until accepted, or left to a companion by a layer",
    "n/a  not a dimension there",
    "",
    ...targets.map((target) => `${target.name} (${target.kind}): ${target.summary}`),
    "",
  ].join("\n");
}

/** `mcpc targets`. */
export const targetsCommand: Command = {
  name: "targets",
  summary: "show what each target enforces",
  usage: "",
  options: { json: { type: "boolean", help: "print the table as JSON" } },
  run: ({ streams, options }) => {
    const data = targets.map(({ name, kind, summary, answers }) => ({
      name,
      kind,
      summary,
      coverage: Object.fromEntries(
        dimensions.map((d) => [d, { level: answers[d].level, note: answers[d].note ?? "" }]),
      ),
    }));
    streams.out(options.json === true ? `${JSON.stringify(data, null, 2)}\n` : coverageTable());
    return 0;
  },
};
