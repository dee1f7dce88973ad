/**
 * `mcpc.proof.json`: what was proven of the files beside it, against what, and where that holds. It contains what is needed
 * to decide again on another machine: the server's policy with all that was bound when it was compiled.
 */
import { exemptCalls } from "../authority/calls.ts";
import { acceptsFor } from "../policy/accepts.ts";
import { type Environment, environmentKeys, formatRelease } from "../policy/environment.ts";
import type { PolicyIr, ServerIr } from "../policy/ir.ts";
import type { BundleProof } from "./prove.ts";
import { describeWitness, type Slice, slices } from "./witness.ts";

/** The file's name, beside the artifacts. */
export const proofName = "mcpc.proof.json";

/** The version of its form. */
export const proofVersion = 1;

/** What was decided of a slice. */
export interface SliceRecord {
  readonly slice: Slice;
  readonly verdict: "within";
  /** An operation that the policy denies softly, and this permits. */
  readonly soft?: string;
  /** An operation that the policy grants, and this denies. */
  readonly slack?: string;
}

/** What a proof records. */
export interface ProofRecord {
  readonly proof: typeof proofVersion;
  readonly mcpc: string;
  readonly language: number;
  readonly std: number;
  readonly policy: PolicyIr["policy"];
  readonly server: string;
  readonly target: string;
  /** The releases that the files are for. */
  readonly environment: Readonly<Record<string, string>>;
  /** The directory that the files are used in. */
  readonly location: string;
  /** Every file, with the SHA-256 of its bytes, hexadecimal. */
  readonly artifacts: readonly { readonly path: string; readonly sha256: string }[];
  readonly parts: readonly {
    readonly name: string;
    readonly from: readonly string[];
    readonly assumptions: readonly string[];
    /** What acts with rights of its own for the server, as the policy has it; absent when there is nothing. */
    readonly deputies?: readonly string[];
    readonly slices: readonly SliceRecord[];
  }[];
  /** Slices that these files don't hold: a companion's, or none of the platform. */
  readonly left: readonly Slice[];
  /** What the source accepts of this target. */
  readonly accepted: readonly string[];
  /** System calls that the kernel lets past every filter. */
  readonly exempt: readonly string[];
  /** The server's policy, as it was bound. */
  readonly ir: ServerIr;
}

/** What a proof is made from. */
export interface ProofInput {
  readonly version: string;
  readonly policy: PolicyIr;
  readonly server: ServerIr;
  readonly environment: Environment;
  readonly location: string;
  readonly artifacts: ProofRecord["artifacts"];
}

const releases = (environment: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(environmentKeys.map((key) => [key, formatRelease(environment[key])]));

/** The record of a proof. */
export function proofRecord(proof: BundleProof, input: ProofInput): ProofRecord {
  const { policy, server } = input;
  const held = new Set(proof.parts.flatMap((part) => part.slices.map(({ slice }) => slice)));
  const accepted = acceptsFor(server, proof.target).map(({ item }) => item);
  return {
    proof: proofVersion,
    mcpc: input.version,
    language: policy.language,
    std: policy.std,
    policy: policy.policy,
    server: server.name,
    target: proof.target,
    environment: releases(input.environment),
    location: input.location,
    artifacts: input.artifacts,
    parts: proof.parts.map(({ name, from, assumptions, deputies, slices: decided }) => ({
      name,
      from,
      assumptions,
      ...(deputies.length > 0 && {
        deputies: deputies.map(({ operation, authority }) => `${operation}: ${authority}`),
      }),
      slices: decided.map(({ slice, soft, slack }) => ({
        slice,
        verdict: "within",
        ...(soft && { soft: describeWitness(soft) }),
        ...(slack && { slack: describeWitness(slack.witness) }),
      })),
    })),
    left: slices.filter((slice) => !held.has(slice)),
    accepted: [...new Set(accepted)].sort(),
    exempt: exemptCalls,
    ir: server,
  };
}

/** Its text: what people read on lines of their own, and the policy on one. */
export function proofText(record: ProofRecord): string {
  const { ir, ...rest } = record;
  const head = JSON.stringify(rest, null, 2);
  return `${head.slice(0, -2)},\n  "ir": ${JSON.stringify(ir)}\n}\n`;
}
