/** Artifacts on disk, as bundles: each with the files beside it that it speaks of. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { configurationErrors as e } from "../diagnostics/catalogue/configuration.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { targetOfFile } from "../verify/bundles.ts";
import type { TargetName } from "../verify/parts/readers.ts";
import { proofName } from "../verify/proof-file.ts";
import { filesBelow, readUtf8 } from "./io.ts";

/** Files of one target that lie in one directory. */
export interface FoundBundle {
  readonly target: TargetName;
  readonly directory: string;
  /** Texts by their path in the directory, those of the files beside them included. */
  readonly files: ReadonlyMap<string, string>;
  /** Those that were named. */
  readonly named: ReadonlySet<string>;
}

/** The bundles of some operands, or what is wrong with one. */
export type FoundBundles =
  | { readonly ok: true; readonly bundles: readonly FoundBundle[] }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

interface NamedFile {
  readonly directory: string;
  readonly name: string;
  readonly text: string;
  readonly target: TargetName;
}

const isDropIn = (path: string): boolean => /\.d$/.test(dirname(path));

function readNamed(operand: string): NamedFile | Diagnostic {
  const path = resolve(operand);
  const read = readUtf8(path);
  if (!read.ok)
    return read.reason === "utf8"
      ? e.notUtf8.report({ path: operand })
      : e.unreadable.report({ path: operand, reason: read.reason });
  const target = targetOfFile(path, read.text);
  if (!target) return e.unknownArtifact.report({ path: operand });
  const directory = isDropIn(path) ? dirname(dirname(path)) : dirname(path);
  return { directory, name: path.slice(directory.length + 1), text: read.text, target };
}

const isDiagnostic = (value: NamedFile | Diagnostic): value is Diagnostic => "severity" in value;

/** What is read beside the files that are named: of units only what is dropped into them, for a directory of units is long. */
function besides(directory: string, target: TargetName, names: readonly string[]): readonly string[] {
  if (target === "systemd") {
    const units = names.map((name) => (name.includes("/") ? dirname(name).replace(/\.d$/, "") : name));
    return [...new Set(units)].flatMap((unit) => [
      ...(existsSync(join(directory, unit)) ? [unit] : []),
      ...filesBelow(join(directory, `${unit}.d`)).map((file) => `${unit}.d/${file}`),
    ]);
  }
  if (target === "seccomp") return [];
  return readdirSync(directory).filter((name) => statSync(join(directory, name)).isFile());
}

function bundleOf(target: TargetName, directory: string, own: readonly NamedFile[]): FoundBundle {
  const names = own.map(({ name }) => name);
  const files = new Map(own.map(({ name, text }) => [name, text]));
  for (const name of besides(directory, target, names)) {
    if (files.has(name) || name === proofName) continue;
    // What can't be read is missed where something speaks of it.
    const read = readUtf8(join(directory, name));
    if (read.ok) files.set(name, read.text);
  }
  return { target, directory, files, named: new Set(names) };
}

/** What a directory holds of artifacts: what has a form of its own, and is no proof. */
function expanded(operand: string): readonly string[] {
  if (!existsSync(operand) || !statSync(operand).isDirectory()) return [operand];
  return filesBelow(operand)
    .map((name) => join(operand, name))
    .filter((path) => {
      if (basename(path) === proofName) return false;
      const read = readUtf8(path);
      return read.ok && targetOfFile(resolve(path), read.text) !== undefined;
    });
}

/** Finds the bundles of files and directories. */
export function findBundles(operands: readonly string[]): FoundBundles {
  const groups = new Map<string, NamedFile[]>();
  for (const operand of operands.flatMap(expanded)) {
    const named = readNamed(operand);
    if (isDiagnostic(named)) return { ok: false, diagnostic: named };
    // A profile that lies beside a compose file or a manifest is theirs.
    const key = `${named.target} ${named.directory}`;
    groups.set(key, [...(groups.get(key) ?? []), named]);
  }
  const bundles = [...groups.values()].flatMap((own): readonly FoundBundle[] => {
    const [first] = own;
    return first ? [bundleOf(first.target, first.directory, own)] : [];
  });
  return { ok: true, bundles };
}

/** How a file of a bundle is called: from the working directory, where it lies below that. */
export function shownName({ directory }: FoundBundle, path: string): string {
  if (directory === process.cwd()) return path;
  return `${directory.replace(`${process.cwd()}/`, "")}/${path}`;
}
