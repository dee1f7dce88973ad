// Milliseconds of proving all artifacts of one server, in a process that is warm: the examples, from what their hosts said.
import { importBundled } from "./bundle.mjs";
import { median } from "./measure.mjs";

const source = `
export { examples, openExample } from "./scripts/examples.ts";
export { compile } from "./src/compile/compile.ts";
export { cheapSlack } from "./src/compile/prove.ts";
export { targets } from "./src/targets/registry.ts";
export { createWorkspace } from "./src/verify/decide.ts";
export { proveBundle } from "./src/verify/prove.ts";
`;

/** The bundles of one server: what was compiled for each target. */
function bundlesOf({ artifacts, analysed }, { environment, location }, targets, name) {
  return targets.flatMap((target) => {
    const prefix = `${name}/${target.name}/`;
    const own = artifacts.filter(({ path }) => path.startsWith(prefix));
    const server = analysed.get(target.platform)?.ir.servers.find((one) => one.name === name);
    if (!server || own.length === 0) return [];
    const files = new Map(own.map(({ path, content }) => [path.slice(prefix.length), content]));
    return [
      {
        target: target.name,
        bundle: { server, environment, location: `${location}/${name}/${target.name}`, files },
      },
    ];
  });
}

/** The rows of the proof: the median and the 99th percentile over servers and rounds. */
export async function measureProofs(root, directory, { rounds, warmUps }) {
  const lib = await importBundled(root, directory, "prove", source);
  const servers = [];
  for (const { name } of lib.examples) {
    const { project } = await lib.openExample(root, name, true);
    const compiled = lib.compile(project, lib.targets);
    const [first] = compiled.analysed.values();
    for (const server of first.ir.servers)
      servers.push(bundlesOf(compiled, project, lib.targets, server.name));
  }
  const times = [];
  for (let round = 0; round < warmUps + rounds; round++)
    for (const bundles of servers) {
      const start = process.hrtime.bigint();
      const spaces = { linux: lib.createWorkspace(), macos: lib.createWorkspace() };
      for (const { target, bundle } of bundles) {
        const space = target === "sb" ? spaces.macos : spaces.linux;
        lib.proveBundle(target, bundle, { space, slackIn: lib.cheapSlack });
      }
      if (round >= warmUps) times.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  const sorted = times.sort((a, b) => a - b);
  return [
    { name: "proof of a server, all targets, median", unit: "ms", figure: median(sorted), budget: 25 },
    {
      name: "proof of a server, all targets, 99th percentile",
      unit: "ms",
      figure: sorted[Math.floor(sorted.length * 0.99)],
      budget: 200,
    },
  ];
}
