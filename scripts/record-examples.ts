/**
 * Writes examples/out/: node scripts/run-ts.mjs scripts/record-examples.ts [--host | --install] [NAME…]
 *
 * Without an option from the committed snapshots, on any machine. With --host it asks this machine, which must have the
 * servers at their place. With --install, as root, it puts them there first: npm's packages, and empty directories.
 */
import { spawnSync } from "node:child_process";
import { chownSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { hasErrors } from "../src/diagnostics/diagnostic.ts";
import { renderTerminal } from "../src/diagnostics/render/terminal.ts";
import { compileExample, type Example, examples, place, type Recorded } from "./examples.ts";

const checkout = resolve(".");

function mustRun(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}

function install({ name, package: spec, directories, files = [] }: Example): void {
  const root = join(place.root, name);
  mkdirSync(root, { recursive: true });
  if (spec !== undefined) {
    // No scripts: they would download browsers. SQLite's addon is the one that must be built.
    mustRun("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", spec], root);
    if (name === "sqlite") mustRun("npm", ["rebuild", "sqlite3"], root);
  }
  for (const directory of directories) {
    mkdirSync(join(root, directory), { recursive: true });
    chownSync(join(root, directory), place.uid, place.gid);
  }
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(join(checkout, "examples", file), join(root, file));
  }
  if (name === "git") mustRun("git", ["init", "--quiet", "repository"], root);
}

/** Replaces what is recorded of an example. */
function writeRecorded(name: string, files: readonly Recorded[]): void {
  const out = join(checkout, "examples/out", name);
  rmSync(out, { recursive: true, force: true });
  for (const { path, content, executable } of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), content, { mode: executable ? 0o755 : 0o644 });
  }
}

const words = process.argv.slice(2);
const named = words.filter((word) => !word.startsWith("--"));
const chosen = examples.filter(({ name }) => named.length === 0 || named.includes(name));
for (const example of chosen) {
  if (words.includes("--install")) install(example);
  const live = words.includes("--host") || words.includes("--install");
  const { files, diagnostics } = await compileExample(checkout, example.name, !live);
  if (hasErrors(diagnostics)) {
    process.stderr.write(renderTerminal(diagnostics, { color: false }));
    process.exitCode = 1;
  } else writeRecorded(example.name, files);
}
