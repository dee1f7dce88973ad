/** `run`: from a command line to the program's argv and the files that it is made of. */
import { meaningErrors as e } from "../diagnostics/catalogue/meaning.ts";
import { syntaxErrors } from "../diagnostics/catalogue/syntax.ts";
import { isBelow, isWithin } from "../host/patterns.ts";
import type { RunClause, Word } from "../syntax/ast.ts";
import { bindWord } from "./bind.ts";
import { bindingOf, type LowerContext, originOf, type Sourced } from "./context.ts";
import { refusesStar } from "./expand-files.ts";
import { entryIndex, interpreterOf, type PackageRunner, readPackageRunner } from "./interpreters.ts";
import type { Access, FileType } from "./ir.ts";
import { childOf, parentOf } from "./paths.ts";

/** A file or directory that the program is made of. */
export interface ProgramFile {
  readonly path: string;
  readonly type: FileType;
  readonly access: readonly Access[];
  readonly by: "run" | "closure";
}

/** What `run` means. */
export interface ExpandedProgram {
  readonly argv: readonly string[];
  readonly executable?: string;
  readonly entry?: string;
  readonly files: readonly ProgramFile[];
  readonly origin: number;
}

function bindWords(context: LowerContext, sourced: Sourced<RunClause>): string[] {
  const binding = bindingOf(context, sourced.file);
  return sourced.clause.words.map((word: Word) => {
    const bound = bindWord(word.text, word.startsQuoted, binding);
    if (bound.ok) return bound.path;
    context.report(syntaxErrors.badPath.report({ text: word.text, reason: bound.reason }, { at: word.span }));
    return "/";
  });
}

/** Directories to look for installed packages in: the policy's, and each above it. */
function upwards(directory: string): readonly string[] {
  const out = [directory];
  for (let at = directory; at !== "/"; at = parentOf(at)) out.push(parentOf(at));
  return out;
}

