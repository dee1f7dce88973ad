/** `mcpc diff` of two artifacts of one kind: what widened and what narrowed, slice by slice. */
import { existsSync } from "node:fs";
import { proofErrors as e } from "../diagnostics/catalogue/proof.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { defaultEnvironment } from "../policy/environment.ts";
import { type ArtifactComparison, compareArtifacts } from "../verify/artifact-diff.ts";
import { createWorkspace } from "../verify/decide.ts";
import { nothing } from "../verify/diff.ts";
import type { Part } from "../verify/parts/part.ts";
import { readerOf } from "../verify/parts/readers.ts";
import { describeWitness, type Slice } from "../verify/witness.ts";
import { type FoundBundle, findBundles, shownName } from "./bundles.ts";
import { type Invocation, stringOption } from "./command.ts";
import { report, usageError } from "./report.ts";

/** Two files that are artifacts; undefined where one of them is a policy, or anything else. */
export function artifactsOf(old: string, now: string): readonly [FoundBundle, FoundBundle] | undefined {
  const [before, after] = [old, now].map((path) => {
    if (!existsSync(path) || path.endsWith(".mcp")) return undefined;
    const found = findBundles([path]);
    return found.ok ? found.bundles[0] : undefined;
  });
  return before && after && [before, after];
}

/** The parts that the named files make, by what they are called in their file. */
function partsOf(bundle: FoundBundle): ReadonlyMap<string, Part> | Diagnostic {
  const { target, directory, files, named } = bundle;
  const parts = new Map<string, Part>();
  const input = { server: nothing, environment: defaultEnvironment, location: directory, files };
  for (const read of readerOf(target)?.parts(input) ?? []) {
    if (!read.ok) {
      const { name, reason } = read;
      if (named.has(name)) return e.unreadableArtifact.report({ file: shownName(bundle, name), reason });
      continue;
    }
    const { part } = read;
    const isNamed = part.from.slice(0, 1).some((path) => named.has(path));
    if (isNamed) parts.set(part.name.replace(/^[^#]*/, ""), part);
  }
  return parts;
}

interface Change {
  readonly part: string;
  readonly change: "widened" | "narrowed" | "undecided";
  readonly slice: Slice;
  readonly operation: string;
}

function changesOf(
  part: string,
  change: "widened" | "narrowed",
  found: ArtifactComparison,
): readonly Change[] {
  return [
    ...found.excesses.map((witness) => ({
      part,
      change,
      slice: witness.slice,
      operation: describeWitness(witness),
    })),
    ...found.undecided.map(
      (slice): Change => ({ part, change: "undecided", slice, operation: "too large to decide" }),
    ),
  ];
}

const signs = { widened: "+", narrowed: "-", undecided: "?" } as const;

function pretty(name: string, changes: readonly Change[]): string {
  if (changes.length === 0) return `${name}: unchanged\n`;
  const lines = changes.map(
    ({ part, change, slice, operation }) =>
      `  ${signs[change]} ${slice.padEnd(9)} ${operation}${part === "" ? "" : `   (${part.slice(1)})`}`,
  );
  return `${[name, ...lines].join("\n")}\n`;
}

function markdown(changes: readonly Change[]): string {
  if (changes.length === 0) return "The artifact permits exactly what it did before.\n";
  const rows = changes.map(
    ({ change, slice, operation }) =>
      `| ${change === "narrowed" ? change : `**${change}**`} | ${slice} | \`${operation.replaceAll("|", "\\|")}\` |`,
  );
  return ["| change | dimension | for example |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

/** Compares two artifacts. */
export function diffArtifacts(invocation: Invocation, before: FoundBundle, after: FoundBundle): number {
  const { streams, options } = invocation;
  if (before.target !== after.target)
    return usageError(
      streams,
      `an artifact for ${before.target} and one for ${after.target} can't be compared`,
    );
  const [old, now] = [partsOf(before), partsOf(after)];
  for (const side of [old, now]) {
    if (!("severity" in side)) continue;
    report({ ...invocation, options: {} }, [side]);
    return 2;
  }
  if ("severity" in old || "severity" in now) return 2;
  const scope = readerOf(after.target)?.scope ?? [];
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const space = createWorkspace();
    // What is not there permits nothing, and what is new permits what it does.
    const [a, b] = [old.get(name)?.authority, now.get(name)?.authority];
    if (!a || !b) return [];
    return [
      ...changesOf(name, "widened", compareArtifacts(b, a, scope, space)),
      ...changesOf(name, "narrowed", compareArtifacts(a, b, scope, space)),
    ];
  });
  const lost = [...now.keys()].filter((name) => !old.has(name));
  const added = lost.map(
    (name): Change => ({
      part: name,
      change: "widened",
      slice: "isolation",
      operation: `${name.slice(1)} is new`,
    }),
  );
  const all = [...changes, ...added];
  const title = shownName(after, [...after.named][0] ?? "");
  const format = stringOption(invocation, "format") ?? "pretty";
  const widened = all.some(({ change }) => change !== "narrowed");
  if (format === "pretty") streams.out(pretty(title, all));
  else if (format === "markdown") streams.out(markdown(all));
  else if (format === "json") streams.out(`${JSON.stringify({ widened, changes: all }, null, 2)}\n`);
  else
    report(
      invocation,
      all.map(({ change, operation }) =>
        (change === "narrowed" ? e.narrowed : e.widened).report({ server: title, operation }),
      ),
    );
  return widened && options["allow-widening"] !== true ? 1 : 0;
}
