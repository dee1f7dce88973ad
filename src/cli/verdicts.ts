/** What a proof found, for people and for programs. */

import { proofErrors as e } from "../diagnostics/catalogue/proof.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Decision } from "../reference/decide.ts";
import { lineStarts, type Source } from "../text/source.ts";
import type { Span } from "../text/span.ts";
import { type Failure, failuresOf } from "../verify/describe.ts";
import type { BundleProof, SliceProof } from "../verify/prove.ts";
import type { Slack } from "../verify/slack.ts";
import { describeWitness, type Witness } from "../verify/witness.ts";

/** A proof, with how its files are called and what they say. */
export interface Verdict {
  readonly proof: BundleProof;
  /** What was asked about. */
  readonly title: string;
  /** How a file of the bundle is named to the reader. */
  readonly nameOf: (path: string) => string;
  readonly textOf: (path: string) => string | undefined;
  /** What the policy itself says of an operation, with the clause that decides. */
  readonly decisionOf: (witness: Witness) => Decision | undefined;
}

function lineSpan({ nameOf, textOf }: Verdict, path: string, line: number | undefined): Span | undefined {
  const text = textOf(path);
  if (text === undefined || line === undefined) return undefined;
  const source: Source = { name: nameOf(path), text };
  const starts = lineStarts(source);
  const start = starts[line - 1];
  if (start === undefined) return undefined;
  const end = starts[line] === undefined ? text.length : (starts[line] ?? 0) - 1;
  return { source, start, end: Math.max(start, end) };
}

const spanAt = (span: Span | undefined): { readonly at?: Span } => (span ? { at: span } : {});

/** An operation that gets through, with the clause that denies it where it is the policy's own. */
function beyondDiagnostic(verdict: Verdict, file: string, witness: Witness): Diagnostic {
  const { server } = verdict.proof;
  const decision = verdict.decisionOf(witness);
  const isStd = decision?.clause?.source.name.startsWith("std:") ?? true;
  return e.beyondPolicy.report(
    { file, server, operation: describeWitness(witness) },
    {
      server,
      related: decision?.clause && !isStd ? [{ span: decision.clause, text: "denied here" }] : [],
      notes: decision && !decision.allowed ? [`the policy: ${decision.because}`] : [],
    },
  );
}

function failureDiagnostic(verdict: Verdict, failure: Failure): Diagnostic {
  const { server } = verdict.proof;
  const { part, line, kind, message, slice = "files", witness, operation } = failure;
  const file = kind === "missing" ? verdict.title : verdict.nameOf(part);
  const where = { ...spanAt(lineSpan(verdict, part, line)), server };
  if (witness) return beyondDiagnostic(verdict, file, witness);
  if (kind === "beyond" && operation !== undefined)
    return e.beyondPolicy.report({ file, server, operation }, { server, notes: [message] });
  if (kind === "finding") return e.ignoredLine.report({ file, finding: message }, where);
  if (kind === "unknown")
    return e.tooLarge.report({ what: `\`${file}\` and the policy`, dimension: slice }, where);
  return e.unreadableArtifact.report({ file, reason: message }, where);
}

/** Why a bundle is not proven. */
export function verdictDiagnostics(verdict: Verdict): readonly Diagnostic[] {
  return failuresOf(verdict.proof).map((failure) => failureDiagnostic(verdict, failure));
}

const words: Readonly<Record<SliceProof["verdict"], string>> = {
  within: "within",
  beyond: "BEYOND",
  unknown: "UNKNOWN",
};

function slackText({ witness, count = 1n }: Slack): string {
  return `${describeWitness(witness)}${count > 1n ? `, the first of ${count}` : ""}`;
}

function sliceLine({ slice, verdict, witness, soft, slack, reason }: SliceProof): string {
  const notes = [
    ...(witness ? [`permits ${describeWitness(witness)}`] : []),
    ...(reason === undefined ? [] : [reason]),
    ...(soft ? [`softly denied, and permitted: ${describeWitness(soft)}`] : []),
    ...(slack ? [`granted, and denied: ${slackText(slack)}`] : []),
  ];
  return `  ${slice.padEnd(10)} ${words[verdict].padEnd(7)} ${notes.join("; ")}`.trimEnd();
}

/** A table of what was decided of each slice. */
export function verdictTable({ proof, nameOf }: Verdict): string {
  const parts = proof.parts.map((part) => [
    `${nameOf(part.name)} against \`${proof.server}\` (${proof.target})`,
    ...(part.unreadable ? [`  can't be read: ${part.unreadable.reason}`] : part.slices.map(sliceLine)),
    ...part.deputies.map(
      ({ operation, authority, granted }) =>
        `  hands over: ${operation}: ${authority}${granted ? ", as the policy does" : ""}`,
    ),
    ...part.assumptions.map((text) => `  taken for granted: ${text}`),
  ]);
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const shown = (witness: Witness | undefined): string | undefined => witness && describeWitness(witness);

/** The same as JSON. */
export function verdictJson({ proof, nameOf }: Verdict): object {
  return {
    server: proof.server,
    target: proof.target,
    parts: proof.parts.map(({ name, from, findings, assumptions, deputies, unreadable, slices }) => ({
      file: nameOf(name),
      from: from.map(nameOf),
      ...(unreadable && { unreadable }),
      findings: findings.map(({ file, line, message }) => ({ file: nameOf(file), line, message })),
      assumptions,
      deputies,
      slices: slices.map(({ slice, verdict, witness, soft, slack, reason, confirmed }) => ({
        slice,
        verdict,
        ...(witness && { permits: shown(witness), confirmed }),
        ...(soft && { soft: shown(soft) }),
        ...(slack && { slack: shown(slack.witness) }),
        // A number of addresses may have more digits than a number of JSON's.
        ...(slack?.count !== undefined && { slackCount: String(slack.count) }),
        ...(reason !== undefined && { reason }),
      })),
    })),
  };
}
