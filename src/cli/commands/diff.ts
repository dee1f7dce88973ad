import { existsSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Analysed, analyse } from "../../compile/analyse.ts";
import { configurationErrors } from "../../diagnostics/catalogue/configuration.ts";
import { proofErrors as e } from "../../diagnostics/catalogue/proof.ts";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { formatPlace } from "../../syntax/parse.ts";
import type { Span } from "../../text/span.ts";
import type { Excess } from "../../verify/compare.ts";
import { diffPolicies, isWidened, type ServerDifference } from "../../verify/diff.ts";
import { artifactsOf, diffArtifacts } from "../artifact-diff.ts";
import { type Command, type Invocation, listOption, stringOption } from "../command.ts";
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
  before: Analysed,
  after: Analysed,
): readonly Line[] {
  const line = (server: string, change: Line["change"], excess: Excess, { spans }: Analysed): Line => {
    const clause = excess.origin === undefined ? undefined : spans[excess.origin];
    return { server, change, excess, clause: clause?.source.name.startsWith("std:") ? undefined : clause };
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
  return `${out.join("\n")}\n`;
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

async function runDiff(invocation: Invocation): Promise<number> {
  const { streams, operands, options } = invocation;
  const [old, now, extra] = operands;
  if (old !== undefined && now !== undefined && extra === undefined) {
    const bundles = artifactsOf(old, now);
    if (bundles) return diffArtifacts(invocation, ...bundles);
  }
  if (old === undefined || now === undefined || extra !== undefined)
    return usageError(
      streams,
      "`mcpc diff` compares two policies or two artifacts of one kind: `mcpc diff OLD NEW`, each a file, a policy also as `REVISION:PATH`",
    );
  const format = stringOption(invocation, "format") ?? "pretty";
  const root = commonRoot(invocation, now);
  const sides = [await openSide(invocation, old, root), await openSide(invocation, now, root)] as const;
  for (const side of sides) {
    if (side.ok) continue;
    report({ ...invocation, options: format === "markdown" ? {} : options }, side.diagnostics);
    return side.code;
  }
  const [before, after] = sides;
  if (!before.ok || !after.ok) return 2;
  const differences = diffPolicies(before.analysed.ir, after.analysed.ir);
  if (differences.length === 0) {
    report(invocation, [configurationErrors.nothing.report({ path: now })]);
    return 1;
  }
  const lines = linesOf(differences, before.analysed, after.analysed);
  if (format === "pretty") streams.out(pretty(differences, lines));
  else if (format === "markdown") streams.out(markdown(differences, lines));
  else if (format === "json") streams.out(json(differences, lines));
  else report(invocation, diagnosticsOf(differences, lines));
  return isWidened(differences) && options["allow-widening"] !== true ? 1 : 0;
}

const { root, home, host, include } = projectOptions;

/** `mcpc diff`. */
export const diffCommand: Command = {
  name: "diff",
  summary: "say what a new policy, or a new artifact, permits beyond an old one; exit 1 when it widens",
  usage: "OLD NEW   (two policies, each a file or REVISION:PATH as in HEAD~1:policy.mcp, or two artifacts)",
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
