import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { configurationErrors as e } from "../../diagnostics/catalogue/configuration.ts";
import type { Command, Invocation } from "../command.ts";
import { stringOption } from "../command.ts";
import { readUtf8 } from "../io.ts";
import { report, usageError } from "../report.ts";
import { checkedFormat } from "./fmt.ts";

/** An entry of a client's configuration. */
interface Entry {
  readonly name: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads `mcpServers` (or `servers`) of a configuration; undefined when it has none. */
function readEntries(text: string): readonly Entry[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const servers = isRecord(parsed) ? (parsed.mcpServers ?? parsed.servers) : undefined;
  if (!isRecord(servers)) return undefined;
  return Object.entries(servers).flatMap(([name, value]) => {
    if (!isRecord(value) || typeof value.command !== "string") return [];
    const args = Array.isArray(value.args)
      ? value.args.filter((a): a is string => typeof a === "string")
      : [];
    const environment = isRecord(value.env) ? Object.keys(value.env) : [];
    return [{ name, argv: [value.command, ...args], environment }];
  });
}

const keyword =
  /^(?:accept|deny|env|exec|image|isolation|limits|net|read|run|runtime|syscalls|tmp|unix|user|write)$/;

/** A word of \`run\` as it must be written. */
function writeRunWord(text: string): string {
  const plain = text !== "" && !/[\s;<>#,()[\]{}"'\\`]/.test(text) && !keyword.test(text);
  return plain ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function writePath(text: string): string {
  return /[\s;<>#,()[\]{}"'\\`*]/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : text;
}

/** Arguments that are directories of this host: what the server was given to work on. */
function givenPaths(argv: readonly string[]): readonly string[] {
  const paths = argv.slice(1).filter((word) => /^(?:\/|\.\.?\/|~\/)/.test(word));
  return paths.filter((word) => {
    const path = word.startsWith("~/") ? resolve(process.env.HOME ?? "/", word.slice(2)) : resolve(word);
    return existsSync(path) && (statSync(path).isDirectory() || !/\.(?:[cm]?js|py)$/.test(path));
  });
}

/** A name that files, units and pods can have. */
function serverName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
  return name === "" ? "server" : name;
}

/** The image of \`docker run … IMAGE ARG…\`, and the words behind it. */
function dockerImage(
  argv: readonly string[],
):
  | { readonly image: string; readonly rest: readonly string[]; readonly environment: readonly string[] }
  | undefined {
  if (!/^(?:docker|podman)$/.test(argv[0]?.replace(/^.*\//, "") ?? "") || argv[1] !== "run") return undefined;
  const withValue =
    /^(?:-e|--env|-v|--volume|--mount|--name|--network|-p|--publish|-u|--user|-w|--workdir|--entrypoint|--env-file)$/;
  const environment: string[] = [];
  for (let at = 2; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "-e" || word === "--env") environment.push((argv[at + 1] ?? "").replace(/=.*$/s, ""));
    if (withValue.test(word)) at++;
    else if (!word.startsWith("-")) return { image: word, rest: argv.slice(at + 1), environment };
  }
  return undefined;
}

function writeServer(entry: Entry): string {
  const docker = dockerImage(entry.argv);
  const names = [...new Set([...entry.environment, ...(docker?.environment ?? [])])]
    .filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .sort();
  const paths = docker ? [] : givenPaths(entry.argv);
  const lines = [
    `server ${serverName(entry.name)} <`,
    ...(docker
      ? [
          `image ${docker.image};`,
          ...(docker.rest.length > 0 ? [`run ${docker.rest.map(writeRunWord).join(" ")};`] : []),
        ]
      : [`run ${entry.argv.map(writeRunWord).join(" ")};`]),
    ...(paths.length > 0
      ? [`read ${paths.map(writePath).join(", ")};  # write PATH where the server must change files`]
      : []),
    "net none;  # or: net connect HOST:PORT",
    ...(names.length > 0 ? [`env ${names.join(", ")};`] : []),
    ">",
  ];
  return lines.join("\n");
}

function runInit(invocation: Invocation): number {
  const { streams, operands } = invocation;
  const [first] = operands;
  if (first === undefined) {
    return usageError(
      streams,
      "`mcpc init` needs a client's configuration (`mcp.json`), or a command line behind `--`, as in `mcpc init -- npx some-server ./project`",
    );
  }
  let entries: readonly Entry[] | undefined;
  if (/\.jsonc?$/.test(first) && operands.length === 1) {
    const read = readUtf8(first);
    if (!read.ok) {
      report(invocation, [
        e.unreadable.report({
          path: first,
          reason: read.reason === "utf8" ? "it is not valid UTF-8" : read.reason,
        }),
      ]);
      return 2;
    }
    entries = readEntries(read.text);
    if (!entries || entries.length === 0) {
      report(invocation, [
        e.unreadable.report({ path: first, reason: "it holds no `mcpServers` with a `command`" }),
      ]);
      return 2;
    }
  } else {
    const program = operands.find((word, at) => at > 0 && !word.startsWith("-")) ?? first;
    const name = program
      .replace(/^.*\//, "")
      .replace(/@.*$/, "")
      .replace(/\.(?:[cm]?js|py)$/, "")
      .replace(/^(?:mcp-)?server-/, "");
    entries = [{ name: stringOption(invocation, "name") ?? name, argv: operands, environment: [] }];
  }
  const text = `${entries.map(writeServer).join("\n\n")}\n`;
  const formatted = checkedFormat("<init>", text);
  if (formatted.diagnostics.length > 0) {
    report(invocation, formatted.diagnostics);
    return 1;
  }
  streams.out(formatted.text);
  return 0;
}

/** `mcpc init`. */
export const initCommand: Command = {
  name: "init",
  summary: "write a tight policy for a client's configuration or a command line",
  usage: "mcp.json | -- COMMAND ARGUMENT…",
  options: { name: { type: "string", value: "NAME", help: "what to call the server of a command line" } },
  run: runInit,
};
