// What is measured, and what it may cost.
import { join } from "node:path";

/** Pairs of numbers of servers, and how many times the few the many may cost. */
const steps = [
  { command: "check", small: 100, large: 1000, budget: 12 },
  { command: "compile --target=all", small: 100, large: 1000, budget: 12 },
  { command: "compile --target=all", small: 1, large: 100, budget: 40 },
];

/** How many servers the generated policies have. */
export const sizes = [1, 100, 1000];

/** Single runs: extra milliseconds over `node -e 0`. */
export function startCases(root, project) {
  const program = join(root, "bin/mcpc.cjs");
  const example = "examples/filesystem.mcp";
  const out = `--out=${join(project, "out-example")}`;
  return [
    { name: "--version", budget: 15, words: [program, "--version"], cwd: root },
    { name: "check", budget: 80, words: [program, "check", example], cwd: root },
    {
      name: "compile --target=all",
      budget: 150,
      words: [program, "compile", example, "--target=all", out],
      cwd: root,
    },
  ];
}

/** Pairs of runs on few and on many servers. */
export function scaleCases(root, project) {
  const program = join(root, "bin/mcpc.cjs");
  const words = {
    check: (count) => ["check", `${count}.mcp`],
    "compile --target=all": (count) => ["compile", `${count}.mcp`, "--target=all", `--out=out-${count}`],
  };
  const run = (command, count) => ({
    name: `${command} ${count}`,
    words: [program, ...words[command](count)],
    cwd: project,
  });
  return steps.map(({ command, small, large, budget }) => ({
    name: `${command}, ${large} servers to ${small}`,
    budget,
    small: run(command, small),
    large: run(command, large),
  }));
}
