/**
 * What a command line starts: which of its words is the program's own file. A table of options, because
 * `node --import ./hook.js main.js` starts main.js.
 */
import type { RuntimeName } from "../syntax/ast.ts";

interface Interpreter {
  /** Options that take the next word. */
  readonly withValue: ReadonlySet<string>;
  /** Options after which no file is started: `-e`, `-c`, `-m`. */
  readonly withoutFile: ReadonlySet<string>;
}

// Sources: node(1) and `node --help`; python3(1).
const interpreters: Readonly<Record<"node" | "python", Interpreter>> = {
  node: {
    withValue: new Set([
      "-C",
      "-r",
      "--conditions",
      "--experimental-loader",
      "--import",
      "--loader",
      "--require",
      "--env-file",
      "--env-file-if-exists",
      "--input-type",
      "--title",
      "--watch-path",
    ]),
    withoutFile: new Set(["-e", "-p", "-pe", "-i", "--eval", "--print", "--interactive", "--test", "--run"]),
  },
  python: {
    withValue: new Set(["-W", "-X", "--check-hash-based-pycs"]),
    withoutFile: new Set(["-c", "-m"]),
  },
};

/** The runtime that a command means when no `runtime` clause says. */
export function inferRuntime(command: string): RuntimeName {
  const name = command.slice(command.lastIndexOf("/") + 1);
  if (/^(?:node|nodejs|npx|npm|bunx|pnpx)$/.test(name)) return "node";
  if (/^(?:python(?:3(?:\.[0-9]+)?)?|uv|uvx|pipx)$/.test(name)) return "python";
  return "native";
}

/** The interpreter that a command is, if it is one. */
export function interpreterOf(command: string): "node" | "python" | undefined {
  const name = command.slice(command.lastIndexOf("/") + 1);
  if (name === "node" || name === "nodejs") return "node";
  return /^python(?:3(?:\.[0-9]+)?)?$/.test(name) ? "python" : undefined;
}

/** The index of the word that names the file an interpreter starts; undefined when it starts none. */
export function entryIndex(interpreter: "node" | "python", words: readonly string[]): number | undefined {
  const table = interpreters[interpreter];
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") return index + 1 < words.length ? index + 1 : undefined;
    if (!word.startsWith("-") || word === "-") return word === "-" ? undefined : index;
    if (table.withoutFile.has(word)) return undefined;
    if (table.withValue.has(word)) index++;
  }
  return undefined;
}

/** What `npx` and its like would start: the package, and the words behind it. */
export interface PackageRunner {
  readonly kind: "npm" | "python";
  /** The package's name without its version. */
  readonly package: string;
  /** The command of the package, when it is named apart. */
  readonly command?: string;
  readonly rest: readonly string[];
  /** The command line that installs the package. */
  readonly install: string;
}

const withoutVersion = (spec: string): string => spec.replace(/(?<=.)@[^/]*$/, "");

/** Reads `npx -y PACKAGE@1 ARG…`, `uvx PACKAGE ARG…`, `uv run COMMAND`; undefined for other commands. */
export function readPackageRunner(words: readonly string[]): PackageRunner | undefined {
  const [first = "", ...others] = words;
  const name = first.slice(first.lastIndexOf("/") + 1);
  const rest = [...others];
  if (name === "uv" && rest[0] === "run") rest.shift();
  else if (name === "uv" && rest[0] === "tool" && rest[1] === "run") rest.splice(0, 2);
  else if (name !== "npx" && name !== "bunx" && name !== "pnpx" && name !== "uvx" && name !== "pipx")
    return undefined;
  if (name === "pipx" && rest.shift() !== "run") return undefined;
  let spec: string | undefined;
  let option = rest[0];
  while (option?.startsWith("-")) {
    rest.shift();
    if (option === "--") break;
    const separate = /^(?:-p|--package|--from|--with|--python)$/.test(option) ? rest.shift() : undefined;
    const glued = /^--(?:package|from)=(.*)$/.exec(option)?.[1];
    if (/^(?:-p|--package|--from)$/.test(option)) spec = separate;
    if (glued !== undefined) spec = glued;
    option = rest[0];
  }
  const command = rest.shift();
  if (command === undefined) return undefined;
  const isNpm = name === "npx" || name === "bunx" || name === "pnpx";
  const chosen = spec ?? command;
  return {
    kind: isNpm ? "npm" : "python",
    package: isNpm ? withoutVersion(chosen) : chosen.replace(/[@=<>~![ ].*$/, ""),
    ...(spec !== undefined && { command }),
    rest,
    install: isNpm
      ? `npm install ${chosen}`
      : `python3 -m venv .venv && .venv/bin/pip install ${chosen.replace("@", "==")}`,
  };
}
