/**
 * The table of rules. An operation is decided by its filtered rules, the newest first; then by its one unfiltered rule;
 * then by the operation that it falls back to.
 *
 * Source: Apple's rule compiler, in Scheme, as it was published with macOS 10.9.
 */
import { holdsWhere, namesIn } from "./conditions.ts";
import { type Filter, judge, type Truth } from "./filters.ts";
import { chainOf, defaultOf } from "./operations.ts";
import { SbError } from "./read.ts";
import { type Residual, residualOfColumns } from "./residual.ts";
import type { Column, Rule } from "./rules.ts";

/** What decided: a rule, or an operation's default. */
export type Reason =
  | { readonly kind: "rule"; readonly rule: Rule }
  | { readonly kind: "default"; readonly of: string; readonly known: boolean };

/** A profile's rules by operation. */
export interface Table {
  /** Why an operation may be permitted; undefined when it is not. What is unknown is taken to permit. */
  readonly permits: (operation: string, truth: Truth) => Reason | undefined;
  /** What is left of an operation's rules, for each kind of system. */
  readonly residuals: (operation: string, residual: (filter: Filter) => Residual) => readonly Residual[];
  /** Equal for operations that the same rules decide in the same way. */
  readonly kindOf: (operation: string) => string;
  /** The rules that may have a say in an operation. */
  readonly rulesOf: (operation: string) => readonly Rule[];
}

const mostConditions = 8;

function columnsWhere(
  chain: readonly string[],
  rules: ReadonlyMap<string, readonly Rule[]>,
  defined: ReadonlySet<string>,
): readonly Column[] {
  return chain.map((operation) => {
    const present = (rules.get(operation) ?? []).filter((rule) =>
      holdsWhere(rule.condition, (name) => defined.has(name)),
    );
    return {
      operation,
      filtered: present.filter((rule) => rule.filter).reverse(),
      slot: present.filter((rule) => !rule.filter).at(-1),
    };
  });
}

/**
 * The columns of each kind of system that has the operation: it and what it falls back to are there, and whatever else
 * the rules ask for may be or not.
 */
function worldsOf(
  operation: string,
  rules: ReadonlyMap<string, readonly Rule[]>,
): readonly (readonly Column[])[] {
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
    return columnsWhere(chain, rules, new Set([...chain, ...present]));
  });
}

function decide(operation: string, columns: readonly Column[], truth: Truth): Reason | undefined {
  for (const { filtered, slot } of columns) {
    for (const rule of filtered) {
      const found = rule.filter && judge(rule.filter, truth);
      if (rule.action === "allow" && found !== false) return { kind: "rule", rule };
      if (rule.action === "deny" && found === true) return undefined;
    }
    if (slot) return slot.action === "allow" ? { kind: "rule", rule: slot } : undefined;
  }
  const last = defaultOf(operation);
  if (last === "deny") return undefined;
  return { kind: "default", of: columns.at(-1)?.operation ?? operation, known: last === "allow" };
}

/** The table of a profile's rules, in the order of the text. */
export function tableOf(list: readonly Rule[]): Table {
  const rules = new Map<string, Rule[]>();
  for (const rule of list) rules.set(rule.operation, [...(rules.get(rule.operation) ?? []), rule]);
  const worlds = new Map<string, readonly (readonly Column[])[]>();
  const numbers = new Map<Filter, number>();
  const numberOf = (filter: Filter): number => {
    numbers.set(filter, numbers.get(filter) ?? numbers.size);
    return numbers.get(filter) ?? 0;
  };
  const of = (operation: string): readonly (readonly Column[])[] => {
    const known = worlds.get(operation) ?? worldsOf(operation, rules);
    worlds.set(operation, known);
    return known;
  };
  return {
    permits: (operation, truth) => {
      for (const columns of of(operation)) {
        const reason = decide(operation, columns, truth);
        if (reason) return reason;
      }
      return undefined;
    },
    residuals: (operation, residual) =>
      of(operation).map((columns) =>
        residualOfColumns(columns, defaultOf(operation) === "deny" ? "F" : "T", residual),
      ),
    kindOf: (operation) => {
      const text = of(operation).map((columns) =>
        columns.flatMap(({ filtered, slot }) => [
          ...filtered.map(({ action, filter }) => `${action} ${filter && numberOf(filter)}`),
          slot?.action ?? "on",
        ]),
      );
      return `${text.map((columns) => columns.join(", ")).join(" | ")} ${defaultOf(operation)}`;
    },
    rulesOf: (operation) => chainOf(operation).flatMap((name) => rules.get(name) ?? []),
  };
}
