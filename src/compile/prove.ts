/** The proof of what was just printed: each bundle is read back from its texts, and one that is not proven stops everything. */
import { proofErrors } from "../diagnostics/catalogue/proof.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ServerIr } from "../policy/ir.ts";
import type { FoundGap } from "../targets/enforce.ts";
import type { Dimension, OutputFile } from "../targets/target.ts";
import type { Workspace } from "../verify/decide.ts";
import { type Failure, failuresOf } from "../verify/describe.ts";
import { type BundleProof, proveBundle } from "../verify/prove.ts";
import { describeWitness, type Slice } from "../verify/witness.ts";
import type { Project } from "./project.ts";
import { deniesOf } from "./reference.ts";

/** A proof, or why the policy is too large for one. */
export type Proven =
  | { readonly ok: true; readonly proof: BundleProof }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Where slack is found in passing; that of files costs as much as a proof, and is `mcpc verify`'s to find. */
export const cheapSlack: readonly Slice[] = ["network", "syscalls", "env"];

/** The slices of the dimensions in which a target may say that it is soft. */
const slicesOf: Readonly<Partial<Record<Dimension, Slice>>> = {
  files: "files",
  exec: "files",
  deny: "files",
  syscalls: "syscalls",
  "syscalls.arguments": "syscalls",
};

/** What is permitted that the policy denies softly, in slices of which the target says no such thing. */
function silentlySoft({ parts }: BundleProof, gaps: readonly FoundGap[]): readonly string[] {
  const said = new Set(
    gaps.filter(({ kind }) => kind === "soft").map(({ dimension }) => slicesOf[dimension]),
  );
  return parts.flatMap(({ name, slices }) =>
    slices.flatMap(({ slice, soft }) =>
      soft && !said.has(slice)
        ? [
            `${name}: it permits what the policy denies softly, and says nothing of it: \`${describeWitness(soft)}\``,
          ]
        : [],
    ),
  );
}

function wordsOf({ part, kind, message, doubted }: Failure): string {
  const what = kind === "unreadable" ? `it can't be read back: ${message}` : message;
  return `${part}: ${what}${doubted === true ? ", which another evaluator contradicts" : ""}`;
}

/**
 * Proves the files of one target for one server.
 * @throws Error when they permit more than the policy, or can't be read: a bug of this compiler, and nothing may be written
 */
export function proveFiles(
  project: Project,
  server: ServerIr,
  target: string,
  location: string,
  files: readonly OutputFile[],
  gaps: readonly FoundGap[],
  space: Workspace,
): Proven {
  const texts = new Map(files.map(({ path, content }) => [path, content]));
  const bundle = { server, environment: project.environment, location, files: texts };
  const denies = deniesOf(project, server.name);
  const proof = proveBundle(target, bundle, { denies, space, slackIn: cheapSlack });
  const failures = failuresOf(proof);
  const undecided = failures.filter(({ kind }) => kind === "unknown");
  const bugs = [
    ...failures.filter(({ kind }) => kind !== "unknown").map(wordsOf),
    ...silentlySoft(proof, gaps),
  ].map((what) => `the proof of ${server.name}/${target} failed: ${what}`);
  if (bugs.length > 0) throw new Error(bugs.join("\n"));
  if (undecided.length === 0) return { ok: true, proof };
  const diagnostics = undecided.map(({ slice, part }) =>
    proofErrors.tooLarge.report(
      { what: `\`${part}\` and the policy`, dimension: slice ?? "files" },
      { server: server.name },
    ),
  );
  return { ok: false, diagnostics };
}
