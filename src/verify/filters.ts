/**
 * The proof of each filter of system calls: what was printed is read back from its text and decided against the policy, for
 * every number and argument at every entry into the kernel. A filter that lets more through is a bug of this compiler.
 */
import { holds, intersection, type Root, union, without } from "../authority/bdd.ts";
import {
  bitOfCall,
  type Call,
  createCallDiagram,
  describeCall,
  entries,
  exempt,
  leastCall,
  policyCalls,
  possibleCalls,
} from "../authority/calls.ts";
import { permitsCall } from "../evaluate/seccomp.ts";
import { liftSeccomp, readSeccomp, SeccompError } from "../lift/seccomp.ts";
import type { SystemCalls } from "../policy/ir.ts";

/** What deciding gave: the filter is within the policy, or a call that it lets through beyond it, or no answer. */
export type FilterVerdict =
  | { readonly kind: "within" }
  | { readonly kind: "beyond"; readonly call: Call; readonly confirmed: boolean }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Decides the text of a profile against what a policy permits as it is written, soft conditions included. */
export function verifyFilter(text: string, calls: SystemCalls): FilterVerdict {
  const bdd = createCallDiagram();
  let lifted: Root;
  try {
    lifted = liftSeccomp(bdd, readSeccomp(text));
  } catch (error) {
    if (error instanceof SeccompError) return { kind: "unreadable", reason: error.message };
    throw error;
  }
  const possible = possibleCalls(bdd, entries);
  const allowed = union(bdd, policyCalls(bdd, calls, "soft"), exempt(bdd));
  const beyond = without(bdd, intersection(bdd, possible, lifted), allowed);
  const call = leastCall(bdd, beyond);
  if (!call) return { kind: "within" };
  // Two evaluators that know nothing of each other must agree on the one call: else it is this proof that is wrong.
  const confirmed = permitsCall(text, call) && !holds(bdd, allowed, bitOfCall(call));
  return { kind: "beyond", call, confirmed };
}

/** A verdict in words; undefined where there is nothing to say. */
export function describeVerdict(verdict: FilterVerdict): string | undefined {
  if (verdict.kind === "within") return undefined;
  if (verdict.kind === "unreadable") return `it can't be read back: ${verdict.reason}`;
  return `it lets through \`${describeCall(verdict.call)}\``;
}
