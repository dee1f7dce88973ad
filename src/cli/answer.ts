/** Questions about one operation, answered by the reference evaluator from the source. */
import type { Project } from "../compile/project.ts";
import { referencePolicy } from "../compile/reference.ts";
import { type Decision, decide } from "../reference/decide.ts";
import { absolute } from "../reference/policy.ts";
import { readQuestion } from "../reference/question.ts";

/** What a question gives: the decision with the clause that made it, or why the text is no question. */
export type Answer =
  | { readonly ok: true; readonly decision: Decision }
  | { readonly ok: false; readonly reason: string };

/** Answers a question such as `read ./project/x` or `connect example.com:443` about a server of a policy. */
export function answerQuestion(project: Project, server: string, question: string): Answer {
  const policy = referencePolicy(project);
  const read = readQuestion(question, (path) => absolute(policy, path, project.root));
  return read.ok ? { ok: true, decision: decide(policy, server, read.question) } : read;
}
