/** Command lines in JSON: what starts a server, by itself (`argv`) or in a client's configuration (`mcpServers`). */
import { type Json, JsonError, readJson } from "../../lift/json.ts";

/** Why a file holds no command line. */
export class CommandLineError extends Error {
  override readonly name = "CommandLineError";
}

const isTable = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function wordsOf(value: Json, where: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((word) => typeof word === "string"))
    throw new CommandLineError(`\`${where}\` is no list of words`);
  return value as readonly string[];
}

/** How a client starts a server; undefined for one that it reaches by an address, and does not start. */
function lineOf(name: string, server: Json): readonly string[] | undefined {
  if (!isTable(server)) throw new CommandLineError(`\`mcpServers.${name}\` is no table`);
  if (server.command === undefined) return undefined;
  if (typeof server.command !== "string")
    throw new CommandLineError(`\`mcpServers.${name}.command\` is no word`);
  return [server.command, ...wordsOf(server.args ?? [], `mcpServers.${name}.args`)];
}

const baseName = (command = ""): string => command.replace(/^.*\//, "");

/**
 * The command lines of a program in a file, each once; clients may start other servers in other ways, which are none of it.
 * @throws CommandLineError
 */
export function commandLinesIn(text: string, program: string): readonly (readonly string[])[] {
  let data: Json;
  try {
    data = readJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw new CommandLineError(error.message);
    throw error;
  }
  if (!isTable(data)) throw new CommandLineError("no command line stands in it");
  const { argv, mcpServers = {} } = data;
  if (!isTable(mcpServers)) throw new CommandLineError("`mcpServers` is no table of servers");
  const clients = Object.entries(mcpServers)
    .flatMap(([name, server]) => {
      const line = lineOf(name, server);
      return line ? [line] : [];
    })
    .filter(([command]) => baseName(command) === program)
    .map(([command, ...rest]) => [baseName(command), ...rest]);
  const all = [...(argv === undefined ? [] : [wordsOf(argv, "argv")]), ...clients];
  if (all.length === 0) throw new CommandLineError("no command line stands in it");
  return [...new Map(all.map((line) => [line.join("\0"), line])).values()];
}
