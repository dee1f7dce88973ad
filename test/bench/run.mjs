// Measures the built program against its budgets: `npm run build && npm run bench`. `--quick` measures fewer rounds;
// `--assert` exits with 1 when a budget is missed. The last line of the output is JSON.
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { scaleCases, sizes, startCases } from "./budgets.mjs";
import { measureLift } from "./lift.mjs";
import { measure } from "./measure.mjs";
import { makeProject } from "./policies.mjs";
import { measureProofs } from "./prove.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values: options } = parseArgs({
  options: { quick: { type: "boolean" }, assert: { type: "boolean" } },
});

async function measureAll(project) {
  const start = startCases(root, project);
  const often = options.quick ? { rounds: 7, warmUps: 1 } : { rounds: 21, warmUps: 2 };
  const { start: empty, extra: times } = measure(start, often);
  const scale = scaleCases(root, project);
  const pairs = scale.flatMap((pair) => [pair.small, pair.large]);
  const { extra: sums } = measure(
    pairs,
    options.quick ? { rounds: 1, warmUps: 0 } : { rounds: 3, warmUps: 0 },
  );
  const rows = [
    ...start.map(({ name, budget }) => ({ name, unit: "ms", figure: times.get(name), budget })),
    await measureLift(root, project, often),
    ...(await measureProofs(root, project, often)),
    ...scale.map(({ name, budget, small, large }) => ({
      name,
      unit: "times",
      figure: sums.get(large.name) / sums.get(small.name),
      budget,
      small: sums.get(small.name),
      large: sums.get(large.name),
    })),
  ];
  return { empty, rows };
}

function printTable({ empty, rows }) {
  const line = (cells) =>
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(50) : cell.padStart(12))).join(""));
  line(["over `node -e 0`, medians of pairs", "figure", "budget", "of budget"]);
  // On a busy machine everything is slower; how slow it is, this says.
  line(["node -e 0 itself", `${empty.toFixed(1)} ms`]);
  for (const { name, unit, figure, budget, small, large } of rows) {
    const ratio = `${((figure / budget) * 100).toFixed(0)} %`;
    line([name, `${figure.toFixed(1)} ${unit}`, `${budget} ${unit}`, ratio]);
    if (small !== undefined) line([`  ${large.toFixed(0)} ms to ${small.toFixed(0)} ms`]);
  }
}

if (!existsSync(join(root, "dist"))) {
  console.error("dist/ is missing: npm run build");
  process.exit(2);
}
// In dist/, which git ignores, and not in /tmp, which sandboxes replace by one of their own.
const project = makeProject(join(root, "dist"), sizes);
try {
  const measured = await measureAll(project);
  const { empty, rows } = measured;
  printTable(measured);
  const missed = rows.filter(({ figure, budget }) => figure > budget).map(({ name }) => name);
  console.log(JSON.stringify({ node: process.version, quick: options.quick === true, empty, rows, missed }));
  if (options.assert && missed.length > 0) process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
