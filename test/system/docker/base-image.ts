import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { readElf } from "../../../src/host/elf.ts";
import { mustRun } from "../command.ts";

/** The name of the image that `importBaseImage` makes. */
export const baseImage = "mcpc-test/node:1";

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
    mustRun(
      [
        "/bin/sh",
        "-c",
        `tar -C ${directory} -c . | docker import -c 'ENV PATH=/usr/local/bin:/usr/bin:/bin' - ${baseImage}`,
      ],
      { env: environment },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
