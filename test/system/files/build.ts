/** Compiles the C programs of these tests. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "../command.ts";

const here = dirname(fileURLToPath(import.meta.url));
const common = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror"];
const bare = ["-ffreestanding", "-fno-stack-protector", "-nostartfiles"];

/** Programs, by their paths. */
export interface Programs {
  /** The prober without any library: what executable files of a tree are copies of. */
  readonly prober: string;
  /** The same, linked with the C library, which it does not use: it brings what a real interpreter would. */
  readonly linked: string;
  /** Prints what a socket says. */
  readonly connect: string;
}

/** Compiles them into a directory. @throws Error with what gcc says */
export function buildPrograms(directory: string): Programs {
  const make = (name: string, source: string, ...words: readonly string[]): string => {
    const program = join(directory, name);
    mustRun(["gcc", ...common, ...words, "-o", program, join(here, source)]);
    return program;
  };
  return {
    prober: make("prober", "prober.c", ...bare, "-static", "-nostdlib", "-no-pie"),
    linked: make("prober-linked", "prober.c", ...bare, "-Wl,--no-as-needed", "-lc"),
    connect: make("connect", "connect.c", "-static"),
  };
}
