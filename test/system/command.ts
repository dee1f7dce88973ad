import { spawnSync } from "node:child_process";

/** What a command printed, and how it ended. */
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a command to its end, with a bound on its time. */
export function attemptCommand(
  argv: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; seconds?: number } = {},
): Outcome {
  const [command = "", ...rest] = argv;
  const done = spawnSync(command, rest, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: options.env ?? process.env,
    encoding: "utf8",
    timeout: (options.seconds ?? 120) * 1000,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 26,
  });
  return {
    status: done.status,
    output: `${done.stdout}${done.stderr}${done.error ? done.error.message : ""}`,
  };
}

/** Runs a command that must succeed. */
export function mustRun(
  argv: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; seconds?: number } = {},
): string {
  const { status, output } = attemptCommand(argv, options);
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}:\n${output}`);
  return output;
}
