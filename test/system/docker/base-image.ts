import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { readElf } from "../../../src/host/elf.ts";
import { mustRun } from "../command.ts";

/** The name of the image that `importBaseImage` makes. */
export const baseImage = "mcpc-test/node:1";

/** Imports a directory as an image, with settings as a Dockerfile's. */
export function importImage(
  environment: NodeJS.ProcessEnv,
  directory: string,
  name: string,
  ...settings: readonly string[]
): void {
  const changes = ["ENV PATH=/usr/local/bin:/usr/bin:/bin", ...settings]
    .map((one) => `-c '${one}'`)
    .join(" ");
  mustRun(["/bin/sh", "-c", `tar -C ${directory} -c . | docker import ${changes} - ${name}`], {
    env: environment,
  });
}

/** Imports an image of node and its libraries, made from this machine's own files: no registry is reached. */
export function importBaseImage(environment: NodeJS.ProcessEnv): void {
  const directory = mkdtempSync("/var/tmp/mcpc-base-");
  try {
    const node = realpathSync(process.execPath);
    const files = [[node, "/usr/bin/node"], ...(readElf(node) ?? []).map((path) => [path, path])];
    for (const [from = "", to = ""] of files) {
      mkdirSync(join(directory, dirname(to)), { recursive: true });
      copyFileSync(realpathSync(from), join(directory, to));
    }
    chmodSync(join(directory, "usr/bin/node"), 0o755);
    for (const name of ["tmp", "etc", "proc", "sys", "dev"])
      mkdirSync(join(directory, name), { recursive: true });
    chmodSync(join(directory, "tmp"), 0o1777);
    importImage(environment, directory, baseImage);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
