/** What of a bundle is read back: each thing that confines the server, with who confirms an operation. */
import type { Authority } from "../../authority/authority.ts";
import { BudgetExceeded } from "../../authority/bdd.ts";
import type { Finding } from "../../lift/finding.ts";
import type { Environment } from "../../policy/environment.ts";
import type { ServerIr } from "../../policy/ir.ts";
import type { Floor } from "../floor.ts";
import type { Slice, Witness } from "../witness.ts";

/** The files of one target for one server, and what they are read against. */
export interface Bundle {
  readonly server: ServerIr;
  readonly environment: Environment;
  /** The absolute directory that the files lie in when they are used. */
  readonly location: string;
  /** Texts by their path below it. */
  readonly files: ReadonlyMap<string, string>;
}

/** One thing that confines the server. */
export interface Part {
  /** The file that starts it, or that it is. */
  readonly name: string;
  /** Every file that it was read from. */
  readonly from: readonly string[];
  readonly authority: Authority;
  readonly findings: readonly Finding[];
  /** What holds only if the machine is as it is said here. */
  readonly assumptions: readonly string[];
  /** Whether the artifact permits an operation, by an evaluator that shares nothing with the reader; undefined where it has none. */
  readonly permits: (witness: Witness) => boolean | undefined;
}

/** A part, or why it can't be read. */
export type ReadPart =
  | { readonly ok: true; readonly part: Part }
  | { readonly ok: false; readonly name: string; readonly reason: string; readonly line?: number };

/** How the artifacts of a target are read back. */
export interface TargetReader {
  /** The slices that its artifacts hold; the others it leaves to a companion, or they are none of its platform. */
  readonly scope: readonly Slice[];
  readonly floor: (bundle: Pick<Bundle, "server" | "environment">) => Floor;
  /** Everything of a bundle that confines the server. */
  readonly parts: (bundle: Bundle) => readonly ReadPart[];
}

/** Why something can't be read, with where it stands. */
type Refusal = Error & { readonly line?: number; readonly file?: string };

/**
 * Parts from a reader that throws errors of some classes for what it can't read. What is too large to decide can't be read
 * either, whoever reads.
 */
export function readParts(
  name: string,
  read: () => readonly Part[],
  refusals: readonly (new (...args: never[]) => Error)[],
): readonly ReadPart[] {
  try {
    return read().map((part) => ({ ok: true, part }));
  } catch (error) {
    if (![BudgetExceeded, ...refusals].some((kind) => error instanceof kind)) throw error;
    const { message, line, file = name } = error as Refusal;
    const reason = error instanceof BudgetExceeded ? `it is too large to decide: ${message}` : message;
    return [{ ok: false, name: file, reason, ...(line !== undefined && { line }) }];
  }
}
