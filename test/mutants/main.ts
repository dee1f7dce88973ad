/**
 * `npm run test:mutants`: how many mutants the proof stops. Ring c spoils what is emitted, ring b the emitters; ring a, asked for
 * by `--ring=a`, the compiler itself.
 *
 * Exits with 1 when a mutant that permits more passes, when an evaluator contradicts a witness, when one that means the same
 * fails, and when a seeded bug is not stopped.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { share, table } from "./report.ts";
import { ringB } from "./ring-b.ts";
import { subjects } from "./ring-c/formats.ts";
import { Ring, type Tally } from "./ring-c/run.ts";

function option(name: string): string | undefined {
  const found = process.argv.find((word) => word.startsWith(`--${name}=`));
  return found?.slice(name.length + 3);
}
const number = (name: string, otherwise: number): number => Number(option(name) ?? otherwise);

const rings = option("ring") ?? "bc";
const seed = number("seed", 20);
const probes = number("probes", 20_000);
/** How many mutants of one artifact are tried at most; of a filter, how many are made. */
const most = number("most", 200);
const ofFilter = number("filters", 500);
/** A format, by the beginning of its name. */
const only = option("only") ?? "";

const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

/** Some of a list, evenly. */
function spread<T>(all: readonly T[], count: number): readonly T[] {
  if (all.length <= count) return all;
  return Array.from({ length: count }, (_, at) => all[Math.floor((at * all.length) / count)] as T);
}

const columns = [
  "mutants",
  "equivalent",
  "stricter",
  "granted",
  "refused",
  "over",
  "confirmed",
  "unconfirmed",
  "probed",
] as const satisfies readonly (keyof Tally)[];

const heads = [
  "format",
  "mutants",
  "equivalent",
  "stricter",
  "otherwise within",
  "refused",
  "permit more",
  "fail, confirmed",
  "fail, unconfirmed",
  `found by ${probes} probes`,
  "",
];

interface Summary {
  readonly failures: readonly string[];
  readonly [name: string]: unknown;
}

function runC(): Summary {
  const ring = new Ring(probes, seed);
  for (const make of subjects(ofFilter, seed))
    for (const subject of make().filter(({ format }) => format.startsWith(only))) {
      const isFilter = subject.weights.file === undefined;
      ring.add(subject, isFilter ? subject.mutants : spread(subject.mutants, most));
      console.error(
        `${subject.format}: ${ring.tallies.find(({ format }) => format === subject.format)?.mutants}`,
      );
    }
  const { tallies, failures, reasons } = ring;
  const row = (format: string, rows: readonly Tally[]): readonly (string | number)[] => {
    const values = columns.map((column) => sum(rows, (one) => one[column]));
    return [
      format,
      ...values,
      share(
        sum(rows, ({ probed }) => probed),
        sum(rows, ({ over }) => over),
      ),
    ];
  };
  const rows = tallies.map((tally) => row(tally.format, [tally]));
  console.log("Ring c: artifacts with one thing changed\n");
  console.log(table(heads, rows, row("all", tallies)));
  for (const [reason, count] of reasons) console.log(`  unconfirmed, ${reason}: ${count}`);
  const totals = Object.fromEntries(columns.map((column) => [column, sum(tallies, (one) => one[column])]));
  return { failures, totals, formats: tallies, unconfirmed: Object.fromEntries(reasons) };
}

function runB(): Summary {
  const { tallies, failures } = ringB(probes, seed);
  const row = (target: string, of: typeof tallies): readonly (string | number)[] => {
    const [bugs, caught, sampled] = [
      sum(of, (t) => t.bugs),
      sum(of, (t) => t.caught),
      sum(of, (t) => t.sampled),
    ];
    return [target, bugs, caught, share(caught, bugs), sampled, share(sampled, bugs)];
  };
  console.log("\nRing b: bugs seeded into the emitters\n");
  console.log(
    table(
      ["target", "bugs", "stopped by the proof", "", `found by ${probes} probes`, ""],
      tallies.map((tally) => row(tally.target, [tally])),
      row("all", tallies),
    ),
  );
  return { failures, targets: tallies };
}

/** Ring a is Stryker's, with options of its own: `--sample=N`, `--seed=N`. */
function runA(): void {
  const script = join(process.cwd(), "test/mutants/ring-a/run.mjs");
  const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}

if (rings.includes("a")) runA();
const summaries: Record<string, Summary> = {
  ...(rings.includes("c") && { c: runC() }),
  ...(rings.includes("b") && { b: runB() }),
};
for (const [ring, { failures }] of Object.entries(summaries)) {
  if (failures.length > 0) console.log(`\nRing ${ring}: what must not be`);
  for (const failure of failures) console.log(`  ${failure}`);
}
if (Object.keys(summaries).length > 0) console.log(`\n${JSON.stringify({ seed, probes, ...summaries })}`);
if (Object.values(summaries).some(({ failures }) => failures.length > 0)) process.exitCode = 1;
