/**
 * What a back-end is. A target is one object, one line in the registry and one folder of fixtures.
 *
 * `answers` has a key for each dimension of a policy, so that a new dimension breaks every target until each says
 * what it does about it: silence is the one unforgivable bug.
 */

import type { Environment } from "../policy/environment.ts";
import type { AcceptItem, PolicyIr, ServerIr } from "../policy/ir.ts";

/** The dimensions that a target answers for: the columns of the coverage table, in its order. */
export const dimensions = [
  "files",
  "exec",
  "deny",
  "tmp",
  "net.none",
  "net.loopback",
  "net.connect",
  "net.listen",
  "unix",
  "processes.other",
  "syscalls",
  "syscalls.arguments",
  "env",
  "identity",
  "memory",
  "processes",
  "cpu",
  "io",
  "descriptors",
  "time",
  "isolation",
] as const;

/** One dimension of a policy. */
export type Dimension = (typeof dimensions)[number];

/**
 * What one target does not hold of one policy, or holds more strictly.
 *
 * - `residual`: it permits what the policy firmly denies: an error until the source accepts `item`; without an item
 *   it can't be accepted, and the message must say what to do instead.
 * - `soft`: it permits what the policy denies only softly: reported.
 * - `slack`: it denies what the policy grants: reported.
 * - `companion`: a layer leaves it to another artifact: reported.
 */
export interface Gap {
  readonly kind: "residual" | "soft" | "slack" | "companion";
  readonly item?: AcceptItem;
  /** A sentence for the user, without the target's name: "a directory that is mounted writable can't be made noexec". */
  readonly message: string;
  /** What to do about it, a sentence. */
  readonly help?: string;
  /** The clause that asks for it, an index into the document's `clauses`. */
  readonly origin?: number;
}

/** How well a target holds a dimension in general: a cell of the coverage table. */
export interface Coverage {
  /** `=` exactly, `<` more strictly than granted, `-` not enforced, `n/a` not a dimension there. */
  readonly level: "=" | "<" | "-" | "n/a";
  /** The condition under which the cell holds, or how it is held. */
  readonly note?: string;
}

/** A target's answer to one dimension: the cell of the table, and the gaps of a given policy. */
export interface Answer extends Coverage {
  readonly gaps: (server: ServerIr, context: TargetContext) => readonly Gap[];
}

/** What a target knows beside the server's policy. */
export interface TargetContext {
  readonly environment: Environment;
  /** Whether the policy accepts an item for this target. */
  readonly accepts: (item: AcceptItem) => boolean;
  readonly policy: PolicyIr;
  /** The absolute directory that this target's files will lie in. */
  readonly location: string;
  /** Lines for the top of an output: versions, policy, hash, what is not enforced. Plain ASCII, no line ends. */
  readonly header: readonly string[];
}

/** A file that a target writes, its path relative to `OUT/<server>/<target>/`. */
export interface OutputFile {
  readonly path: string;
  readonly content: string;
  /** Whether it is to be marked executable. */
  readonly executable?: boolean;
}

/** What the policy holds that the target's format can't write down at all: an error of the compile. */
export interface Unrepresentable {
  /** What: "the argument of `run`", "the path of `read`". */
  readonly what: string;
  readonly text: string;
  /** Why: "a unit file can't hold a line end in a path". */
  readonly reason: string;
  readonly origin?: number;
}

/** Something that a runtime brings. */
export interface FloorEntry {
  readonly kind: "object" | "variable" | "call" | "rule";
  /** A path, a variable's name, a system call, or a rule of a profile. */
  readonly name: string;
  /** What of it is reachable, in a few words. */
  readonly note: string;
}

/** The floor of a target in the environment that is compiled for. */
export type Floor = (context: Pick<TargetContext, "environment">) => readonly FloorEntry[];

/** The model of the artifact, or why there can't be one. */
export type Lowered<Model> =
  | { readonly ok: true; readonly model: Model }
  | { readonly ok: false; readonly unrepresentable: readonly Unrepresentable[] };

/** A back-end; see `defineTarget`. */
export interface Target<Model = unknown> {
  /** As `--target` and `accept` name it. */
  readonly name: string;
  /** A sandbox answers for everything; a layer leaves to a companion what is not its own. */
  readonly kind: "sandbox" | "layer";
  /** One sentence for the table. */
  readonly summary: string;
  /** The operating system that the artifact runs on. */
  readonly platform: "linux" | "macos";
  readonly answers: { readonly [D in Dimension]: Answer };
  /** What the runtime brings of its own, whatever the policy says. */
  readonly floor: Floor;
  /** Chooses what the artifact says; makes no text. */
  readonly lower: (server: ServerIr, context: TargetContext) => Lowered<Model>;
  /** Writes the model down; decides nothing. */
  readonly print: (model: Model, context: TargetContext) => readonly OutputFile[];
}

/** Checks a target's shape and hides its model's type. */
export function defineTarget<Model>(target: Target<Model>): Target {
  return target as Target;
}

const none = (): readonly Gap[] => [];

/** The answer of a target that holds a dimension exactly, whatever the policy says. */
export function exact(note?: string): Answer {
  return { level: "=", ...(note !== undefined && { note }), gaps: none };
}

/** The answer for what is no dimension of the target's platform. */
export function notADimension(note: string): Answer {
  return { level: "n/a", note, gaps: none };
}

/** An answer whose gaps depend on the policy. */
export function answer(level: Coverage["level"], note: string, gaps: Answer["gaps"]): Answer {
  return { level, note, gaps };
}
