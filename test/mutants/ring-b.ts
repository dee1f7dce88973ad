/** Ring b: bugs seeded into the emitters. How many the proof stops, and how many a sampled law would have found. */
import { compile } from "../../src/compile/compile.ts";
import { worldProject } from "../support/random-policies.ts";
import { broken, seeded } from "../verify/seeded/broken.ts";
import { richPolicy, type SeededBug } from "../verify/seeded/seeded.ts";
import { acceptedBy } from "./ring-c/accepted.ts";
import { ofTarget, weightsOf } from "./ring-c/evaluators/files.ts";
import { describeOperation, type Operation } from "./ring-c/operation.ts";
import { type PolicySide, policySide } from "./ring-c/policy.ts";
import { firstPermitted, probesFor } from "./ring-c/run.ts";

/** The bugs of one target. */
export interface BugTally {
  readonly target: string;
  bugs: number;
  /** Stopped by the proof, with a message that shows what gets through. */
  caught: number;
  /** Shown by some operation that was drawn by chance. */
  sampled: number;
}

/** Whether the compile stops with what the bug must be told by; what it says instead. */
function isCaught(target: string, bug: SeededBug): true | string {
  try {
    compile(worldProject(bug.policy ?? richPolicy), broken(target, bug, { changed: false }));
    return "nothing stops it";
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("the proof of ")) throw error;
    return bug.says.test(error.message) ? true : error.message;
  }
}

interface Asked {
  readonly policy: PolicySide;
  readonly probes: readonly Operation[];
}

function asked(target: string, text: string, count: number, seed: number): Asked {
  const policy = policySide(text, target);
  const subject = {
    policy,
    weights: weightsOf(target),
    own: ofTarget(target, policy)(policy.bundle.files, false),
    accepted: acceptedBy(policy, target),
  };
  return { policy, probes: probesFor(subject, count, seed) };
}

/** An operation that gets through, of those that were drawn. */
function shown(target: string, { file, edit }: SeededBug, { policy, probes }: Asked): string | undefined {
  const files = new Map(
    [...policy.bundle.files].map(([path, text]) => [path, file.test(path) ? edit(text) : text]),
  );
  const found = firstPermitted(ofTarget(target, policy)(files, false), probes);
  return found && describeOperation(found);
}

/** All bugs of all targets. `failures` are bugs that the proof lets pass. */
export function ringB(
  probes: number,
  seed: number,
): { readonly tallies: readonly BugTally[]; readonly failures: readonly string[] } {
  const failures: string[] = [];
  const tallies = Object.entries(seeded).map(([target, bugs]): BugTally => {
    const known = new Map<string, Asked>();
    const tally: BugTally = { target, bugs: bugs.length, caught: 0, sampled: 0 };
    for (const bug of bugs) {
      const caught = isCaught(target, bug);
      if (caught === true) tally.caught++;
      else failures.push(`${target}: ${bug.name}: ${caught}`);
      const text = bug.policy ?? richPolicy;
      const of = known.get(text) ?? asked(target, text, probes, seed);
      known.set(text, of);
      if (shown(target, bug, of) !== undefined) tally.sampled++;
    }
    return tally;
  });
  return { tallies, failures };
}
