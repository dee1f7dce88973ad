/** An artifact that is spoilt in many ways, how each is judged, and who else may be asked about it. */
import type { Authority } from "../../../src/authority/authority.ts";
import { BudgetExceeded } from "../../../src/authority/bdd.ts";
import { deniesOf } from "../../../src/compile/reference.ts";
import { createWorkspace, type Workspace } from "../../../src/verify/decide.ts";
import { failuresOf } from "../../../src/verify/describe.ts";
import type { Bundle } from "../../../src/verify/parts/part.ts";
import { readerOf } from "../../../src/verify/parts/readers.ts";
import { type PartProof, proveBundle } from "../../../src/verify/prove.ts";
import type { Slice, Witness } from "../../../src/verify/witness.ts";
import type { Random } from "../../support/random.ts";
import type { Weights } from "./draw.ts";
import type { Evaluator } from "./evaluators/evaluator.ts";
import type { Operation } from "./operation.ts";
import type { PolicySide } from "./policy.ts";
import { type Relation, relationOf } from "./relation.ts";

/** What the proof says of a mutant. */
export type Judged =
  /** It can't be read, or holds something that the reader does not know, or that is too large to decide. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "within"; readonly relation: Relation }
  | { readonly kind: "beyond"; readonly witnesses: readonly Doubtful[]; readonly relation: () => Relation };

/** A witness, whether the proof's own evaluators contradict it, and whether a finding left open what it shows. */
export interface Doubtful {
  readonly witness: Witness;
  readonly doubted: boolean;
  /** Whether they confirm it already: the one of the format, and the one of policies. */
  readonly confirmed: boolean;
  readonly open: boolean;
  /** Whether the policy denies it without naming it: then the evaluator of policies does not know of it. */
  readonly soft: boolean;
}

/** One mutant. */
export interface Mutant {
  readonly what: string;
  readonly judge: () => Judged;
  /** Asked about a witness. */
  readonly evaluator: () => Evaluator;
  /** Asked about what is drawn by chance: the same, or one that answers the widest question only. */
  readonly prober: () => Evaluator;
}

/** One artifact and its mutants. */
export interface Subject {
  readonly format: string;
  readonly policy: PolicySide;
  readonly mutants: readonly Mutant[];
  /** What the artifact as it was emitted permits. */
  readonly own: Evaluator;
  /** Whether the policy accepts of this target what it denies, or the runtime brings it. */
  readonly accepted: (operation: Operation) => boolean;
  readonly weights: Weights;
  /** How operations are drawn where the weights do not say it all. */
  readonly draw?: (random: Random) => Operation;
}

/** Witnesses, and what is permitted that the policy denies softly in slices where the artifact as it was did not. */
const sliceWitnesses = ({ slices, findings }: PartProof, soft: ReadonlySet<Slice>): readonly Doubtful[] =>
  slices.flatMap(({ slice, witness, confirmed, soft: softly }) => {
    const found = witness ?? (soft.has(slice) ? undefined : softly);
    const { by = 0, doubted = false } = confirmed ?? {};
    return found
      ? [
          {
            witness: found,
            doubted,
            confirmed: by > 1 && !doubted,
            open: findings.length > 0,
            soft: witness === undefined,
          },
        ]
      : [];
  });

/** Proves one target's files with some of them replaced, against the files as they were. */
export class Bundles {
  readonly #target: string;
  readonly #policy: PolicySide;
  readonly #own: readonly Authority[];
  readonly #soft: ReadonlySet<Slice>;
  #space: Workspace = createWorkspace();
  #judged = 0;

  constructor(
    target: string,
    policy: PolicySide,
    /** Of a bundle with several artifacts, the one that is spoilt. */
    private readonly files: ReadonlyMap<string, string>,
  ) {
    this.#target = target;
    this.#policy = policy;
    this.#own = this.#authorities(files);
    const proof = this.#prove(files);
    const failures = failuresOf(proof);
    this.#soft = new Set(
      proof.parts.flatMap(({ slices }) => slices.flatMap(({ slice, soft }) => (soft ? [slice] : []))),
    );
    if (failures.length > 0) throw new Error(`${target} is not proven: ${failures[0]?.message}`);
  }

  #bundle(files: ReadonlyMap<string, string>): Bundle {
    return { ...this.#policy.bundle, files };
  }

  #prove(files: ReadonlyMap<string, string>): ReturnType<typeof proveBundle> {
    const denies = deniesOf(this.#policy.project, this.#policy.server.name);
    return proveBundle(this.#target, this.#bundle(files), { denies, space: this.#space, slackIn: [] });
  }

  #authorities(files: ReadonlyMap<string, string>): readonly Authority[] {
    const parts = readerOf(this.#target)?.parts(this.#bundle(files)) ?? [];
    return parts.flatMap((read) => (read.ok ? [read.part.authority] : []));
  }

  #relation(files: ReadonlyMap<string, string>): Relation {
    const parts = this.#authorities(files);
    const relations = new Set(
      parts.map((part, at) => {
        const own = this.#own[at];
        return own ? relationOf(part, own, this.#space) : "other";
      }),
    );
    if (parts.length !== this.#own.length) return "other";
    relations.delete("equivalent");
    const [only = "equivalent", ...others] = relations;
    return others.length > 0 ? "other" : only;
  }

  /** Judges the files with one of them replaced. */
  judge(replaced: ReadonlyMap<string, string>): Judged {
    // Diagrams are never freed: a new one now and then.
    if (this.#judged++ % 64 === 63) this.#space = createWorkspace();
    const files = new Map([...this.files, ...replaced]);
    try {
      const proof = this.#prove(files);
      const witnesses = proof.parts.flatMap((part) => sliceWitnesses(part, this.#soft));
      if (witnesses.length > 0) return { kind: "beyond", witnesses, relation: () => this.#relation(files) };
      const [failure] = failuresOf(proof);
      if (failure) return { kind: "refused", reason: `${failure.kind}: ${failure.message}` };
      return { kind: "within", relation: this.#relation(files) };
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      return { kind: "refused", reason: `too large: ${error.message}` };
    }
  }
}
