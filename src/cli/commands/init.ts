import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { configurationErrors as e } from "../../diagnostics/catalogue/configuration.ts";
import { type Configuration, type Entry, readConfiguration, readDockerRun } from "../client-configuration.ts";
import type { Command, Invocation } from "../command.ts";
import { stringOption } from "../command.ts";
import { readUtf8 } from "../io.ts";
import { report, usageError } from "../report.ts";
import { checkedFormat } from "./fmt.ts";

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

/** A remark as a comment: one line, of characters that a policy may hold. */
const comment = (text: string): string => `# ${text.replace(/[^\P{C}]|[\p{Zl}\p{Zp}]/gu, "?")}`;

function writeServer(entry: Entry, name: string): string {
  const names = [...new Set(entry.environment)].filter((n) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(n)).sort();
  const paths = entry.image === undefined ? givenPaths(entry.argv) : [];
  const lines = [
    ...entry.remarks.map(comment),
    `server ${name} <`,
    entry.image === undefined
      ? `run ${entry.argv.map(writeRunWord).join(" ")};`
      : `image ${writePath(entry.image)};`,
    ...(paths.length > 0
      ? [`read ${paths.map(writePath).join(", ")};  # write PATH where the server must change files`]
      : []),
    "net none;  # or: net connect HOST:PORT",
    ...(names.length > 0 ? [`env ${names.join(", ")};`] : []),
    ">",
  ];
  return lines.join("\n");
}

/** The whole policy; names that become the same are told apart by a number. */
function writePolicy({ entries, remarks }: Configuration): string {
  const taken = new Set<string>();
  const servers = entries.map((entry) => {
    const base = serverName(entry.name);
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base.slice(0, 58)}-${n}`;
    taken.add(name);
    return writeServer(entry, name);
  });
  const left = remarks.length > 0 ? [["# Left out:", ...remarks.map(comment)].join("\n")] : [];
  return `${["language 1;", ...left, ...servers].join("\n\n")}\n`;
}

/** What a server of a command line is called: its package, its script, or its image. */
function nameOf({ argv, image }: Entry): string {
  const program = image ?? argv.find((word, at) => at > 0 && !word.startsWith("-")) ?? argv[0] ?? "";
  return program
    .replace(/@sha256:.*$/, "")
    .replace(/(?!^)@.*$/, "")
    .replace(/^.*\//, "")
    .replace(/:[^:]*$/, "")
    .replace(/\.(?:[cm]?js|py)$/, "")
    .replace(/^(?:mcp-)?server-/, "");
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
  let configuration: Configuration | undefined;
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
    configuration = readConfiguration(read.text);
    if (!configuration || configuration.entries.length === 0) {
      report(invocation, [
        e.unreadable.report({ path: first, reason: "it holds no `mcpServers` with a `command`" }),
      ]);
      return 2;
    }
  } else {
    const entry = readDockerRun({ name: "", argv: operands, environment: [], remarks: [] });
    const name = stringOption(invocation, "name") ?? nameOf(entry);
    configuration = { entries: [{ ...entry, name }], remarks: [] };
  }
  const text = writePolicy(configuration);
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
