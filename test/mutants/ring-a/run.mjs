// Ring a: mutants of the compiler itself, drawn by a seed and tried by Stryker. Prints what share of each folder's mutants the
// tests kill, and every survivor. They are tried in parts, and what a part gave is kept: the same seed on the same sources goes
// on where a run was stopped.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { draw, mutantsOf, rangeOf, shuffled } from "./sample.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const option = (name, otherwise) => {
  const found = process.argv.find((word) => word.startsWith(`--${name}=`));
  return found === undefined ? otherwise : Number(found.slice(name.length + 3));
};

/** The folders, what share of the mutants of each is drawn, and how many of them must be killed. */
const folders = [
  { folder: "src/targets", share: 0.4, bar: 0.9 },
  { folder: "src/authority", share: 0.3, bar: 0.95 },
  { folder: "src/lift", share: 0.3, bar: 0.95 },
];
const size = option("sample", 1000);
const seed = option("seed", 20);
const jobs = option("jobs", 1);

/** Survivors that mean the same as what they were made of, each with the reason: they are none that a test could kill. */
function known() {
  const file = join(root, "test/mutants/survivors.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

/** What tells a mutant where lines move: the file, the line's text, and what stands in its place. */
const nameOf = ({ file, line, replacement }) => `${file} | ${line} | ${replacement}`;

const drawn = [];
for (const { folder, share } of folders) {
  const all = await mutantsOf(root, folder);
  const some = draw(all, Math.round(size * share), seed);
  console.log(`${folder}: ${some.length} of ${all.length} mutants`);
  drawn.push(...some);
}

/** How many are tried at once: each part runs all tests once before. */
const partSize = 100;
const report = join(root, ".stryker-tmp/report.json");

/** Equal for the same sources and tests: what was tried of others says nothing. */
function fingerprint() {
  const git = (...words) => spawnSync("git", words, { cwd: root, encoding: "utf8" }).stdout;
  const state = ["src", "test", "examples", "std", "stryker.config.mjs", "vitest.mutants.config.ts"];
  const committed = git("ls-tree", "-r", "HEAD", ...state).split("\n");
  const hash = createHash("sha256");
  // What sets survivors aside is no test.
  hash.update(committed.filter((line) => !line.includes("\ttest/mutants/")).join("\n"));
  hash.update(git("diff", "HEAD", "--", ...state, ":(exclude)test/mutants"));
  return hash.digest("hex").slice(0, 16);
}

/** Has Stryker try some mutants; each with where it stands. */
function tryAll(mutants) {
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const { status } = spawnSync(
    process.execPath,
    [join(root, "node_modules/@stryker-mutator/core/bin/stryker.js"), "run"],
    {
      cwd: root,
      stdio: "inherit",
      env: {
        ...process.env,
        MCPC_MUTATE: JSON.stringify([...new Set(mutants.map(rangeOf))]),
        MCPC_JOBS: String(jobs),
      },
    },
  );
  if (status !== 0 || !existsSync(report)) {
    console.error(`Stryker ended with ${status}`);
    process.exit(1);
  }
  const { files } = JSON.parse(readFileSync(report, "utf8"));
  return Object.entries(files).flatMap(([file, { source, mutants: own }]) => {
    const lines = source.split("\n");
    return own.map(({ id: _, ...mutant }) => {
      const { start, end } = mutant.location;
      const line = lines[start.line - 1]?.trim() ?? "";
      const last = start.line === end.line ? end.column - 1 : undefined;
      const original = lines[start.line - 1]?.slice(start.column - 1, last) ?? "";
      const { status: of, mutatorName, replacement } = mutant;
      const at = `${file}:${start.line}:${start.column}`;
      return { status: of, mutatorName, replacement, file, line, original, at };
    });
  });
}

const kept = join(root, `.ring-a/${fingerprint()}-${seed}-${size}.json`);
const parts = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : [];
if (parts.length > 0) console.log(`${parts.length} parts were tried before`);
// Each part is of every folder, so that any number of them is a sample too.
const order = shuffled(drawn, seed);
for (let from = parts.length * partSize; from < order.length; from += partSize) {
  parts.push(tryAll(order.slice(from, from + partSize)));
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify(parts));
}
// A range may lie in two parts.
const tried = [
  ...new Map(parts.flat().map((one) => [`${one.at} ${one.mutatorName} ${one.replacement}`, one])).values(),
];
const reasons = new Map(known().map((one) => [nameOf(one), one.reason]));
const isKilled = ({ status: of }) => of === "Killed" || of === "Timeout" || of === "RuntimeError";
const isSurvivor = ({ status: of }) => of === "Survived" || of === "NoCoverage";

const rows = folders.map(({ folder, bar }) => {
  const own = tried.filter(({ file }) => file.startsWith(`${folder}/`));
  const survivors = own.filter(isSurvivor);
  const equivalent = survivors.filter((one) => reasons.has(nameOf(one)));
  const killed = own.filter(isKilled).length;
  const counted = killed + survivors.length - equivalent.length;
  const rate = counted === 0 ? 1 : killed / counted;
  return {
    folder,
    tried: own.filter((one) => isKilled(one) || isSurvivor(one)).length,
    killed,
    equivalent: equivalent.length,
    survived: survivors.length - equivalent.length,
    static: own.filter(({ status: of }) => of === "Ignored").length,
    rate: Math.floor(rate * 1000) / 1000,
    bar,
    survivors: survivors.filter((one) => !reasons.has(nameOf(one))),
  };
});
console.log("\nRing a: mutants of the compiler\n");
console.table(rows.map(({ survivors: _, ...row }) => row));
for (const { survivors } of rows)
  for (const { at, original, replacement, mutatorName, status: of } of survivors)
    console.log(`${of} ${at} ${mutatorName}: ${original} -> ${replacement}`);
const list = rows.flatMap(({ survivors }) =>
  survivors.map(({ file, line, replacement, status: of, at }) => ({
    file,
    line,
    replacement,
    status: of,
    at,
  })),
);
mkdirSync(join(root, ".ring-a"), { recursive: true });
writeFileSync(join(root, ".ring-a/survivors.json"), `${JSON.stringify(list, null, 2)}\n`);
console.log(`\n${JSON.stringify({ seed, sample: size, a: rows.map(({ survivors: _, ...row }) => row) })}`);
if (rows.some(({ rate, bar }) => rate < bar)) process.exitCode = 1;
