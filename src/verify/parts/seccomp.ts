/** A filter of system calls in the OCI format, alone. */
import { BudgetExceeded } from "../../authority/bdd.ts";
import { permitsCall } from "../../evaluate/seccomp.ts";
import { SeccompError } from "../../lift/seccomp.ts";
import { seccompFilter } from "../../lift/seccomp-filter.ts";
import { filterFloor } from "../floor.ts";
import { type Part, readPart, type TargetReader } from "./part.ts";

function filterPart(name: string, text: string): Part {
  const { calls } = seccompFilter(text);
  return {
    name,
    from: [name],
    authority: { calls },
    findings: [],
    assumptions: [],
    permits: (witness) =>
      witness.slice === "syscalls" && "call" in witness ? permitsCall(text, witness.call) : undefined,
  };
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof SeccompError || error instanceof BudgetExceeded;

/** A layer: it holds system calls, and nothing else. */
export const seccompReader: TargetReader = {
  scope: ["syscalls"],
  floor: () => filterFloor,
  parts: ({ files }) =>
    [...files]
      .filter(([path]) => path.endsWith(".json"))
      .map(([path, text]) => readPart(path, () => filterPart(path, text), isRefusal)),
};
