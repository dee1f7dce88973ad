/** What a policy permits, as a term, from the conditions of its IR. */
import { architectures, systemCall } from "../../../src/linux/index.ts";
import type { CallGrant, Condition, SystemCalls } from "../../../src/policy/ir.ts";
import { and, argument, isCall, low, not, or, same, type Term, word } from "./terms.ts";

function condition({ argument: index, bits, mask, values, negated }: Condition): Term {
  const field = bits === 32 ? low(index) : argument(index);
  const compared = mask === undefined ? field : `(bvand ${field} ${word(BigInt(mask), bits)})`;
  // A value that the parameter has no bits for is never taken.
  const fitting = values.filter((value) => BigInt(value) >> BigInt(bits) === 0n);
  const found = or(fitting.map((value) => same(compared, word(BigInt(value), bits))));
  return negated ? not(found) : found;
}

/** A call by its name, at each of its numbers. */
export function callNamed(name: string): Term {
  const numbers = systemCall(name)?.numbers;
  return or(
    architectures.flatMap((a) => (numbers?.[a] === undefined ? [] : [isCall(a, numbers[a] as number)])),
  );
}

function grant({ name, when, conditions }: CallGrant, meaning: "firm" | "soft"): Term {
  const unconditional = !when || (meaning === "firm" && conditions === "soft");
  return and([
    callNamed(name),
    ...(unconditional ? [] : [or(when.map((conjunction) => and(conjunction.map(condition))))]),
  ]);
}

/** Where a call is granted, or let past every filter by the kernel (`uprobe` and `uretprobe`). */
export function policyTerm({ allow }: SystemCalls, meaning: "firm" | "soft"): Term {
  return or([...allow.map((g) => grant(g, meaning)), callNamed("uprobe"), callNamed("uretprobe")]);
}
