/** What a proof found, in words. */
import type { BundleProof, PartProof, SliceProof } from "./prove.ts";
import { describeWitness, type Witness } from "./witness.ts";

/** A reason for which a bundle is not proven. */
export interface Failure {
  readonly part: string;
  /** From 1, where it is a line's. */
  readonly line?: number;
  readonly kind: "beyond" | "unknown" | "finding" | "unreadable" | "missing";
  readonly message: string;
  readonly slice?: SliceProof["slice"];
  /** Of `beyond`: the operation that gets through, in words and, where a slice was decided, as it was found. */
  readonly operation?: string;
  readonly witness?: Witness;
  /** Whether an evaluator contradicts it: then it is the proof that is wrong, and nothing is sure. */
  readonly doubted?: boolean;
}

function sliceFailure(
  { name }: PartProof,
  { slice, verdict, witness, reason, confirmed }: SliceProof,
): readonly Failure[] {
  if (verdict === "within") return [];
  const of = { part: name, slice };
  if (verdict === "unknown" || !witness)
    return [{ ...of, kind: "unknown", message: `${slice} could not be decided: ${reason ?? "no reason"}` }];
  return [
    {
      ...of,
      kind: "beyond",
      message: `it permits what the policy denies: \`${describeWitness(witness)}\``,
      operation: describeWitness(witness),
      witness,
      doubted: confirmed?.doubted === true,
    },
  ];
}

/**
 * A deputy that the policy does not lead to, in a slice that was found to lie within the policy: then one of the two answers
 * is wrong, and nothing is sure.
 */
function deputyFailures({ name, slices, deputies }: PartProof): readonly Failure[] {
  const closed = new Set(slices.flatMap(({ slice, verdict }) => (verdict === "within" ? [slice] : [])));
  return deputies
    .filter(({ granted, slice }) => !granted && closed.has(slice))
    .map(({ slice, operation, authority, undecided }) => ({
      part: name,
      slice,
      operation,
      ...(undecided ? { kind: "unknown" } : { kind: "beyond", doubted: true }),
      message: `\`${operation}\` hands over ${authority}, and the policy does not grant it`,
    }));
}

function partFailures(part: PartProof): readonly Failure[] {
  const { name, unreadable, findings, slices } = part;
  if (unreadable) {
    const { reason, line } = unreadable;
    return [{ part: name, kind: "unreadable", message: reason, ...(line !== undefined && { line }) }];
  }
  return [
    ...findings.map(({ file, line, message }): Failure => ({ part: file, line, kind: "finding", message })),
    ...slices.flatMap((slice) => sliceFailure(part, slice)),
    ...deputyFailures(part),
  ];
}

/** All reasons for which a bundle is not proven; none when it is. */
export function failuresOf({ parts, target }: BundleProof): readonly Failure[] {
  if (parts.length > 0) return parts.flatMap(partFailures);
  return [{ part: target, kind: "missing", message: "there is nothing that would confine the server" }];
}

/** Whether every part was read without a finding, and every slice of it lies within the policy; a bundle without parts holds nothing. */
export function isProven(proof: BundleProof): boolean {
  return failuresOf(proof).length === 0;
}

/** Whether a witness was contradicted by an evaluator. */
export function isDoubted(proof: BundleProof): boolean {
  return failuresOf(proof).some(({ doubted }) => doubted === true);
}