function installedNpm(
  context: LowerContext,
  runner: PackageRunner,
  from: string,
): readonly string[] | undefined {
  for (const directory of upwards(from)) {
    const home = childOf(directory, `node_modules/${runner.package}`);
    if (context.host.lookup(home).kind !== "found") continue;
    const manifest = context.host.manifest(home);
    const commands = manifest?.bin ?? {};
    const short = runner.package.slice(runner.package.lastIndexOf("/") + 1);
    const file = commands[runner.command ?? short] ?? Object.values(commands)[0];
    if (file !== undefined) return ["node", childOf(home, file.replace(/^\.\//, "")), ...runner.rest];
  }
  return undefined;
}

function installedPython(
  context: LowerContext,
  runner: PackageRunner,
  from: string,
): readonly string[] | undefined {
  for (const directory of upwards(from)) {
    const bin = childOf(directory, ".venv/bin");
    const script = childOf(bin, runner.command ?? runner.package);
    if (context.host.lookup(script).kind === "found") return [childOf(bin, "python"), script, ...runner.rest];
  }
  return undefined;
}

/** Replaces `npx PACKAGE` and its like by what they would start, which must be installed. */
function resolveRunner(
  context: LowerContext,
  sourced: Sourced<RunClause>,
  words: readonly string[],
): readonly string[] {
  const runner = readPackageRunner(words);
  if (!runner) return words;
  const from = bindingOf(context, sourced.file).directory;
  const found =
    runner.kind === "npm" ? installedNpm(context, runner, from) : installedPython(context, runner, from);
  if (found) return found;
  context.report(
    e.notInstalled.report(
      { program: runner.package, command: `\`${runner.install}\`` },
      { at: sourced.clause.span },
    ),
  );
  return words;
}

function findExecutable(
  context: LowerContext,
  sourced: Sourced<RunClause>,
  command: string,
): string | undefined {
  const path = command.startsWith("/")
    ? command
    : command.includes("/")
      ? undefined
      : context.host.which(command);
  const found = path === undefined ? undefined : context.host.lookup(path);
  if (found?.kind === "found" && found.type === "file") return found.path;
  const at = sourced.clause.words[0]?.span ?? sourced.clause.span;
  context.report(e.commandNotFound.report({ command }, { at }));
  return undefined;
}

/** A file with the libraries that it is linked with. */
function executableFiles(context: LowerContext, path: string): ProgramFile[] {
  const libraries = context.platform === "linux" ? (context.host.libraries(path) ?? []) : [];
  return [
    { path, type: "file", access: ["read", "exec"], by: "run" },
    ...libraries.map(
      (library): ProgramFile => ({ path: library, type: "file", access: ["read", "exec"], by: "closure" }),
    ),
  ];
}

function addonFiles(context: LowerContext, directory: string): ProgramFile[] {
  return context.host.addons(directory).flatMap((addon) => executableFiles(context, addon));
}

/** Why a program's directory is not granted as a whole. */
function tooBroad(context: LowerContext, directory: string): string | undefined {
  if (directory === context.root) return "the root";
  if (directory === context.home || isBelow(context.home, directory)) return "a home, or above one";
  const policy = parentOf(context.policy.main.path);
  if (isWithin(policy, directory) || isWithin(context.root, directory))
    return "where the policy lies, or above";
  return undefined;
}

/** package.json and node_modules from the entry upwards: to the root, or to where the packages are installed. */
function nodePackages(context: LowerContext, entry: string): ProgramFile[] {
  const files: ProgramFile[] = [];
  let installed = false;
  for (const directory of upwards(parentOf(entry))) {
    const manifest = childOf(directory, "package.json");
    if (context.host.lookup(manifest).kind === "found") {
      files.push({ path: manifest, type: "file", access: ["read"], by: "run" });
    }
    const inModules = parentOf(directory).endsWith("/node_modules") || directory.includes("/node_modules/");
    const modules = childOf(directory, "node_modules");
    const found = directory.endsWith("/node_modules") ? undefined : context.host.lookup(modules);
    if (found?.kind === "found" && found.type === "directory") {
      files.push({ path: found.path, type: "directory", access: ["read"], by: "run" });
      files.push(...addonFiles(context, found.path));
      installed = true;
    }
    if (directory === context.root || directory === context.home) break;
    if (installed && !inModules && !directory.endsWith("/node_modules") && isWithin(context.root, directory))
      break;
  }
  return files;
}

/** The virtual environment of a Python interpreter, by the pyvenv.cfg beside its bin (PEP 405). */
function pythonEnvironment(context: LowerContext, command: string): ProgramFile[] {
  if (!command.startsWith("/")) return [];
  const prefix = parentOf(parentOf(command));
  if (context.host.lookup(childOf(prefix, "pyvenv.cfg")).kind !== "found") return [];
  return [{ path: prefix, type: "directory", access: ["read"], by: "run" }, ...addonFiles(context, prefix)];
}

function entryFiles(
  context: LowerContext,
  sourced: Sourced<RunClause>,
  entry: string,
  node: boolean,
): ProgramFile[] {
  const directory = parentOf(entry);
  const files: ProgramFile[] = [{ path: entry, type: "file", access: ["read"], by: "run" }];
  const broad = tooBroad(context, directory);
  if (broad === undefined) {
    files.push(
      { path: directory, type: "directory", access: ["read"], by: "run" },
      ...addonFiles(context, directory),
    );
  } else {
    const at = sourced.clause.span;
    context.report(
      e.programDirectory.report(
        { directory, reason: broad },
        {
          at,
          notes: [`if the program needs more of it, grant that: \`read ${directory};\` or single files`],
        },
      ),
    );
  }
  return node ? [...files, ...nodePackages(context, entry)] : files;
}

/** Expands `run`; with an image, its paths are the image's and nothing of the host's is granted. */
export function expandProgram(
  context: LowerContext,
  sourced: Sourced<RunClause>,
  inImage: boolean,
): ExpandedProgram {
  const words = bindWords(context, sourced);
  const origin = originOf(context, sourced);
  if (inImage) return { argv: words, files: [], origin };
  const argv = [...resolveRunner(context, sourced, words)];
  const [command = ""] = argv;
  const executable = findExecutable(context, sourced, command);
  const files = executable === undefined ? [] : executableFiles(context, executable);
  const interpreter = interpreterOf(command);
  const at = interpreter && entryIndex(interpreter, argv);
  const word = at === undefined ? undefined : argv[at];
  const entry = word?.startsWith("/") ? resolveEntry(context, sourced, word) : undefined;
  if (at !== undefined && entry !== undefined) argv[at] = entry;
  if (interpreter === "python") files.push(...pythonEnvironment(context, command));
  if (entry !== undefined) files.push(...entryFiles(context, sourced, entry, interpreter === "node"));
  const sayable = files.filter(({ path }) => !refusesStar(context, path, sourced.clause.span));
  return {
    argv,
    ...(executable !== undefined && { executable }),
    ...(entry !== undefined && { entry }),
    files: sayable,
    origin,
  };
}

function resolveEntry(context: LowerContext, sourced: Sourced<RunClause>, path: string): string | undefined {
  const found = context.host.lookup(path);
  if (found.kind === "unknown") {
    context.report(e.unresolvable.report({ path, reason: found.reason }, { at: sourced.clause.span }));
    return undefined;
  }
  if (found.kind === "absent") context.report(e.absent.report({ path }, { at: sourced.clause.span }));
  return found.path;
}
