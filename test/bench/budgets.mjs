// What is measured, and what it may cost.
import { join } from "node:path";

const small = 100;
const large = 1000;

/** How many servers the generated policies have. */
export const sizes = [small, large];

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

/** Pairs of runs on few and on many servers: how many times the few the many may cost. */
export function scaleCases(root, project) {
  const program = join(root, "bin/mcpc.cjs");
  const commands = [
    ["check", (count) => ["check", `${count}.mcp`]],
    ["compile --target=all", (count) => ["compile", `${count}.mcp`, "--target=all", `--out=out-${count}`]],
  ];
  return commands.map(([command, words]) => ({
    name: `${command}, ${large} servers to ${small}`,
    budget: 12,
    small: { name: `${command} ${small}`, words: [program, ...words(small)], cwd: project },
    large: { name: `${command} ${large}`, words: [program, ...words(large)], cwd: project },
  }));
}
