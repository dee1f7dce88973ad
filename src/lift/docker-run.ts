/**
 * Command lines of `docker run`, as docker's client reads them. Lines of findings are words of the command line, from 1.
 *
 * Source: Docker's reference of `docker run`; cli/command/container/opts.go of docker/cli; spf13/pflag for the syntax.
 */

import { runOption, shorthands } from "./container/run-options.ts";
import { type Draft, emptyDraft, find, type KnownImage, type Said } from "./container/settings.ts";
import {
  type ContainerEnvironment,
  ContainerError,
  containerAuthority,
  type LiftedContainer,
} from "./container.ts";

interface Option extends Said<string> {
  readonly name: string;
}

interface CommandLine {
  readonly options: readonly Option[];
  readonly image: string;
  readonly command: readonly string[];
}

const known = (name: string, line: number) => {
  const option = runOption(name);
  if (!option)
    throw new ContainerError(`docker refuses \`--${name}\`, an option that it does not know`, line);
  return option;
};

interface Cursor {
  readonly argv: readonly string[];
  at: number;
}

function nextValue(cursor: Cursor, name: string): string {
  const value = cursor.argv[cursor.at++];
  if (value === undefined) throw new ContainerError(`\`--${name}\` needs a value`, cursor.at);
  return value;
}

function longOption(cursor: Cursor, word: string): Option {
  const line = cursor.at;
  const [name = "", attached] = word.slice(2).split(/=(.*)/s);
  const { takes } = known(name, line);
  return { name, line, value: attached ?? (takes === "nothing" ? "true" : nextValue(cursor, name)) };
}

/** A cluster of letters: what follows one that takes a value is that value. */
function shortOptions(cursor: Cursor, word: string): readonly Option[] {
  const line = cursor.at;
  const out: Option[] = [];
  for (let at = 1; at < word.length; at++) {
    const name = shorthands[word.charAt(at)];
    if (name === undefined)
      throw new ContainerError(`docker refuses \`-${word.charAt(at)}\`, which it does not know`, line);
    const rest = word.slice(at + 1);
    if (known(name, line).takes === "value") {
      const value = rest === "" ? nextValue(cursor, name) : rest.replace(/^=/, "");
      return [...out, { name, line, value }];
    }
    if (rest.startsWith("=")) return [...out, { name, line, value: rest.slice(1) }];
    out.push({ name, line, value: "true" });
  }
  return out;
}

const beginnings = ["docker run", "docker container run"];

function parseCommandLine(argv: readonly string[]): CommandLine {
  const beginning = beginnings.find((words) =>
    argv.join("\0").startsWith(`${words.replaceAll(" ", "\0")}\0`),
  );
  if (!beginning) throw new ContainerError("this is no `docker run`", 1);
  const cursor: Cursor = { argv, at: beginning.split(" ").length };
  const options: Option[] = [];
  for (;;) {
    const word = argv[cursor.at++];
    if (word === undefined) throw new ContainerError("no image is named", argv.length);
    if (word === "--") break;
    if (word.startsWith("--")) options.push(longOption(cursor, word));
    else if (word.startsWith("-") && word !== "-") options.push(...shortOptions(cursor, word));
    else {
      cursor.at--;
      break;
    }
  }
  const [image, ...command] = argv.slice(cursor.at);
  if (image === undefined) throw new ContainerError("no image is named", argv.length);
  return { options, image, command };
}

function readOptions(draft: Draft, options: readonly Option[], environment: ContainerEnvironment): void {
  const seen = new Set<string>();
  for (const { name, value, line } of options) {
    const option = known(name, line);
    if (seen.has(name) && !option.repeats) find(draft, line, `\`--${name}\` a second time: the last counts`);
    seen.add(name);
    option.read(draft, value, line, environment);
  }
}

/** The form in which a client of MCP fills an image in. */
const parameter = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

/**
 * Reads a command line of `docker run`; `image` is what is known of the image, as its Dockerfile was read.
 * @throws ContainerError, BudgetExceeded
 */
export function liftDockerRun(
  argv: readonly string[],
  environment: ContainerEnvironment,
  image?: KnownImage,
): LiftedContainer {
  const broken = argv.findIndex((word) => word.includes("\0"));
  if (broken !== -1) throw new ContainerError("a word holds a NUL", broken + 1);
  const { options, image: reference, command } = parseCommandLine(argv);
  const draft = emptyDraft("docker run");
  if (image) draft.image = image;
  const entry = options.findLast(({ name }) => name === "entrypoint")?.value;
  readOptions(draft, options, environment);
  const authority = containerAuthority(draft, environment);
  return {
    name: options.findLast(({ name }) => name === "name")?.value ?? "",
    authority,
    findings: draft.findings,
    assumptions: [...draft.assumptions],
    ...(!parameter.test(reference) && { image: reference }),
    ...(entry ? { command: [entry, ...command] } : {}),
  };
}
