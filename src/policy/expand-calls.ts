/** `syscalls`: from lists with groups and `...` to the calls that are granted. */
import { meaningErrors } from "../diagnostics/catalogue/meaning.ts";
import { nameErrors as e } from "../diagnostics/catalogue/names.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import {
  constant,
  constantNames,
  constantValue,
  type SystemCall,
  systemCall,
  systemCalls,
} from "../linux/index.ts";
import type { CallNode, ConditionNode, SyscallsClause, ValueNode } from "../syntax/ast.ts";
import type { LowerContext, Sourced } from "./context.ts";
import type { CallGrant, Condition, SystemCalls } from "./ir.ts";
import type { LoadedFile } from "./load.ts";
import { subtractConditions } from "./subtract.ts";

/** An entry of an expanded list. */
interface Entry {
  readonly name: string;
  readonly when: readonly Condition[] | undefined;
  readonly firm: boolean;
  readonly origin: number;
}

/** What `...` stands for, and which families a bare `socket` means. */
export interface CallInputs {
  readonly clauses: readonly Sourced<SyscallsClause>[];
  /** The clause whose grants count: the nearest one; none means `default-deny + [...]`. */
  readonly own: Sourced<SyscallsClause> | undefined;
  /** Whether that clause stands in the server's own block, and not in a profile, which is written for many servers. */
  readonly isOwnBlock: boolean;
  readonly runtime: Sourced<SyscallsClause> | undefined;
  /** Names of the groups that the server's clauses imply, and the clause that does. */
  readonly implied: readonly { readonly group: string; readonly origin: number }[];
  readonly families: { readonly inet: boolean; readonly unix: boolean };
}

interface Expansion {
  readonly context: LowerContext;
  readonly inputs: CallInputs;
  /** Whether entries come from the policy, not from the standard library's own lists. */
  readonly firm: boolean;
  readonly origin: number;
  /** Whether the list stands behind `-`: a bare `socket` there means every family. */
  readonly taking?: true;
}

function numberOf(context: LowerContext, node: ValueNode): bigint | undefined {
  if (/^-?[0-9]/.test(node.text))
    return BigInt.asUintN(64, node.text.startsWith("-") ? -BigInt(node.text.slice(1)) : BigInt(node.text));
  const value = constantValue(node.text);
  if (value !== undefined) return BigInt.asUintN(64, value);
  if (constant(node.text)) {
    context.report(e.differingConstant.report({ name: node.text }, { at: node.span }));
    return undefined;
  }
  context.report(e.unknownConstant.report({ name: node.text }, { at: node.span, ...suggestConstant(node) }));
  return undefined;
}

function suggestConstant(node: ValueNode) {
  const prefix = node.text.slice(0, node.text.indexOf("_") + 1);
  const alike = [...constantNames()].filter((name) => prefix === "" || name.startsWith(prefix));
  const meant = didYouMean(node.text, alike);
  return {
    fixes: meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: node.span, newText: meant }] }]
      : [],
  };
}

/** A value as the kernel sees it: the low bits of the argument's width. */
function truncate(value: bigint, bits: 32 | 64): bigint | undefined {
  if (bits === 64) return value;
  const low = BigInt.asUintN(32, value);
  const isNegative = value >> 32n === 0xffffffffn && low >> 31n === 1n;
  return value === low || isNegative ? low : undefined;
}

function readCondition(context: LowerContext, call: SystemCall, node: ConditionNode): Condition | undefined {
  const index = call.parameters.findIndex((p) => p.name === node.argument.text);
  const parameter = call.parameters[index];
  if (!parameter) {
    const names = call.parameters.map((p) => p.name);
    const meant = didYouMean(node.argument.text, names);
    const fixes = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: node.argument.span, newText: meant }] }]
      : [];
    const known = names.length === 0 ? "none" : names.map((n) => `\`${n}\``).join(", ");
    context.report(
      e.unknownArgument.report(
        { call: call.name, name: node.argument.text, known },
        { at: node.argument.span, fixes },
      ),
    );
    return undefined;
  }
  const read = (value: ValueNode): string | undefined => {
    const number = numberOf(context, value);
    const fitting = number === undefined ? undefined : truncate(number, parameter.bits);
    if (number !== undefined && fitting === undefined) {
      const holes = { text: value.text, bits: parameter.bits, name: parameter.name };
      context.report(e.valueTooLarge.report(holes, { at: value.span }));
    }
    return fitting?.toString();
  };
  const values = node.values.map(read);
  const mask = node.mask && read(node.mask);
  if (values.some((v) => v === undefined) || (node.mask && mask === undefined)) return undefined;
  if (node.mask && mask !== undefined) {
    const outside = node.values.find((_, at) => (BigInt(values[at] ?? "0") & ~BigInt(mask)) !== 0n);
    if (outside) {
      context.report(
        e.outsideMask.report({ value: outside.text, mask: node.mask.text }, { at: outside.span }),
      );
      return undefined;
    }
  }
  const sorted = [...new Set(values.map((v) => BigInt(v ?? "0")))]
    .sort((a, b) => (a < b ? -1 : 1))
    .map(String);
  return {
    argument: index,
    name: parameter.name,
    bits: parameter.bits,
    ...(mask !== undefined && { mask }),
    values: sorted,
    negated: false,
  };
}

