/**
 * What is left of rules below a directory. Most tests are settled there once and for all; only those whose answer still
 * makes a difference count, so that places that differ in nothing else are one.
 */
import type { Filter, Leaf } from "./filters.ts";
import type { Step } from "./rules.ts";

/** What a test says everywhere below: yes, no, that it can't be told, or (a text) that it depends on the path. */
export type Fate = "T" | "F" | "?" | `#${number}`;

/** What is left of a filter, and the tests in it. */
export interface Residual {
  readonly text: string;
  readonly open: readonly number[];
}

const fixed = (text: "T" | "F" | "?"): Residual => ({ text, open: [] });

function ofLeaf(fate: Fate): Residual {
  return fate === "T" || fate === "F" || fate === "?"
    ? fixed(fate)
    : { text: fate, open: [Number(fate.slice(1))] };
}

function ofParts(kind: "all" | "any", parts: Iterable<Residual>): Residual {
  const [decisive, neutral] = kind === "any" ? (["T", "F"] as const) : (["F", "T"] as const);
  const left = new Map<string, Residual>();
  for (const part of parts) {
    if (part.text === decisive) return fixed(decisive);
    if (part.text !== neutral) left.set(part.text, part);
  }
  const [only] = left.values();
  if (!only) return fixed(neutral);
  if (left.size === 1) return only;
  return {
    text: `(${kind} ${[...left.keys()].sort().join(" ")})`,
    open: [...left.values()].flatMap((part) => part.open),
  };
}

/** Made one by one: the first that decides is the last that is looked at. */
function* residuals(filters: readonly Filter[], fate: (leaf: Leaf) => Fate): Iterable<Residual> {
  for (const filter of filters) yield residualOf(filter, fate);
}

/** What is left of a filter. */
export function residualOf(filter: Filter, fate: (leaf: Leaf) => Fate): Residual {
  switch (filter.kind) {
    case "all":
    case "any":
      return ofParts(filter.kind, residuals(filter.of, fate));
    case "not": {
      const inner = residualOf(filter.of, fate);
      if (inner.text === "T") return fixed("F");
      if (inner.text === "F") return fixed("T");
      return inner.text === "?" ? inner : { text: `!${inner.text}`, open: inner.open };
    }
    default:
      return ofLeaf(fate(filter));
  }
}

/** A list of rules as far as it still matters below a directory: the first step whose filter holds decides, and else the end. */
export interface RestOfList {
  readonly steps: readonly Step[];
  readonly end: "T" | "F";
}

/** What is left of a list, as a text and as the list that it has become. */
export interface ListResidual extends Residual {
  readonly rest: RestOfList;
}

const fixedList = (end: "T" | "F"): ListResidual => ({ ...fixed(end), rest: { steps: [], end } });

/** What is left of a list; `T` or `F` when it is decided. */
export function residualOfList(
  { steps, end: last }: RestOfList,
  residual: (step: Step) => Residual,
): ListResidual {
  const left: { readonly step: Step; readonly rest: Residual }[] = [];
  let end = last;
  for (const step of steps) {
    const { action } = step.rule;
    const rest = residual(step);
    // What can't be told counts as a yes in an allow and as a no in a deny.
    const decided = rest.text === "?" ? (action === "allow" ? "T" : "F") : rest.text;
    if (decided === "F") continue;
    if (decided === "T") {
      end = action === "allow" ? "T" : "F";
      break;
    }
    left.push({ step, rest });
  }
  const idle = end === "T" ? "allow" : "deny";
  while (left.at(-1)?.step.rule.action === idle) left.pop();
  if (left.length === 0) return fixedList(end);
  return {
    text: `[${left.map(({ step, rest }) => `${step.rule.action} ${rest.text}`).join(", ")}, ${end}]`,
    open: left.flatMap(({ rest }) => rest.open),
    rest: { steps: left.map(({ step }) => step), end },
  };
}

/** What is left where any of several lists suffices. */
export function residualOfAny(
  parts: readonly ListResidual[],
): Residual & { readonly lists: readonly RestOfList[] } {
  const whole = ofParts("any", parts);
  if (whole.text === "T") return { ...whole, lists: [fixedList("T").rest] };
  const lists = new Map(parts.flatMap(({ text, rest }) => (text === "F" ? [] : [[text, rest]])));
  return { ...whole, lists: [...lists.values()] };
}
