/** A filter in the OCI format, asked by the evaluator of such profiles. */
import type { Call } from "../../../../src/authority/calls.ts";
import { permitsCall } from "../../../../src/evaluate/seccomp.ts";
import type { Evaluator } from "./evaluator.ts";

interface Rule {
  readonly names?: readonly string[];
}
interface Profile {
  readonly syscalls?: readonly Rule[];
}

/** For each name the same profile with only the rules that name it: to parse all of it for each question takes too long. */
function slicesOf(text: string): (name: string) => string {
  const profile = JSON.parse(text.replace(/("(?:value|valueTwo)"\s*:\s*)(\d+)/g, '$1"$2"')) as Profile;
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const syscalls = (profile.syscalls ?? [])
      .filter((rule) => rule.names?.includes(name))
      .map((rule) => ({ ...rule, names: [name] }));
    const made = JSON.stringify({ ...profile, syscalls });
    known.set(name, made);
    return made;
  };
}

/** Asks a profile. Of i386 all rules count, since others are behind one call there. */
export function callEvaluator(text: string): (call: Call) => boolean {
  let slice: ((name: string) => string) | undefined;
  return (call) => {
    if (call.entry === "i386") return permitsCall(text, call);
    slice ??= slicesOf(text);
    const permitted = permitsCall(slice(call.name?.replace(/^x32:/, "") ?? ""), call);
    return permitted ? permitsCall(text, call) : false;
  };
}

export function seccompEvaluator(text: string): Evaluator {
  const permits = callEvaluator(text);
  return (operation) => (operation.kind === "call" ? permits(operation.call) : undefined);
}
