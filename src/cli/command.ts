/** What a command of the command line is. */
import type { ParseArgsConfig } from "node:util";

/** An option: how parseArgs reads it, and what help says of it. */
export interface OptionDefinition {
  readonly type: "string" | "boolean";
  readonly multiple?: true;
  readonly short?: string;
  /** How its value is shown in help. */
  readonly value?: string;
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, OptionDefinition>>;

/** Where a command writes. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether standard error is a terminal that shows colours and progress. */
  readonly interactive: boolean;
  readonly color: boolean;
}

/** Parsed words of the command line. */
export interface Invocation {
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly operands: readonly string[];
  readonly streams: Streams;
}

/** A command; `run` gives the exit code: 0 fine, 1 findings, 2 usage or I/O, 70 a bug of this program. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The words behind the command's name. */
  readonly usage: string;
  readonly options: OptionTable;
  readonly run: (invocation: Invocation) => number | Promise<number>;
}

/** The option table as parseArgs takes it. */
export function parseArgsOptions(options: OptionTable): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple, short }]) => [
      name,
      { type, ...(multiple && { multiple }), ...(short !== undefined && { short }) },
    ]),
  );
}

/** The value of an option that takes one. */
export function stringOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name];
  return typeof value === "string" ? value : undefined;
}

/** All values of an option that may be repeated, each split at its commas. */
export function listOption(invocation: Invocation, name: string): readonly string[] {
  const value = invocation.options[name];
  const values = Array.isArray(value)
    ? (value as readonly string[])
    : typeof value === "string"
      ? [value]
      : [];
  return values
    .flatMap((v) => v.split(","))
    .map((v) => v.trim())
    .filter((v) => v !== "");
}
