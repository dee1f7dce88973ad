import { existsSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Analysed, analyse } from "../../compile/analyse.ts";
import { diffLibraries, libraryPolicy } from "../../compile/library-diff.ts";
import { configurationErrors } from "../../diagnostics/catalogue/configuration.ts";
import { proofErrors as e } from "../../diagnostics/catalogue/proof.ts";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { formatPlace } from "../../syntax/parse.ts";
import type { Span } from "../../text/span.ts";
import type { Excess } from "../../verify/compare.ts";
import { diffPolicies, isWidened, type ServerDifference } from "../../verify/diff.ts";
import { artifactsOf, diffArtifacts } from "../artifact-diff.ts";
import { type Command, type Invocation, listOption, stringOption } from "../command.ts";
import { isLibrary, readLibrary } from "../library.ts";
import { openProject } from "../open.ts";
import { projectOptions } from "../project.ts";
import { report, usageError } from "../report.ts";
import { readRevision } from "../revision.ts";

const formats = ["pretty", "json", "sarif", "github", "markdown"];

/** A side of the comparison: a policy that could be read, or what is wrong with it. */
type Side =
  | { readonly ok: true; readonly analysed: Analysed }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[]; readonly code: number };

async function openSide(invocation: Invocation, operand: string, root: string | undefined): Promise<Side> {
  const at = existsSync(operand) || operand === "-" ? undefined : readRevision(operand);
  const opened = await openProject(at?.path ?? operand, {
    root,
    home: stringOption(invocation, "home"),
    host: stringOption(invocation, "host"),
    include: listOption(invocation, "include"),
    revision: at?.revision,
  });
  if (!opened.ok) return { ok: false, diagnostics: opened.diagnostics, code: 2 };
  const { results, diagnostics } = analyse(opened.opened.project, ["linux"]);
  const analysed = results.get("linux");
  const errors = diagnostics.filter((d) => d.severity === "error");
  return analysed && !hasErrors(errors)
    ? { ok: true, analysed }
    : { ok: false, diagnostics: errors, code: 1 };
}

/** Where both policies are bound, so that what `./` means is no difference: the new one's directory. */
function commonRoot(invocation: Invocation, operand: string): string | undefined {
  const root = stringOption(invocation, "root");
  if (root !== undefined || stringOption(invocation, "host") !== undefined) return root;
  const path = existsSync(operand) ? operand : readRevision(operand)?.path;
  return path === undefined ? undefined : dirname(existsSync(path) ? realpathSync(path) : resolve(path));
}

interface Line {
  readonly server: string;
  readonly change: "widened" | "narrowed";
  readonly excess: Excess;
  readonly clause: Span | undefined;
}

function linesOf(
  differences: readonly ServerDifference[],
  before: Pick<Analysed, "spans">,
  after: Pick<Analysed, "spans">,
): readonly Line[] {
  const line = (
    server: string,
    change: Line["change"],
    excess: Excess,
    { spans }: Pick<Analysed, "spans">,
  ): Line => {
    const clause = excess.origin === undefined ? undefined : spans[excess.origin];
    // A clause that is nobody's is not shown.
    const name = clause?.source.name ?? "";
    const isShown = !name.startsWith("std:") && name !== libraryPolicy;
    return { server, change, excess, clause: isShown ? clause : undefined };
  };
  return differences.flatMap(({ server, widened, narrowed }) => [
    ...widened.map((excess) => line(server, "widened", excess, after)),
    ...narrowed.map((excess) => line(server, "narrowed", excess, before)),
  ]);
}

const place = (clause: Span | undefined): string => (clause ? formatPlace(clause) : "");

