// Ring a: mutants of the compiler itself, drawn by a seed and tried by Stryker. Prints what share of each folder's mutants the
// tests kill, and every survivor.
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { folders, listOf, rowsOf } from "./report.mjs";
import { draw, mutantsOf, rangeOf, shuffled } from "./sample.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const option = (name, otherwise) => {
  const found = process.argv.find((word) => word.startsWith(`--${name}=`));
  return found === undefined ? otherwise : Number(found.slice(name.length + 3));
};

const size = option("sample", 1000);
const seed = option("seed", 20);
/** So many mutants are tried at once: what they gave is kept when the run is stopped behind them. */
const part = option("part", 100);

/** The ranges of one run of Stryker, in the order in which they are tried: each part has mutants of each folder. */
async function drawn() {
  const some = [];
  for (const { folder, share } of folders) {
    const all = await mutantsOf(root, folder);
    const own = draw(all, Math.round(size * share), seed);
    console.log(`${folder}: ${own.length} of ${all.length} mutants`);
    some.push(...own);
  }
  return shuffled([...new Set(some.map(rangeOf))], seed);
}

/** The tree that is tried: a commit, when nothing stands beside it. Without one a run does not go on where one stopped. */
function treeOf() {
  const git = (...words) => execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
  try {
    return git("status", "--porcelain") === "" ? git("rev-parse", "HEAD") : undefined;
  } catch {
    return undefined;
  }
}

/** What Stryker says of each mutant of some ranges. */
function tried(ranges) {
  const report = join(root, ".stryker-tmp/report.json");
  rmSync(report, { force: true });
  const { status } = spawnSync(
    process.execPath,
    [join(root, "node_modules/@stryker-mutator/core/bin/stryker.js"), "run"],
    { cwd: root, stdio: "inherit", env: { ...process.env, MCPC_MUTATE: JSON.stringify(ranges) } },
  );
  if (status !== 0 || !existsSync(report)) {
    console.error(`Stryker ended with ${status}`);
    process.exit(1);
  }
  const { files } = JSON.parse(readFileSync(report, "utf8"));
  return listOf(files);
}

const ranges = await drawn();
const directory = join(root, ".stryker-tmp");
mkdirSync(directory, { recursive: true });
const kept = join(directory, `ring-a-${seed}-${size}-${part}-${treeOf() ?? "changed"}.jsonl`);
if (treeOf() === undefined) rmSync(kept, { force: true });
const parts = existsSync(kept)
  ? readFileSync(kept, "utf8")
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text))
  : [];
for (let at = parts.length * part; at < ranges.length; at += part) {
  const began = Date.now();
  const mutants = tried(ranges.slice(at, at + part));
  appendFileSync(kept, `${JSON.stringify(mutants)}\n`);
  parts.push(mutants);
  console.log(`part ${parts.length} of ${Math.ceil(ranges.length / part)}: ${(Date.now() - began) / 1000} s`);
}

/** Survivors that mean the same as what they were made of, each with the reason: they are none that a test could kill. */
const known = JSON.parse(readFileSync(join(root, "test/mutants/survivors.json"), "utf8"));
const rows = rowsOf(parts.flat(), known);
console.log("\nRing a: mutants of the compiler\n");
console.table(rows.map(({ survivors: _, ...row }) => row));
for (const { survivors } of rows)
  for (const { at, original, replacement, mutator, status } of survivors)
    console.log(`${status} ${at} ${mutator}: ${original} -> ${replacement}`);
const list = rows.flatMap(({ survivors }) =>
  survivors.map(({ file, line, replacement, status, at }) => ({ file, line, replacement, status, at })),
);
writeFileSync(join(directory, "survivors.json"), `${JSON.stringify(list, null, 2)}\n`);
console.log(`\n${JSON.stringify({ seed, sample: size, a: rows.map(({ survivors: _, ...row }) => row) })}`);
if (rows.some(({ rate, bar }) => rate < bar)) process.exitCode = 1;
