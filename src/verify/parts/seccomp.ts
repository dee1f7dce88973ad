/** A filter of system calls in the OCI format, alone. */
import { permitsCall } from "../../evaluate/seccomp.ts";
import { SeccompError } from "../../lift/seccomp.ts";
import { seccompFilter } from "../../lift/seccomp-filter.ts";
import { filterFloor } from "../floor.ts";
import { type Part, readParts, type TargetReader } from "./part.ts";

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

/** A layer: it holds system calls, and nothing else. */
export const seccompReader: TargetReader = {
  scope: ["syscalls"],
  floor: () => filterFloor,
  parts: ({ files }) =>
    [...files]
      .filter(([path]) => path.endsWith(".json"))
      .flatMap(([path, text]) => readParts(path, () => [filterPart(path, text)], [SeccompError])),
};
