/** The command line: finds the command, reads its options, runs it. */
import { parseArgs } from "node:util";
import { didYouMean } from "../diagnostics/suggest.ts";
import { version } from "../version.ts";
import { type Command, type Invocation, parseArgsOptions, type Streams } from "./command.ts";
import { checkCommand } from "./commands/check.ts";
import { compileCommand } from "./commands/compile.ts";
import { explainCommand } from "./commands/explain.ts";
import { fmtCommand } from "./commands/fmt.ts";
import { initCommand } from "./commands/init.ts";
import { targetsCommand } from "./commands/targets.ts";
import { usageError } from "./report.ts";

/** The commands, in the order of help. */
export const commands: readonly Command[] = [
  compileCommand,
  checkCommand,
  explainCommand,
  fmtCommand,
  initCommand,
  targetsCommand,
];

/** What `mcpc help` prints. */
export function overview(): string {
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
    const about = commands.find((command) => command.name === rest[0]);
    (name === undefined ? streams.err : streams.out)(about ? commandHelp(about) : overview());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((c) => c.name === name);
  if (!command) {
    const meant = didYouMean(
      name,
      commands.map((c) => c.name),
    );
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
  if (format !== undefined && !["pretty", "json", "sarif", "github"].includes(String(format))) {
    return usageError(streams, `\`--format ${String(format)}\`: there are pretty, json, sarif and github`);
  }
  return command.run(invocation);
}
