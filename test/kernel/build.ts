/** Compiles the C programs of these tests, into a folder of their own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-mno-red-zone"];

/** The path of a program made from `NAME.c`. @throws Error with what gcc says */
export function buildProgram(name: string, libraries: readonly string[] = []): string {
  const program = join(mkdtempSync(join(tmpdir(), "mcpc-kernel-")), name);
  const words = [...flags, "-o", program, join(here, `${name}.c`), ...libraries.map((l) => `-l${l}`)];
  const { status, stderr, error } = spawnSync("gcc", words, { encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr);
  return program;
}
