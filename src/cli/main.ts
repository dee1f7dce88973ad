/** The command line: finds the command, reads its options, runs it. */
import { parseArgs } from "node:util";
import { didYouMean } from "../diagnostics/suggest.ts";
import { version } from "../version.ts";
import { type Command, type Invocation, parseArgsOptions, type Streams } from "./command.ts";
import { usageError } from "./report.ts";

/** The commands, in the order of help; each is loaded when it is asked for, so that none pays for another's start. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  compile: async () => (await import("./commands/compile.ts")).compileCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  diff: async () => (await import("./commands/diff.ts")).diffCommand,
  explain: async () => (await import("./commands/explain.ts")).explainCommand,
  fmt: async () => (await import("./commands/fmt.ts")).fmtCommand,
  init: async () => (await import("./commands/init.ts")).initCommand,
  lift: async () => (await import("./commands/lift.ts")).liftCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  targets: async () => (await import("./commands/targets.ts")).targetsCommand,
};

async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(loaders, name) ? loaders[name]?.() : undefined;
}

/** What `mcpc help` prints. */
export async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(loaders).map((load) => load()));
  const width = Math.max(...commands.map((command) => command.name.length)) + 2;
  return [
    "mcpc: the policy compiler for MCP servers",
    "",
    "usage: mcpc COMMAND …",
    "",
    ...commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}`),
    "",
    "`mcpc help COMMAND` says what a command takes.",
    "",
  ].join("\n");
}

/** What `mcpc help COMMAND` prints. */
export function commandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) => ({
    flag: `--${name}${option.value === undefined ? "" : `=${option.value}`}`,
    help: option.help,
  }));
  const width = Math.max(0, ...options.map((option) => option.flag.length)) + 2;
  return [
    `mcpc ${command.name}: ${command.summary}`,
    "",
    `usage: mcpc ${command.name} ${command.usage}`.trimEnd(),
    "",
    ...options.map(({ flag, help }) => `  ${flag.padEnd(width)}${help}`),
    "",
  ].join("\n");
}

function invocationOf(command: Command, words: readonly string[], streams: Streams): Invocation | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: parseArgsOptions(command.options),
      allowPositionals: true,
      strict: true,
    });
    return { options: values as Invocation["options"], operands: positionals, streams };
  } catch (error) {
    const unknown = /Unknown option '(-[^']*)'/.exec(error instanceof Error ? error.message : "")?.[1];
    const meant = unknown && didYouMean(unknown.replace(/^-+/, ""), Object.keys(command.options));
    if (unknown)
      return `\`mcpc ${command.name}\` has no option \`${unknown}\`${meant ? `; did you mean \`--${meant}\`?` : ""}`;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs a command line; gives the exit code. */
export async function main(words: readonly string[], streams: Streams): Promise<number> {
  const [name, ...rest] = words;
  if (name === "--version" || name === "version") {
    streams.out(`${version}\n`);
    return 0;
  }
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    const about = await loadCommand(rest[0] ?? "");
    (name === undefined ? streams.err : streams.out)(about ? commandHelp(about) : await overview());
    return name === undefined ? 2 : 0;
  }
  const command = await loadCommand(name);
  if (!command) {
    const meant = didYouMean(name, Object.keys(loaders));
    return usageError(
      streams,
      `there is no command \`${name}\`${meant ? `; did you mean \`${meant}\`?` : ""}`,
    );
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    streams.out(commandHelp(command));
    return 0;
  }
  const invocation = invocationOf(command, rest, streams);
  if (typeof invocation === "string") return usageError(streams, invocation);
  const format = invocation.options.format;
  const formats = command.options.format?.value?.split("|") ?? [];
  if (format !== undefined && !formats.includes(String(format))) {
    return usageError(streams, `\`--format ${String(format)}\`: there are ${formats.join(", ")}`);
  }
  return command.run(invocation);
}
