/** A failure of another tool that permitted more than it was told to, and how it is decided here. */
import type { Instruction } from "../../src/lift/bpf.ts";
import type { Environment } from "../../src/policy/environment.ts";
import type { TargetName } from "../../src/verify/parts/readers.ts";
import type { Slice } from "../../src/verify/witness.ts";

/** Texts by their path. */
export type Files = Readonly<Record<string, string>>;

/** Files of a target. */
export interface Bundled {
  readonly target: TargetName;
  readonly files: Files;
  readonly environment?: Partial<Environment>;
}

/** What is given to the verifier: files, or a program of classic BPF. */
export type Artifact = Bundled | { readonly program: readonly Instruction[] };

/** What the verifier must answer. */
export type Answer =
  /** An operation beyond the policy, as `describeWitness` says it. */
  | { readonly beyond: Slice; readonly witness: RegExp }
  /** An operation that the policy denies softly: it must be said, and is no failure. */
  | { readonly soft: Slice; readonly witness: RegExp }
  /** A line that does not hold what it seems to. */
  | { readonly finding: RegExp }
  /** The text is not read. */
  | { readonly refused: RegExp }
  /** Something that acts with rights of its own, and that nobody granted. */
  | { readonly deputy: string }
  /** Nothing in it confines the server. */
  | { readonly missing: true };

/** An artifact that has the bug, or several that each do. */
export interface Fixture {
  readonly kind: "fixture";
  readonly artifact: Artifact | readonly Artifact[];
  /** The clauses of the server `s` that it is held against; a server that may do nothing when absent. */
  readonly policy?: string;
  readonly expect: Answer | readonly Answer[];
  /** The same without the bug: the answer is not given any more. */
  readonly repaired?: Artifact;
}

/** Our own output does not have the bug, and the check sees it in one that was spoilt. */
export interface Output {
  readonly kind: "output";
  readonly of: readonly TargetName[];
  /** The clauses of the server `s`, of one policy or of several. */
  readonly policies: readonly string[];
  /** What is wrong with a text, of those whose path matches. */
  readonly file: RegExp;
  readonly check: (text: string) => string | undefined;
  readonly spoilt: (text: string) => string;
}

/** A policy that can't be held is refused, and one that can be is not. */
export interface Refusal {
  readonly kind: "output";
  readonly of: readonly TargetName[];
  readonly refused: string;
  readonly says: RegExp;
  readonly compiled: string;
}

/** How a row is decided. */
export type Decision =
  | Fixture
  | Output
  | Refusal
  /** A test elsewhere holds it, by the words of its title in its file. */
  | { readonly kind: "held"; readonly by: string; readonly test: string }
  | { readonly kind: "not-claimed"; readonly because: string };

/** One known failure. */
export interface Row {
  readonly row: number;
  /** CVEs, and issues as `repository#number`. */
  readonly reported: readonly string[];
  readonly what: string;
  readonly decided: Decision;
}
