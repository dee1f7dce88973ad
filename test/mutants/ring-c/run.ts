/**
 * Ring c: artifacts with one thing changed. Each that permits more must fail its proof with a witness that independent
 * evaluators confirm; beside it stands what so many operations by chance find of the same mutants.
 */
import { createRandom } from "../../support/random.ts";
import { drawer } from "./draw.ts";
import type { Evaluator } from "./evaluators/evaluator.ts";
import { describeOperation, type Operation, operationsOf } from "./operation.ts";
import type { Doubtful, Judged, Mutant, Subject } from "./subject.ts";

/** What became of the mutants of one format. */
export interface Tally {
  readonly format: string;
  mutants: number;
  equivalent: number;
  stricter: number;
  /** They permit other things than the artifact did, all of them within the policy. */
  granted: number;
  over: number;
  confirmed: number;
  unconfirmed: number;
  refused: number;
  /** Of those that permit more, how many some operation by chance shows. */
  probed: number;
}

export interface RingC {
  readonly tallies: readonly Tally[];
  /** What must not be: a mutant that passes though it permits more, a witness that is contradicted, one that fails though it is the same. */
  readonly failures: readonly string[];
  /** Why witnesses have no confirmation, and how many. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** Operations by chance that the policy denies, that are not accepted, and that the artifact as it was denies as well. */
export function probesFor(
  { policy, own, accepted, weights, draw: drawOwn }: Omit<Subject, "mutants" | "format">,
  count: number,
  seed: number,
): readonly Operation[] {
  const random = createRandom(seed);
  const draw = drawOwn ?? drawer(policy.server, weights);
  const found = new Map<string, Operation>();
  for (let drawn = 0; drawn < count; drawn++) {
    const operation = draw(random);
    const key = describeOperation(operation);
    if (found.has(key) || policy.denies(operation) !== true || accepted(operation)) continue;
    if (own(operation) === false) found.set(key, operation);
  }
  return [...found.values()];
}

/** The first of some operations that an evaluator says is permitted. */
export function firstPermitted(evaluator: Evaluator, probes: readonly Operation[]): Operation | undefined {
  return probes.find((operation) => evaluator(operation) === true);
}

type Answer = "confirmed" | "contradicted" | "silent";

/** What the evaluators of the format and of policies say of a witness. */
function answerTo(
  { witness, doubted, confirmed, soft }: Doubtful,
  { policy }: Subject,
  evaluator: Evaluator,
): Answer {
  if (doubted || confirmed) return doubted ? "contradicted" : "confirmed";
  const answers = operationsOf(witness).map((operation): Answer => {
    const permitted = evaluator(operation);
    const denied = policy.denies(operation);
    if (permitted === false || (denied === false && !soft)) return "contradicted";
    return permitted === true ? "confirmed" : "silent";
  });
  // What stands for everything is confirmed by any of it.
  if (answers.includes("confirmed")) return "confirmed";
  return answers.includes("contradicted") ? "contradicted" : "silent";
}

/** Judges the mutants of a subject, one by one. */
export class Ring implements RingC {
  readonly tallies: Tally[] = [];
  readonly failures: string[] = [];
  readonly reasons = new Map<string, number>();
  readonly #probes: number;
  readonly #seed: number;

  constructor(probes: number, seed: number) {
    this.#probes = probes;
    this.#seed = seed;
  }

  add(subject: Subject, mutants: readonly Mutant[]): void {
    const probes = probesFor(subject, this.#probes, this.#seed);
    const tally = this.#tally(subject.format);
    for (const mutant of mutants) {
      tally.mutants++;
      const judged = mutant.judge();
      if (judged.kind === "refused") tally.refused++;
      else if (judged.kind === "within") this.#within(judged, tally, subject, mutant, probes);
      else this.#beyond(judged, tally, subject, mutant, probes);
    }
  }

  #tally(format: string): Tally {
    const known = this.tallies.find((one) => one.format === format);
    if (known) return known;
    const none = {
      mutants: 0,
      equivalent: 0,
      stricter: 0,
      granted: 0,
      over: 0,
      confirmed: 0,
      unconfirmed: 0,
    };
    const made: Tally = { format, ...none, refused: 0, probed: 0 };
    this.tallies.push(made);
    return made;
  }

  #within(
    { relation }: Extract<Judged, { kind: "within" }>,
    tally: Tally,
    { format }: Subject,
    mutant: Mutant,
    probes: readonly Operation[],
  ): void {
    tally[relation === "equivalent" || relation === "stricter" ? relation : "granted"]++;
    // One that passes is asked a tenth: it should be nothing, and there are many.
    const some = probes.slice(0, Math.ceil(probes.length / 10));
    const found = firstPermitted(mutant.prober(), some);
    if (found)
      this.failures.push(`${format}: ${mutant.what} passes, and permits ${describeOperation(found)}`);
  }

  #beyond(
    { witnesses, relation }: Extract<Judged, { kind: "beyond" }>,
    tally: Tally,
    subject: Subject,
    mutant: Mutant,
    probes: readonly Operation[],
  ): void {
    const evaluator = mutant.evaluator();
    const answers = witnesses.map((one) => ({ ...one, answer: answerTo(one, subject, evaluator) }));
    const isConfirmed = answers.some(({ answer }) => answer === "confirmed");
    // What a reader does not know it takes to permit everything: a refusal, if nobody else knows it either.
    if (!isConfirmed && answers.every(({ open }) => open)) {
      tally.refused++;
      return;
    }
    tally.over++;
    tally[isConfirmed ? "confirmed" : "unconfirmed"]++;
    for (const { witness, answer, open } of answers)
      if (answer === "contradicted" && !open)
        this.failures.push(
          `${subject.format}: ${mutant.what}: the evaluators contradict ${operationsOf(witness).map(describeOperation).join()}`,
        );
    if (!isConfirmed) {
      for (const { witness } of answers) {
        const reason = `${subject.format}: no evaluator speaks of ${witness.slice}`;
        this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
      }
      if (relation() === "equivalent")
        this.failures.push(`${subject.format}: ${mutant.what} fails, and is the same as it was`);
    }
    if (firstPermitted(mutant.prober(), probes)) tally.probed++;
  }
}
