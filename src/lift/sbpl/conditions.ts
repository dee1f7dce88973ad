/** Conditions on the system that a profile runs on: whether it has an operation. */

/** When a rule is there. */
export type Condition =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "defined"; readonly name: string }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "and" | "or"; readonly of: readonly Condition[] };

/** Always. */
export const always: Condition = { kind: "constant", value: true };

/** Whether a condition holds where these names are defined and no others. */
export function holdsWhere(condition: Condition, defined: (name: string) => boolean): boolean {
  switch (condition.kind) {
    case "constant":
      return condition.value;
    case "defined":
      return defined(condition.name);
    case "not":
      return !holdsWhere(condition.of, defined);
    case "and":
      return condition.of.every((part) => holdsWhere(part, defined));
    case "or":
      return condition.of.some((part) => holdsWhere(part, defined));
  }
}

/** The names that a condition asks for. */
export function namesIn(condition: Condition): readonly string[] {
  if (condition.kind === "defined") return [condition.name];
  if (condition.kind === "constant") return [];
  return condition.kind === "not" ? namesIn(condition.of) : condition.of.flatMap(namesIn);
}

/** The value of a condition that asks for nothing; undefined when it does. */
export function constantOf(condition: Condition): boolean | undefined {
  if (namesIn(condition).length > 0) return undefined;
  return holdsWhere(condition, () => false);
}

/** Both of two conditions. */
export function both(a: Condition, b: Condition): Condition {
  if (a.kind === "constant") return a.value ? b : a;
  return b.kind === "constant" && b.value ? a : { kind: "and", of: [a, b] };
}

/** The other one. */
export function opposite(condition: Condition): Condition {
  return { kind: "not", of: condition };
}
