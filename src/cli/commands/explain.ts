import { analyse } from "../../compile/analyse.ts";
import { targetContext } from "../../compile/compile.ts";
import type { Project } from "../../compile/project.ts";
import { configurationErrors as e } from "../../diagnostics/catalogue/configuration.ts";
import { catalogue } from "../../diagnostics/catalogue.ts";
import { hasErrors } from "../../diagnostics/diagnostic.ts";
import { renderTerminal } from "../../diagnostics/render/terminal.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { UnansweredQuestion } from "../../host/snapshot.ts";
import type { PolicyIr, ServerIr } from "../../policy/ir.ts";
import { gapsOf } from "../../targets/enforce.ts";
import type { Target } from "../../targets/target.ts";
import { positionAt } from "../../text/source.ts";
import type { Span } from "../../text/span.ts";
import { answerQuestion } from "../answer.ts";
import { chosenTargets } from "../chosen-targets.ts";
import { type Command, type Invocation, listOption, stringOption } from "../command.ts";
import { expandedPolicy } from "../expanded.ts";
import { openOperand, projectOptions } from "../project.ts";
import { report, usageError } from "../report.ts";

function explainCode(invocation: Invocation, code: string): number {
  const entry = catalogue.get(code.toUpperCase());
  if (!entry) {
    const meant = didYouMean(code.toUpperCase(), catalogue.keys());
    return usageError(
      invocation.streams,
      `there is no diagnostic \`${code}\`${meant ? `; did you mean \`${meant}\`?` : ""}`,
    );
  }
  const show = (title: string, text: string | undefined): string =>
    text === undefined ? "" : `\n${title}\n\n${text.trimEnd().replace(/^/gm, "  ")}\n`;
  invocation.streams.out(
    `${entry.code} (${entry.severity}): ${entry.title}\n\n${entry.why}\n${show("This gives it:", entry.bad.policy ?? entry.bad.command)}${show("This does not:", entry.good.policy ?? entry.good.command)}`,
  );
  return 0;
}

/** Where a clause stands, and its words: a line may hold several. */
function placeOf({ source, start, end }: Span): string {
  const { line, column } = positionAt(source, start);
  const words = source.text.slice(start, end).replace(/\s+/g, " ");
  const short = words.length > 100 ? `${words.slice(0, 97)}...` : words;
  return `${source.name}:${line}:${column}: ${short}`;
}

function chooseServer(ir: PolicyIr, wanted: string | undefined): ServerIr | string {
  const names = ir.servers.map((server) => server.name);
  if (wanted === undefined && ir.servers.length === 1 && ir.servers[0]) return ir.servers[0];
  const found = ir.servers.find((server) => server.name === wanted);
  if (found) return found;
  if (wanted === undefined)
    return `the policy has several servers; say which: --server=${names.join(", --server=")}`;
  const meant = didYouMean(wanted, names);
  return `there is no server \`${wanted}\`${meant ? `; did you mean \`${meant}\`?` : `; there are ${names.join(", ")}`}`;
}

/** What a target brings of its own, and what of each server it does not hold. */
function explainTarget(project: Project, ir: PolicyIr, target: Target): string {
  const floor = target.floor(project).map(({ kind, name, note }) => `  ${kind} ${name}  # ${note}`);
  const servers = ir.servers.flatMap((server) => {
    const context = targetContext(project, ir, server, target);
    const missing = gapsOf(target, server, context).map(
      ({ kind, dimension, message, accepted }) =>
        `  ${kind === "companion" ? "takes for granted" : kind} ${dimension}: ${message}${accepted ? " (accepted)" : ""}`,
    );
    return [
      `${target.name}, server ${server.name}:`,
      ...(missing.length === 0 ? ["  holds everything"] : missing),
      "",
    ];
  });
  return [`${target.name} itself brings, whatever the policy says:`, ...floor, "", ...servers].join("\n");
}

async function runExplain(invocation: Invocation): Promise<number> {
  const { streams, operands } = invocation;
  const [first, ...rest] = operands;
  if (first === undefined)
    return usageError(streams, "`mcpc explain` needs a policy file, or the code of a diagnostic");
  if (/^MC\d{4}$/i.test(first)) return explainCode(invocation, first);
  const opened = await openOperand(invocation, first);
  if (!opened.ok) {
    report(invocation, opened.diagnostics);
    return 2;
  }
  const { project } = opened.opened;
  try {
    const { results, diagnostics } = analyse(project, ["linux"]);
    const errors = diagnostics.filter((d) => d.severity === "error");
    const analysed = results.get("linux");
    if (hasErrors(errors)) streams.err(renderTerminal(errors, { color: streams.color }));
    if (!analysed || hasErrors(errors)) return 1;
    const named = listOption(invocation, "target");
    const targets = chosenTargets(named);
    if ("severity" in targets) {
      report(invocation, [targets]);
      return 2;
    }
    if (rest.length === 0) {
      streams.out(expandedPolicy(analysed.ir));
      for (const target of named.length > 0 ? targets : [])
        streams.out(explainTarget(project, analysed.ir, target));
      return 0;
    }
    const server = chooseServer(analysed.ir, stringOption(invocation, "server"));
    if (typeof server === "string") return usageError(streams, server);
    const answer = answerQuestion(project, server.name, rest.join(" "));
    if (!answer.ok) return usageError(streams, answer.reason);
    const { decision } = answer;
    const clause = decision.clause ? `\n  ${placeOf(decision.clause)}` : "";
    const softly = decision.softly
      ? `\nbut denied wherever a target can hold that, since other programs obey it\n  ${placeOf(decision.softly)}`
      : "";
    streams.out(`${decision.allowed ? "allowed" : "denied"}: ${decision.because}${clause}${softly}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof UnansweredQuestion)) throw error;
    report(invocation, [
      e.badSnapshot.report({ path: stringOption(invocation, "host") ?? "", reason: error.message }),
    ]);
    return 2;
  }
}

/** `mcpc explain`. */
export const explainCommand: Command = {
  name: "explain",
  summary: "show a policy expanded, answer a question about one operation, or explain a diagnostic",
  usage: "POLICY [QUESTION] | CODE",
  options: {
    ...projectOptions,
    server: { type: "string", value: "NAME", help: "which server a question is about" },
    target: {
      type: "string",
      short: "t",
      multiple: true,
      value: "NAME,…",
      help: "with the policy: what a target itself brings, and what it does not hold",
    },
  },
  run: runExplain,
};
