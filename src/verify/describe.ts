/** What a proof found, in words. */
import type { BundleProof, PartProof, SliceProof } from "./prove.ts";
import { describeWitness } from "./witness.ts";

/** A reason for which a bundle is not proven. */
export interface Failure {
  readonly part: string;
  /** From 1, where it is a line's. */
  readonly line?: number;
  readonly kind: "beyond" | "unknown" | "finding" | "unreadable" | "missing";
  readonly message: string;
  readonly slice?: SliceProof["slice"];
}

function sliceFailure(
  { name }: PartProof,
  { slice, verdict, witness, reason }: SliceProof,
): readonly Failure[] {
  if (verdict === "within") return [];
  const of = { part: name, slice };
  if (verdict === "unknown" || !witness)
    return [{ ...of, kind: "unknown", message: `${slice} could not be decided: ${reason ?? "no reason"}` }];
  return [
    { ...of, kind: "beyond", message: `it permits what the policy denies: \`${describeWitness(witness)}\`` },
  ];
}

function partFailures(part: PartProof): readonly Failure[] {
  const { name, unreadable, findings, slices } = part;
  if (unreadable) {
    const { reason, line } = unreadable;
    const message = `it can't be read back: ${reason}`;
    return [{ part: name, kind: "unreadable", message, ...(line !== undefined && { line }) }];
  }
  return [
    ...findings.map(({ file, line, message }): Failure => ({ part: file, line, kind: "finding", message })),
    ...slices.flatMap((slice) => sliceFailure(part, slice)),
  ];
}

/** All reasons for which a bundle is not proven; none when it is. */
export function failuresOf({ parts, target }: BundleProof): readonly Failure[] {
  if (parts.length > 0) return parts.flatMap(partFailures);
  return [{ part: target, kind: "missing", message: "there is nothing that would confine the server" }];
}

/** Whether a witness was contradicted by an evaluator: then it is the proof that is wrong, and nothing is sure. */
export function isDoubted({ parts }: BundleProof): boolean {
  return parts.some(({ slices }) => slices.some(({ confirmed }) => confirmed?.doubted === true));
}