const afUnix = 1n;
const inetFamilies: readonly bigint[] = [2n, 10n];
const familyNames: ReadonlyMap<bigint, string> = new Map([
  [afUnix, "AF_UNIX"],
  [2n, "AF_INET"],
  [10n, "AF_INET6"],
]);

/** The families that `net` and `unix` grant, as a condition on `socket`'s first argument. */
function familyCondition(families: CallInputs["families"]): Condition | undefined {
  const values = [...(families.unix ? [afUnix] : []), ...(families.inet ? inetFamilies : [])];
  if (values.length === 0) return undefined;
  return { argument: 0, name: "domain", bits: 32, values: values.map(String), negated: false };
}

/** Refuses a family that no clause grants. */
function contradicts(x: Expansion, call: string, when: readonly Condition[], node: CallNode): boolean {
  if (call !== "socket" || !x.firm) return false;
  const { families } = x.inputs;
  for (const condition of when) {
    if (condition.argument !== 0 || condition.mask !== undefined) continue;
    for (const value of condition.values) {
      const inet = inetFamilies.includes(BigInt(value)) && !families.inet;
      if (!inet && !(BigInt(value) === afUnix && !families.unix)) continue;
      const family = familyNames.get(BigInt(value)) ?? value;
      const clause = inet ? "`net`" : "`unix`";
      x.context.report(meaningErrors.familyContradiction.report({ family, clause }, { at: node.span }));
      return true;
    }
  }
  return false;
}

function expandCall(x: Expansion, node: Extract<CallNode, { kind: "call" }>): Entry[] {
  const call = systemCall(node.name);
  if (!call) {
    const meant = didYouMean(node.name, systemCalls().keys());
    const fixes = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: node.nameSpan, newText: meant }] }]
      : [];
    x.context.report(e.unknownCall.report({ name: node.name }, { at: node.nameSpan, fixes }));
    return [];
  }
  const when = node.conditions.flatMap((condition) => readCondition(x.context, call, condition) ?? []);
  if (when.length < node.conditions.length) return [];
  if (contradicts(x, call.name, when, node)) return [];
  const base = { name: call.name, firm: x.firm, origin: x.origin };
  if (when.length > 0) return [{ ...base, when: sortConditions(when) }];
  if (call.name !== "socket" || x.taking) return [{ ...base, when: undefined }];
  const families = familyCondition(x.inputs.families);
  return families ? [{ ...base, firm: true, when: [families] }] : [];
}

function sortConditions(when: readonly Condition[]): Condition[] {
  return [...when].sort(
    (a, b) => a.argument - b.argument || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1),
  );
}

function expandGroup(x: Expansion, name: string, node: CallNode, ring: readonly string[]): Entry[] {
  const found = x.context.policy.groups.get(name) ?? x.context.std.groups.get(name);
  if (!found) {
    const names = [...x.context.policy.groups.keys(), ...x.context.std.groups.keys()];
    const meant = didYouMean(name, names);
    const fixes = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: node.span, newText: meant }] }]
      : [];
    x.context.report(e.unknownGroup.report({ name }, { at: node.span, fixes }));
    return [];
  }
  if (ring.includes(name)) {
    const names = [...ring.slice(ring.indexOf(name)), name].join(" → ");
    x.context.report(e.groupCycle.report({ ring: names }, { at: node.span }));
    return [];
  }
  // The conditions of a group of the standard library are its own, not the policy's words.
  const firm = x.firm && !found.file.isStd;
  return expandNodes({ ...x, firm }, found.declaration.calls, [...ring, name]);
}

function expandNodes(x: Expansion, calls: readonly CallNode[], ring: readonly string[] = []): Entry[] {
  return calls.flatMap((node) => {
    if (node.kind === "call") return expandCall(x, node);
    if (node.kind === "group") return expandGroup(x, node.name, node, ring);
    return spread(x);
  });
}

const originIn = (context: LowerContext, file: LoadedFile, clause: SyscallsClause): number =>
  context.origins.of(file, clause.span);

