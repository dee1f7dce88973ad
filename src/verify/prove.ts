/**
 * The proof of a bundle: each thing that confines the server is read back from its text, and decided slice by slice against
 * the policy, what the source accepts of the target, and the floor of the runtime.
 */

import type { Finding } from "../lift/finding.ts";
import { accepts } from "../policy/accepts.ts";
import type { Allowed } from "./allowed.ts";
import { createWorkspace, type Decided, decideSlice, softSlices, type Workspace } from "./decide.ts";
import { type JudgedDeputy, judgedDeputies } from "./deputies.ts";
import type { Bundle, Part } from "./parts/part.ts";
import { readerOf } from "./parts/readers.ts";
import { type Slack, slackOf } from "./slack.ts";
import type { Slice, Witness } from "./witness.ts";

/** What was decided of one slice of one part. */
export interface SliceProof {
  readonly slice: Slice;
  readonly verdict: "within" | "beyond" | "unknown";
  /** An operation that the artifact permits and the policy denies. */
  readonly witness?: Witness;
  /** Whether every evaluator that speaks of such operations says so too; how many there are. */
  readonly confirmed?: { readonly by: number; readonly doubted: boolean };
  /** Why there is no answer. */
  readonly reason?: string;
  /** An operation that the policy denies only softly, and the artifact permits. */
  readonly soft?: Witness;
  /** What the policy grants, and the artifact denies. */
  readonly slack?: Slack;
}

/** The proof of one part. */
export interface PartProof {
  readonly name: string;
  readonly from: readonly string[];
  readonly slices: readonly SliceProof[];
  readonly findings: readonly Finding[];
  readonly assumptions: readonly string[];
  /** What acts with rights of its own for the server; `granted` where the policy, or what it accepts, leads there too. */
  readonly deputies: readonly JudgedDeputy[];
  /** Why it can't be read. */
  readonly unreadable?: { readonly reason: string; readonly line?: number };
}

/** The proof of the artifacts of one target for one server. */
export interface BundleProof {
  readonly target: string;
  readonly server: string;
  readonly parts: readonly PartProof[];
}

/** Whether the policy itself denies an operation, by the reference evaluator; undefined where it has no such question. */
export type Denies = (witness: Witness) => boolean | undefined;

function confirm(part: Part, denies: Denies, witness: Witness): NonNullable<SliceProof["confirmed"]> {
  const answers = [part.permits(witness), denies(witness)].filter((answer) => answer !== undefined);
  return { by: answers.length, doubted: answers.includes(false) };
}

/** The strict question first where a policy is soft: its yes answers both. */
function proveSlice(
  slice: Slice,
  part: Part,
  allowed: Allowed,
  space: Workspace,
  denies: Denies,
): SliceProof {
  const decide = (strictness: "firm" | "soft"): Decided =>
    decideSlice(slice, part.authority, allowed, space, strictness);
  const strict = softSlices.includes(slice) ? decide("soft") : undefined;
  if (strict?.kind === "within") return { slice, verdict: "within" };
  const firm = decide("firm");
  if (firm.kind === "unknown") return { slice, verdict: "unknown", reason: firm.reason };
  if (firm.kind === "beyond") {
    const { witness } = firm;
    return { slice, verdict: "beyond", witness, confirmed: confirm(part, denies, witness) };
  }
  // That nothing firm is permitted is no answer to what is softly.
  if (strict?.kind === "unknown") return { slice, verdict: "unknown", reason: strict.reason };
  return { slice, verdict: "within", ...(strict && { soft: strict.witness }) };
}

/** What may be said of how a bundle is proven. */
export interface ProveOptions {
  /** What confirms that the policy denies a witness. */
  readonly denies?: Denies;
  /** Shared with the server's other targets. */
  readonly space?: Workspace;
  /** The slices whose slack is looked for; all of them when absent. */
  readonly slackIn?: readonly Slice[];
}

/** Proves the artifacts of one target for one server. */
export function proveBundle(target: string, bundle: Bundle, options: ProveOptions = {}): BundleProof {
  const { denies = () => undefined, space = createWorkspace(), slackIn } = options;
  const asks = (slice: Slice): boolean => slackIn === undefined || slackIn.includes(slice);
  const reader = readerOf(target);
  const { server } = bundle;
  if (!reader) throw new RangeError(`nothing reads the artifacts of ${target}`);
  const allowed: Allowed = {
    target,
    server,
    floor: reader.floor(bundle),
    accepts: (item) => accepts(server, target, item),
  };
  const parts = reader.parts(bundle).map((read): PartProof => {
    if (!read.ok) {
      const { name, reason, line } = read;
      const unreadable = { reason, ...(line !== undefined && { line }) };
      return { name, from: [name], slices: [], findings: [], assumptions: [], deputies: [], unreadable };
    }
    const { part } = read;
    const { name, from, findings, assumptions } = part;
    const slices = reader.scope.map((slice): SliceProof => {
      const slack = asks(slice) ? slackOf(slice, part.authority, server, space) : undefined;
      return { ...proveSlice(slice, part, allowed, space, denies), ...(slack && { slack }) };
    });
    const deputies = judgedDeputies(part.authority, reader.scope, allowed, space);
    return { name, from, slices, findings, assumptions, deputies };
  });
  return { target, server: server.name, parts };
}
