/** Taking system calls away: Allow = Grants \ Denies, with conditions on both sides. */
import type { CallGrant, Condition } from "./ir.ts";

type Conjunction = readonly Condition[];

const negate = (condition: Condition): Condition => ({ ...condition, negated: !condition.negated });

/** Whether two conditions compare the same bits of the same argument, as a whole: then their values can be compared. */
const comparable = (a: Condition, b: Condition): boolean =>
  a.argument === b.argument && a.bits === b.bits && a.mask === undefined && b.mask === undefined;

/** Whether two conditions of one conjunction can't both hold: equalities of one argument, with disjoint values. */
function contradict(a: Condition, b: Condition): boolean {
  if (!comparable(a, b)) return false;
  if (a.negated === b.negated) return !a.negated && !a.values.some((v) => b.values.includes(v));
  const [wanted, excluded] = a.negated ? [b, a] : [a, b];
  return wanted.values.every((v) => excluded.values.includes(v));
}

/** Values that negated conditions exclude are dropped from the equality that these stand beside, and with them these. */
function simplify(conjunction: Conjunction): Conjunction | undefined {
  const kept: Condition[] = [];
  for (const condition of conjunction) {
    const partners = conjunction.filter((c) => comparable(c, condition) && c.negated !== condition.negated);
    if (condition.negated) {
      if (partners.length === 0) kept.push(condition);
      continue;
    }
    const values = condition.values.filter((v) => !partners.some((p) => p.values.includes(v)));
    if (values.length === 0) return undefined;
    kept.push({ ...condition, values });
  }
  return kept;
}

/**
 * What is left of a grant: undefined when nothing is. Each denied conjunction turns every alternative into one for
 * each of its conditions, negated: A and not (B and C) is (A and not B) or (A and not C).
 */
export function subtractConditions(
  grant: CallGrant,
  denied: readonly (Conjunction | undefined)[],
): CallGrant | undefined {
  if (denied.length === 0) return grant;
  if (denied.includes(undefined)) return undefined;
  let alternatives: readonly Conjunction[] = grant.when ?? [[]];
  for (const conjunction of denied) {
    alternatives = alternatives.flatMap((alternative) =>
      (conjunction ?? []).flatMap((condition) => {
        const negated = negate(condition);
        if (alternative.some((c) => contradict(c, negated))) return [];
        const left = simplify([...alternative, negated]);
        return left ? [left] : [];
      }),
    );
  }
  const unique = new Map(alternatives.map((a) => [JSON.stringify(a), [...a]]));
  if (unique.size === 0) return undefined;
  const when = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, conditions]) => conditions);
  return { ...grant, when, conditions: "firm" };
}
