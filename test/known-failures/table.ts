/** What docs/guarantee.md says of the known failures. */
import type { Decision } from "./row.ts";
import { rows } from "./rows.ts";

const kinds = ["fixture", "output", "held", "not-claimed"] as const;

/** How many rows are decided in which way. */
export function counts(): Readonly<Record<Decision["kind"], number>> {
  const of = (kind: Decision["kind"]): number => rows.filter(({ decided }) => decided.kind === kind).length;
  return { fixture: of(kinds[0]), output: of(kinds[1]), held: of(kinds[2]), "not-claimed": of(kinds[3]) };
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The section's text between its two marks. */
export function section(): string {
  const found = counts();
  const open = rows.flatMap(({ row, reported, what, decided }) =>
    decided.kind === "not-claimed"
      ? [`| ${row} | ${cell(reported.join(", "))} | ${cell(what)} | ${cell(decided.because)} |`]
      : [],
  );
  return [
    `Of ${rows.length}, ${found.fixture} are artifacts with the bug, which the verifier must not let pass; ${found.output} are checks of`,
    `what is printed, or refused, for a policy; ${found.held} are held by tests elsewhere; ${found["not-claimed"]} are not claimed:`,
    "",
    "| row | reported | what failed | why it is not claimed |",
    "| --- | --- | --- | --- |",
    ...open,
  ].join("\n");
}
