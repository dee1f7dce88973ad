/**
 * The table of rules. An operation is decided by its filtered rules, the newest first; then by its one unfiltered rule;
 * then by the operation that it falls back to.
 *
 * Source: Apple's rule compiler, in Scheme, as it was published with macOS 10.9.
 */
import { holdsWhere, namesIn } from "./conditions.ts";
import { judge, type Tri, type Truth } from "./filters.ts";
import { chainOf, defaultOf } from "./operations.ts";
import { SbError } from "./read.ts";
import type { DecisionList, Rule, Step } from "./rules.ts";

/** What decided: a rule, or an operation's default. */
export type Reason =
  | { readonly kind: "rule"; readonly rule: Rule }
  | { readonly kind: "default"; readonly of: string; readonly known: boolean };

/** A profile's rules by operation. */
export interface Table {
  /** Why an operation may be permitted; undefined when it is not. What is unknown is taken to permit. */
  readonly permits: (operation: string, truth: Truth) => Reason | undefined;
  /** How an operation is decided, on each kind of system. */
  readonly listsOf: (operation: string) => readonly DecisionList[];
  /** Equal for operations that the same filters decide in the same way. */
  readonly kindOf: (operation: string) => string;
  /** The rules that may have a say in an operation. */
  readonly rulesOf: (operation: string) => readonly Rule[];
}

const mostConditions = 8;

type Numbered = (rule: Rule) => Step | undefined;

function listWhere(
  chain: readonly string[],
  rules: ReadonlyMap<string, readonly Rule[]>,
  defined: ReadonlySet<string>,
  stepOf: Numbered,
): DecisionList {
  const steps: Step[] = [];
  for (const operation of chain) {
    const present = (rules.get(operation) ?? []).filter((rule) =>
      holdsWhere(rule.condition, (name) => defined.has(name)),
    );
    steps.push(...present.flatMap((rule) => stepOf(rule) ?? []).reverse());
    const slot = present.filter((rule) => !rule.filter).at(-1);
    if (slot) return { steps, end: slot };
  }
  return { steps, end: { operation: chain.at(-1) ?? "" } };
}

/**
 * The lists of each kind of system that has the operation: it and what it falls back to are there, and whatever else the
 * rules ask for may be or not.
 */
function listsFor(
  operation: string,
  rules: ReadonlyMap<string, readonly Rule[]>,
  stepOf: Numbered,
): readonly DecisionList[] {
  const chain = chainOf(operation);
  const own = chain.flatMap((name) => rules.get(name) ?? []);
  const asked = [...new Set(own.flatMap((rule) => namesIn(rule.condition)))].filter(
    (name) => !chain.includes(name),
  );
  if (asked.length > mostConditions)
    throw new SbError(
      `the rules of ${operation} depend on more than ${mostConditions} conditions`,
      own[0]?.at ?? 0,
    );
  return Array.from({ length: 1 << asked.length }, (_, world) => {
    const present = asked.filter((__, bit) => (world & (1 << bit)) !== 0);
    return listWhere(chain, rules, new Set([...chain, ...present]), stepOf);
  });
}

/** Why a list may permit, by what its filters say; undefined when it denies. */
function decideBy(
  { steps, end }: DecisionList,
  operation: string,
  says: (step: Step) => Tri,
): Reason | undefined {
  for (const step of steps) {
    const { rule } = step;
    const found = says(step);
    if (rule.action === "allow" && found !== false) return { kind: "rule", rule };
    if (rule.action === "deny" && found === true) return undefined;
  }
  if ("action" in end) return end.action === "allow" ? { kind: "rule", rule: end } : undefined;
  const last = defaultOf(operation);
  return last === "deny" ? undefined : { kind: "default", of: end.operation, known: last === "allow" };
}

/** Numbers filters; one that stands in several rules has one number. */
function numbered(): Numbered {
  const numbers = new Map<object, number>();
  return (rule) => {
    const { filter } = rule;
    if (!filter) return undefined;
    const number = numbers.get(filter) ?? numbers.size;
    numbers.set(filter, number);
    return { rule, filter, number };
  };
}

/** A list as a text: what decides in it, and how. */
const textOf = ({ steps, end }: DecisionList, operation: string): string =>
  `${steps.map(({ rule, number }) => `${rule.action} ${number}`).join()} ${"action" in end ? end.action : defaultOf(operation)}`;

/** The table of a profile's rules, in the order of the text. */
export function tableOf(list: readonly Rule[]): Table {
  const rules = new Map<string, Rule[]>();
  for (const rule of list) {
    const own = rules.get(rule.operation);
    if (own) own.push(rule);
    else rules.set(rule.operation, [rule]);
  }
  const stepOf = numbered();
  const known = new Map<string, readonly DecisionList[]>();
  const listsOf = (operation: string): readonly DecisionList[] => {
    const found = known.get(operation);
    if (found) return found;
    const lists = listsFor(operation, rules, stepOf);
    // Kinds of systems that decide alike are one.
    const distinct = [...new Map(lists.map((one) => [textOf(one, operation), one])).values()];
    known.set(operation, distinct);
    return distinct;
  };
  return {
    permits: (operation, truth) => {
      for (const one of listsOf(operation)) {
        const reason = decideBy(one, operation, ({ filter }) => judge(filter, truth));
        if (reason) return reason;
      }
      return undefined;
    },
    listsOf,
    kindOf: (operation) =>
      listsOf(operation)
        .map((one) => textOf(one, operation))
        .join(" | "),
    rulesOf: (operation) => chainOf(operation).flatMap((name) => rules.get(name) ?? []),
  };
}
