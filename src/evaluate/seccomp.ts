/**
 * Whether one call gets through an OCI seccomp profile under some runtime: one call, one answer, by the words of the
 * specification. It shares nothing with the lifter, so that each counterexample of the one is confirmed by the other.
 */

import { selectorOf } from "./multiplexed.ts";

interface Rule {
  readonly names?: readonly string[];
  readonly action?: string;
  readonly args?: readonly { index: number; value: string; valueTwo?: string; op: string }[];
}

interface Profile {
  readonly defaultAction?: string;
  readonly syscalls?: readonly Rule[];
}

/** A call by its name where it has one; `entry` tells i386 from the others. */
export interface NamedCall {
  readonly entry?: string;
  readonly number?: number;
  readonly name?: string;
  readonly words: readonly bigint[];
}

const denials = /^SCMP_ACT_(?:ERRNO|KILL(?:_PROCESS|_THREAD)?)$/;

function compares(word: bigint, op: string, value: bigint, two: bigint): boolean {
  const operations: Readonly<Record<string, boolean>> = {
    SCMP_CMP_EQ: word === value,
    SCMP_CMP_NE: word !== value,
    SCMP_CMP_GE: word >= value,
    SCMP_CMP_GT: word > value,
    SCMP_CMP_LE: word <= value,
    SCMP_CMP_LT: word < value,
    SCMP_CMP_MASKED_EQ: (word & value) === (two & value),
  };
  return operations[op] ?? true;
}

/** Whether comparisons hold: each of them; or, for runtimes that make a rule of each where an index stands twice, one. */
function holds(
  args: NonNullable<Rule["args"]>,
  words: readonly bigint[],
  bits: number,
  some: boolean,
): boolean {
  const low = (value: bigint): bigint => BigInt.asUintN(bits, value);
  const hits = args.map(({ index, value, valueTwo = "0", op }) =>
    compares(low(words[index] ?? 0n), op, low(BigInt(value)), low(BigInt(valueTwo))),
  );
  const twice = new Set(args.map((a) => a.index)).size < args.length;
  return some && twice ? hits.some(Boolean) : hits.every(Boolean);
}

/** The words that runtimes compare: of i386 32 bits, of x32 the low half or all. */
function widths({ entry, name = "" }: NamedCall): readonly number[] {
  if (entry === "i386") return [32];
  return name.startsWith("x32:") ? [32, 64] : [64];
}

/** The last call of Linux 5.17, with which the oldest tables of libseccomp in use end. */
const lastKnown = 450;

/** Whether a rule is about a call: for `some` runtime, or for every one. */
function speaksOf({ names = [], args = [] }: Rule, call: NamedCall, some: boolean): boolean {
  const { name, number = 0, words } = call;
  if (name === undefined || !names.includes(name.replace(/^x32:/, ""))) return false;
  if (!some && (number & 0x3fffffff) > lastKnown) return false;
  const hits = widths(call).map((bits) => holds(args, words, bits, some));
  return some ? hits.some(Boolean) : hits.every(Boolean);
}

/** Whether a rule opens the call that others are behind on i386: all of it where libseccomp drops its conditions. */
function opens({ names = [], args = [] }: Rule, { entry, name, words }: NamedCall): boolean {
  if (entry !== "i386") return false;
  return names.some((behind) => {
    const selector = selectorOf(behind, name);
    return selector !== undefined && (args.length > 0 || selector === words[0]);
  });
}

/** Whether some runtime lets the call through. */
export function permitsCall(text: string, call: NamedCall): boolean {
  // Numbers of 64 bits do not survive JSON.parse.
  const profile = JSON.parse(text.replace(/("(?:value|valueTwo)"\s*:\s*)(\d+)/g, '$1"$2"')) as Profile;
  const rules = profile.syscalls ?? [];
  const denies = ({ action = "" }: Rule): boolean => denials.test(action);
  if (rules.some((rule) => !denies(rule) && (speaksOf(rule, call, true) || opens(rule, call)))) return true;
  const refused = rules.some((rule) => denies(rule) && speaksOf(rule, call, false));
  return !denials.test(profile.defaultAction ?? "") && !refused;
}

/** Whether a call may get past a profile that starts something; one that can't be read holds back nothing that is known. */
export function mayPass(text: string, call: NamedCall): boolean {
  try {
    return permitsCall(text, call);
  } catch {
    return true;
  }
}
