// Milliseconds in one process, of what is too small to be measured as a process of its own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importBundled } from "./bundle.mjs";
import { median } from "./measure.mjs";

const source = `
export { createCallDiagram } from "./src/authority/calls.ts";
export { liftSeccomp, readSeccomp } from "./src/lift/seccomp.ts";
`;

/** The row of Docker's default profile: read from its text into a new diagram, each time; `directory` takes the bundle. */
export async function measureLift(root, directory, { rounds, warmUps }) {
  const { createCallDiagram, liftSeccomp, readSeccomp } = await importBundled(
    root,
    directory,
    "lift",
    source,
  );
  const text = readFileSync(join(root, "test/fixtures/seccomp/docker-default.json"), "utf8");
  const times = [];
  for (let round = 0; round < warmUps + rounds; round++) {
    const start = process.hrtime.bigint();
    liftSeccomp(createCallDiagram(), readSeccomp(text));
    if (round >= warmUps) times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return { name: "lift Docker's default profile", unit: "ms", figure: median(times), budget: 60 };
}
