/** Who answers for an artifact: one operation, one answer, by code that shares nothing with what reads it for the proof. */
import type { Operation } from "../operation.ts";

/** Whether an artifact permits an operation; undefined where the evaluator has nothing to say. */
export type Evaluator = (operation: Operation) => boolean | undefined;

/** An evaluator that has nothing to say where the artifact is beyond it: it follows what is emitted, and not all of a format. */
export function tolerant(evaluator: Evaluator): Evaluator {
  return (operation) => {
    try {
      return evaluator(operation);
    } catch {
      return undefined;
    }
  };
}
