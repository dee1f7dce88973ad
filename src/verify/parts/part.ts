/** What of a bundle is read back: each thing that confines the server, with who confirms an operation. */
import type { Authority } from "../../authority/authority.ts";
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

/** A part from a reader that throws one kind of error. */
export function readPart(
  name: string,
  read: () => Part,
  isRefusal: (error: unknown) => error is Error & { readonly line?: number },
): ReadPart {
  try {
    return { ok: true, part: read() };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { ok: false, name, reason: error.message, ...(error.line !== undefined && { line: error.line }) };
  }
}
