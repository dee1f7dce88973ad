/** The reference evaluator, asked about a project: what confirms that a policy denies what a proof says it denies. */
import type { Call } from "../authority/calls.ts";
import { loadPolicy, standardLibrary } from "../policy/load.ts";
import { type Decision, decide } from "../reference/decide.ts";
import type { ReferencePolicy } from "../reference/policy.ts";
import type { Question } from "../reference/question.ts";
import type { Denies } from "../verify/prove.ts";
import type { Witness } from "../verify/witness.ts";
import type { Project } from "./project.ts";

/** The policy as the reference evaluator takes it. */
export function referencePolicy(project: Project): ReferencePolicy {
  const { policy } = loadPolicy(project);
  const std = standardLibrary("linux");
  const asts = new Set([...std.profiles.values(), ...std.groups.values()].map(({ file }) => file.ast));
  const files = [policy.main, ...policy.imports];
  return {
    files: files.map(({ ast, directory }) => ({ ast, directory })),
    std: [...asts],
    root: project.root,
    home: project.home,
    host: project.host,
    essentials: [...files.map((file) => file.path), project.location],
  };
}

/** A call is a question where a policy can name it: natively, by its name. */
function callQuestion({ entry, name, words }: Call): Question | undefined {
  if (name === undefined || entry === "i386" || name.startsWith("x32:")) return undefined;
  return { kind: "call", name, words: words.map(String) };
}

function questionOf(witness: Witness): Question | undefined {
  if ("everything" in witness) return undefined;
  switch (witness.slice) {
    case "files":
      return { kind: "file", access: witness.file.right, path: witness.file.path };
    case "sockets":
      return { kind: "unix", path: witness.file.path };
    case "syscalls":
      return callQuestion(witness.call);
    case "env":
      // The value is no part of the question.
      return witness.value === undefined ? { kind: "env", name: witness.name } : undefined;
    default:
      return undefined;
  }
}

/** Asks what a server's policy says of an operation; undefined where it has no such question. The policy is read when the first one comes. */
export function deciderOf(project: Project, server: string): (witness: Witness) => Decision | undefined {
  let policy: ReferencePolicy | undefined;
  return (witness) => {
    const question = questionOf(witness);
    if (!question) return undefined;
    policy ??= referencePolicy(project);
    const decision = decide(policy, server, question);
    // A variable may be granted with another value, which is no part of the question.
    return question.kind === "env" && decision.allowed ? undefined : decision;
  };
}

/** Asks whether a server's policy denies an operation. */
export function deniesOf(project: Project, server: string): Denies {
  const decisionOf = deciderOf(project, server);
  return (witness) => {
    const decision = decisionOf(witness);
    return decision && !decision.allowed;
  };
}
