// A directory with a program, and generated policies of many servers beside it.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const server = (n) => `server s${n} <
  run node ./dist/index.js ./project;
  read ./project;
  deny ./project/secret-${n};
  net connect h${n}.example:443;
  env N=${n};
  tmp 16MiB;
  limits < memory 512MiB; processes 64 >;
  accept all: deny.future, net.connect, tmp.size, limits.memory, limits.processes, files.deny, processes.other;
>
`;

/** The text of a policy with that many servers. */
export function policyOf(count) {
  return `language 1;\n\n${Array.from({ length: count }, (_, n) => server(n)).join("\n")}`;
}

/** Makes the directory, in another, with a policy for each count, `N.mcp`. */
export function makeProject(base, counts) {
  const directory = mkdtempSync(join(base, "bench-"));
  for (const name of ["dist", "project"]) mkdirSync(join(directory, name));
  writeFileSync(join(directory, "dist/index.js"), "");
  writeFileSync(join(directory, "project/data.txt"), "");
  for (const count of counts) writeFileSync(join(directory, `${count}.mcp`), policyOf(count));
  return directory;
}
