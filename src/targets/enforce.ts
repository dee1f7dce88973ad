/** From a target's gaps to diagnostics: what a target does not hold is never silent. */
import { enforcementErrors as e } from "../diagnostics/catalogue/enforcement.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { accepts } from "../policy/accepts.ts";
import type { AcceptItem, ServerIr } from "../policy/ir.ts";
import type { Span } from "../text/span.ts";
import { type Dimension, dimensions, type Gap, type Target, type TargetContext } from "./target.ts";

/** A gap with the dimension it belongs to, and whether the source accepts it. */
export interface FoundGap extends Gap {
  readonly dimension: Dimension;
  readonly accepted: boolean;
}

/** All gaps of a target for a server, in the order of the dimensions. */
export function gapsOf(target: Target, server: ServerIr, context: TargetContext): readonly FoundGap[] {
  return dimensions.flatMap((dimension) =>
    target.answers[dimension].gaps(server, context).map((gap) => ({
      ...gap,
      dimension,
      accepted: gap.item !== undefined && accepts(server, target.name, gap.item),
    })),
  );
}

/** The diagnostics of a target's gaps. `spans` are those of the clauses of the IR. */
export function reportGaps(
  target: Target,
  server: ServerIr,
  gaps: readonly FoundGap[],
  spans: readonly Span[],
): readonly Diagnostic[] {
  const left = [...new Set(gaps.filter((gap) => gap.kind === "companion").map((gap) => gap.message))];
  const layer =
    left.length === 0
      ? []
      : target.kind === "sandbox"
        ? [e.assumed.report({ target: target.name, left: left.join("; ") }, { server: server.name })]
        : [e.companion.report({ target: target.name, left: left.join("; ") }, { server: server.name })];
  const others = gaps.flatMap((gap): Diagnostic[] => {
    const at = gap.origin === undefined ? undefined : spans[gap.origin];
    const isStd = at?.source.name.startsWith("std:");
    const notes = gap.help === undefined ? [] : [gap.help];
    const occurrence = { at: isStd ? undefined : at, server: server.name, notes };
    const holes = { target: target.name, message: gap.message };
    if (gap.kind === "slack") return [e.slack.report(holes, occurrence)];
    if (gap.kind === "soft") return [e.soft.report(holes, occurrence)];
    if (gap.kind === "companion") return [];
    if (gap.accepted) return [];
    if (gap.item === undefined) return [e.refused.report(holes, occurrence)];
    return [e.residual.report({ ...holes, line: `accept ${target.name}: ${gap.item};` }, occurrence)];
  });
  return [...others, ...layer];
}

/** Lines for an artifact's header: what it does not enforce. */
export function notEnforced(gaps: readonly FoundGap[]): readonly string[] {
  const lines = gaps
    .filter((gap) => gap.kind !== "slack")
    .map((gap) => `${gap.dimension}: ${gap.message}${gap.accepted ? " (accepted)" : ""}`);
  return [...new Set(lines)];
}

/**
 * Accepts that the server itself writes for a target, and that change none of its gaps; `own` says which clauses are the
 * server's own. A deputy is accepted for the policy and not for a target.
 */
export function deadAccepts(
  target: Target,
  server: ServerIr,
  context: TargetContext,
  spans: readonly Span[],
  own: ReadonlySet<number>,
): readonly Diagnostic[] {
  const written = server.accepts.filter(
    ({ targets, item, origin }) =>
      targets.includes(target.name) && own.has(origin) && !item.startsWith("deputy."),
  );
  const gaps = JSON.stringify(gapsOf(target, server, context));
  return written.flatMap((one) => {
    const without = { ...server, accepts: server.accepts.filter((other) => other.item !== one.item) };
    const strict = { ...context, accepts: (item: AcceptItem) => item !== one.item && context.accepts(item) };
    if (JSON.stringify(gapsOf(target, without, strict)) !== gaps) return [];
    const at = spans[one.origin];
    return [e.deadAccept.report({ target: target.name, item: one.item }, { at, server: server.name })];
  });
}
