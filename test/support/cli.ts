import { main } from "../../src/cli/main.ts";

/** What a run of the command line gave: its exit code, and all that it printed. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, without a terminal and without colour. */
export async function runCli(...words: readonly string[]): Promise<CliRun> {
  let out = "";
  let err = "";
  const code = await main([...words], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    color: false,
  });
  return { code, out, err };
}