function pretty(differences: readonly ServerDifference[], lines: readonly Line[]): string {
  const out: string[] = [];
  for (const { server, presence, undecided } of differences) {
    const own = lines.filter((line) => line.server === server);
    const notes = [
      ...(presence === "both" ? [] : [presence]),
      ...(own.length === 0 && undecided.length === 0 ? ["unchanged"] : []),
    ];
    out.push(`server ${server}${notes.length > 0 ? `: ${notes.join(", ")}` : ""}`);
    for (const { change, excess, clause } of own) {
      const sign = change === "widened" ? "+" : "-";
      out.push(
        `  ${sign} ${excess.dimension.padEnd(9)} ${excess.operation}${clause ? `   (${place(clause)})` : ""}`,
      );
    }
    for (const dimension of undecided) out.push(`  ? ${dimension.padEnd(9)} too large to decide`);
  }
  return out.map((line) => `${line}\n`).join("");
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

function markdown(differences: readonly ServerDifference[], lines: readonly Line[]): string {
  const undecided = differences.flatMap(({ server, undecided: all }) =>
    all.map((dimension) => ({ server, dimension })),
  );
  if (lines.length + undecided.length === 0) return "The policy permits exactly what it did before.\n";
  const rows = [
    ...lines.map(
      ({ server, change, excess, clause }) =>
        `| \`${server}\` | ${change === "widened" ? "**widened**" : "narrowed"} | ${excess.dimension} | \`${cell(excess.operation)}\` | ${clause ? `\`${cell(place(clause))}\`` : ""} |`,
    ),
    ...undecided.map(
      ({ server, dimension }) => `| \`${server}\` | **undecided** | ${dimension} | too large to decide | |`,
    ),
  ];
  return [
    "| server | change | dimension | for example | clause |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function json(differences: readonly ServerDifference[], lines: readonly Line[]): string {
  const changes = lines.map(({ server, change, excess, clause }) => ({
    server,
    change,
    dimension: excess.dimension,
    operation: excess.operation,
    ...(clause && { clause: place(clause) }),
  }));
  const servers = differences.map(({ server, presence, undecided }) => ({ server, presence, undecided }));
  return `${JSON.stringify({ widened: isWidened(differences), servers, changes }, null, 2)}\n`;
}

function diagnosticsOf(
  differences: readonly ServerDifference[],
  lines: readonly Line[],
): readonly Diagnostic[] {
  return [
    ...lines.map(({ server, change, excess, clause }) =>
      (change === "widened" ? e.widened : e.narrowed).report(
        { server, operation: excess.operation },
        { at: clause, server },
      ),
    ),
    ...differences.flatMap(({ server, undecided }) =>
      undecided.map((dimension) =>
        e.tooLarge.report({ what: `the two policies of \`${server}\``, dimension }, { server }),
      ),
    ),
  ];
}

/** Prints what changed; gives the exit code. */
function print(
  invocation: Invocation,
  differences: readonly ServerDifference[],
  lines: readonly Line[],
): number {
  const { streams, options } = invocation;
  const format = stringOption(invocation, "format") ?? "pretty";
  if (format === "pretty") streams.out(pretty(differences, lines));
  else if (format === "markdown") streams.out(markdown(differences, lines));
  else if (format === "json") streams.out(json(differences, lines));
  else report(invocation, diagnosticsOf(differences, lines));
  return isWidened(differences) && options["allow-widening"] !== true ? 1 : 0;
}

/** Reports what is wrong with one side; markdown is no format of diagnostics. */
function refuse(invocation: Invocation, diagnostics: readonly Diagnostic[]): void {
  const isMarkdown = stringOption(invocation, "format") === "markdown";
  report(isMarkdown ? { ...invocation, options: {} } : invocation, diagnostics);
}

/** Two versions of the standard library; of what did not change only the number is told. */
function diffOfLibraries(invocation: Invocation, old: string, now: string): number {
  const [before, after] = [readLibrary(old), readLibrary(now)];
  const broken = [before, after].flatMap((side) => (side.ok ? [] : side.diagnostics));
  const found = before.ok && after.ok ? diffLibraries(before.files, after.files) : undefined;
  if (!found?.ok) {
    refuse(invocation, found?.diagnostics ?? broken);
    return 1;
  }
  const all = found.platforms.flatMap(({ differences }) => differences);
  const lines = found.platforms.flatMap((one) => linesOf(one.differences, one.before, one.after));
  const changed = all.filter(
    ({ presence, widened, narrowed, undecided }) =>
      presence !== "both" || widened.length + narrowed.length + undecided.length > 0,
  );
  const code = print(invocation, changed, lines);
  if ((stringOption(invocation, "format") ?? "pretty") === "pretty")
    invocation.streams.out(
      `${all.length - changed.length} of ${all.length} profiles and groups are unchanged\n`,
    );
  return code;
}

async function diffOfPolicies(invocation: Invocation, old: string, now: string): Promise<number> {
  const root = commonRoot(invocation, now);
  const sides = [await openSide(invocation, old, root), await openSide(invocation, now, root)] as const;
  for (const side of sides) {
    if (side.ok) continue;
    refuse(invocation, side.diagnostics);
    return side.code;
  }
  const [before, after] = sides;
  if (!before.ok || !after.ok) return 2;
  const differences = diffPolicies(before.analysed.ir, after.analysed.ir);
  if (differences.length === 0) {
    report(invocation, [configurationErrors.nothing.report({ path: now })]);
    return 1;
  }
  return print(invocation, differences, linesOf(differences, before.analysed, after.analysed));
}

async function runDiff(invocation: Invocation): Promise<number> {
  const [old, now, extra] = invocation.operands;
  if (old === undefined || now === undefined || extra !== undefined)
    return usageError(
      invocation.streams,
      "`mcpc diff` compares two policies, two artifacts of one kind, or two directories with a standard library: `mcpc diff OLD NEW`, each a file, a policy also as `REVISION:PATH`",
    );
  if (isLibrary(old) && isLibrary(now)) return diffOfLibraries(invocation, old, now);
  const bundles = artifactsOf(old, now);
  return bundles ? diffArtifacts(invocation, ...bundles) : diffOfPolicies(invocation, old, now);
}

const { root, home, host, include } = projectOptions;

/** `mcpc diff`. */
export const diffCommand: Command = {
  name: "diff",
  summary: "say what a new policy, or a new artifact, permits beyond an old one; exit 1 when it widens",
  usage:
    "OLD NEW   (two policies, each a file or REVISION:PATH as in HEAD~1:policy.mcp; two artifacts; two standard libraries)",
  options: {
    root,
    home,
    host,
    include,
    "allow-widening": { type: "boolean", help: "only report; exit 0 all the same" },
    format: { type: "string", value: formats.join("|"), help: "how the changes are printed" },
  },
  run: runDiff,
};
