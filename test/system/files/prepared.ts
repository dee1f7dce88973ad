/** The examples, with their trees made and their artifacts written in a world. */
import { join } from "node:path";
import { examples } from "../../../scripts/examples.ts";
import { mustRun } from "../command.ts";
import { checkout } from "../scene.ts";
import type { Order, Prepared } from "./asked.ts";
import type { World } from "./world.ts";

/** Names of some examples, for whoever works on these tests. */
const chosen = process.env.MCPC_EXAMPLES?.split(",");

/** The names of the examples. */
export const exampleNames: readonly string[] = examples
  .map(({ name }) => name)
  .filter((name) => chosen?.includes(name) ?? true);

/** Makes the trees of all examples in a world, and compiles them there for a target. */
export function prepareExamples(world: World, target: Order["target"]): ReadonlyMap<string, Prepared> {
  const { prober, linked } = world.programs;
  const order: Order = { world: world.directory, target, prober, linked, checkout, names: exampleNames };
  const at = (path: string): string => join(checkout, path);
  const words = [at("scripts/run-ts.mjs"), at("test/system/files/prepare.ts"), JSON.stringify(order)];
  const output = mustRun(world.enter([world.node, ...words]), {
    // The world's interpreters, and not this machine's.
    env: { ...process.env, PATH: "/usr/bin:/bin" },
  });
  const prepared = JSON.parse(output) as readonly Prepared[];
  return new Map(prepared.map((one) => [one.name, one]));
}