/** `...`: the runtime's list, and the groups that the clauses imply. */
function spread(x: Expansion): Entry[] {
  const { context, inputs } = x;
  const soft = { context, inputs, firm: false };
  const { runtime } = inputs;
  const fromRuntime = runtime
    ? positive({ ...soft, origin: originIn(context, runtime.file, runtime.clause) }, runtime.clause)
    : [];
  // System calls are no dimension of macOS: groups are known there, so that one policy compiles for both, and none is implied.
  const implied = context.platform === "macos" ? [] : inputs.implied;
  const fromClauses = implied.flatMap(({ group, origin }) => {
    const declared = context.std.groups.get(group);
    return declared ? expandNodes({ ...soft, origin }, declared.declaration.calls, [group]) : [];
  });
  return [...fromRuntime, ...fromClauses];
}

function positive(x: Expansion, clause: SyscallsClause): Entry[] {
  return clause.lists.filter((list) => list.sign === "+").flatMap((list) => expandNodes(x, list.calls));
}

function negative(context: LowerContext, inputs: CallInputs): Entry[] {
  return inputs.clauses.flatMap(({ clause, file }) =>
    clause.lists
      .filter((list) => list.sign === "-")
      .flatMap((list) => {
        // A condition on a family that no clause grants is no contradiction where it is taken away.
        const all = { ...inputs, families: { inet: true, unix: true } };
        const origin = originIn(context, file, clause);
        const x: Expansion = { context, inputs: all, firm: true, origin, taking: true };
        const entries = expandNodes(x, list.calls);
        if (entries.length === 0) {
          context.report(
            meaningErrors.nothingLeft.report({ calls: "this list behind `-`" }, { at: list.span }),
          );
        }
        return entries;
      }),
  );
}

/** What is taken away and was never granted: a `-` that takes nothing away. */
function deadSubtractions(context: LowerContext, inputs: CallInputs, granted: ReadonlySet<string>): void {
  if (!inputs.own || !inputs.isOwnBlock) return;
  const { clause, file } = inputs.own;
  const all = { ...inputs, families: { inet: true, unix: true } };
  const x: Expansion = {
    context: { ...context, report: () => {} },
    inputs: all,
    firm: true,
    origin: originIn(context, file, clause),
    taking: true,
  };
  for (const node of clause.lists.flatMap((list) => (list.sign === "-" ? list.calls : []))) {
    const entries = node.kind === "spread" ? [] : expandNodes(x, [node]);
    if (entries.length === 0 || entries.some(({ name }) => granted.has(name))) continue;
    const { source, start, end } = node.span;
    const text = `- [${source.text.slice(start, end)}]`;
    context.report(meaningErrors.deadDeny.report({ text }, { at: node.span }));
  }
}

/** Unites the entries of one call: unconditional beats conditional, conjunctions are alternatives. */
function unite(name: string, entries: readonly Entry[]): CallGrant {
  const origins = [...new Set(entries.map((entry) => entry.origin))].sort((a, b) => a - b);
  const firm = entries.some((entry) => entry.firm);
  const unconditional = entries.some((entry) => entry.when === undefined);
  const alternatives = new Map(
    entries.flatMap(({ when }) => (when ? [[JSON.stringify(when), when] as const] : [])),
  );
  const when = [...alternatives]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, conditions]) => [...conditions]);
  return {
    name,
    ...(!unconditional && { when }),
    conditions: firm || unconditional ? "firm" : "soft",
    origins,
  };
}

/** Expands the lists of a server. */
export function expandCalls(context: LowerContext, inputs: CallInputs): SystemCalls {
  const { own } = inputs;
  const origin = own ? originIn(context, own.file, own.clause) : 0;
  const x: Expansion = { context, inputs, firm: true, origin };
  const granted = own ? positive(x, own.clause) : spread(x);
  const denied = negative(context, inputs);
  const byName = new Map<string, Entry[]>();
  deadSubtractions(context, inputs, new Set(granted.map(({ name }) => name)));
  for (const entry of granted) byName.set(entry.name, [...(byName.get(entry.name) ?? []), entry]);
  const allow = [...byName]
    .map(([name, entries]) => unite(name, entries))
    .flatMap(
      (grant) =>
        subtractConditions(
          grant,
          denied.filter((d) => d.name === grant.name).map((d) => d.when),
        ) ?? [],
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Map(denied.map((d) => [d.name, d.origin]));
  const exact =
    own !== undefined &&
    !own.clause.lists.some((l) => l.sign === "+" && l.calls.some((c) => c.kind === "spread"));
  return {
    exact,
    allow,
    denied: [...names].map(([name, at]) => ({ name, origin: at })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
