/**
 * Containment of a seccomp profile in a policy as SMT-LIB 2 over bit vectors: one call of x86_64 that the profile permits
 * and the policy does not. Made from the profile's JSON and the policy's conditions alone; it shares nothing with the
 * diagrams but the table of numbers.
 */
import { systemCall, x32Calls } from "../../src/linux/index.ts";
import type { Condition, SystemCalls } from "../../src/policy/ir.ts";

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly { index: number; value: string; valueTwo?: string; op: string }[];
}

interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly Rule[];
}

const vector = (value: bigint | string, bits: number): string =>
  `(_ bv${BigInt.asUintN(bits, BigInt(value))} ${bits})`;
const all = (of: readonly string[]): string => (of.length === 0 ? "true" : `(and true ${of.join(" ")})`);
const some = (of: readonly string[]): string => (of.length === 0 ? "false" : `(or false ${of.join(" ")})`);
const not = (of: string): string => `(not ${of})`;
const low = (word: string, bits: number): string =>
  bits === 64 ? word : `((_ extract ${bits - 1} 0) ${word})`;
const isNumber = (number: number): string => `(= n ${vector(BigInt(number), 32)})`;

function compares(arg: NonNullable<Rule["args"]>[number], bits: number): string {
  const word = low(`a${arg.index}`, bits);
  const value = vector(arg.value, bits);
  switch (arg.op) {
    case "SCMP_CMP_EQ":
      return `(= ${word} ${value})`;
    case "SCMP_CMP_NE":
      return not(`(= ${word} ${value})`);
    case "SCMP_CMP_LT":
      return `(bvult ${word} ${value})`;
    case "SCMP_CMP_LE":
      return `(bvule ${word} ${value})`;
    case "SCMP_CMP_GE":
      return `(bvuge ${word} ${value})`;
    case "SCMP_CMP_GT":
      return `(bvugt ${word} ${value})`;
    default:
      return `(= (bvand ${word} ${value}) (bvand ${vector(arg.valueTwo ?? "0", bits)} ${value}))`;
  }
}

/** Where a rule's comparisons hold, for some runtime or for every one. */
function comparisons({ args = [] }: Rule, widths: readonly number[], any: boolean): string {
  const twice = new Set(args.map((a) => a.index)).size < args.length;
  const each = widths.map((bits) => args.map((arg) => compares(arg, bits)));
  return any ? some(each.map((of) => (twice ? some(of) : all(of)))) : all(each.map(all));
}

/** Calls that a rule is about: natively, and of x32 where that is named. */
function about(rule: Rule, x32: boolean, any: boolean): string {
  const numbers = (of: readonly (number | undefined)[]): string[] =>
    of.flatMap((n) => (n === undefined || (!any && (n & 0x3fffffff) > 450) ? [] : [isNumber(n)]));
  const native = numbers(rule.names.map((name) => systemCall(name)?.numbers.x86_64));
  const compat = x32 ? numbers(rule.names.map((name) => x32Calls().get(name))) : [];
  return some([
    all([some(native), comparisons(rule, [64], any)]),
    all([some(compat), comparisons(rule, [32, 64], any)]),
  ]);
}

function profilePermits(text: string): string {
  const profile = JSON.parse(text.replace(/("(?:value|valueTwo)"\s*:\s*)(\d+)/g, '$1"$2"')) as Profile;
  const x32 = profile.architectures.includes("SCMP_ARCH_X32");
  const denies = (action: string): boolean => /_(?:KILL.*|ERRNO)$/.test(action);
  const answer = (action: string, errno = 1): string => (action.endsWith("ERRNO") ? `${errno}` : action);
  const standard = answer(profile.defaultAction, profile.defaultErrnoRet);
  const granted = profile.syscalls.filter((r) => !denies(r.action)).map((r) => about(r, x32, true));
  if (denies(profile.defaultAction)) return some(granted);
  const refused = profile.syscalls
    .filter((r) => denies(r.action) && answer(r.action, r.errnoRet) !== standard)
    .map((r) => about(r, x32, false));
  return some([...granted, not(some(refused))]);
}

function holds({ argument, bits, mask, values, negated }: Condition): string {
  const word = low(`a${argument}`, bits);
  const masked = mask === undefined ? word : `(bvand ${word} ${vector(mask, bits)})`;
  const one = some(values.map((value) => `(= ${masked} ${vector(value, bits)})`));
  return negated ? not(one) : one;
}

function policyPermits({ allow }: SystemCalls): string {
  return some(
    allow.flatMap(({ name, when }) => {
      const number = systemCall(name)?.numbers.x86_64;
      if (number === undefined) return [];
      const conditions = when?.map((conjunction) => all(conjunction.map(holds)));
      return [all([isNumber(number), ...(conditions ? [some(conditions)] : [])])];
    }),
  );
}

/** Satisfiable exactly when the profile permits a call that the policy does not; `n` is its number, `a0` … its words. */
export function excessText(profile: string, policy: SystemCalls): string {
  const exempt = some([335, 336].map(isNumber));
  return [
    "(declare-const n (_ BitVec 32))",
    ...[0, 1, 2, 3, 4, 5].map((index) => `(declare-const a${index} (_ BitVec 64))`),
    `(assert ${profilePermits(profile)})`,
    `(assert ${not(policyPermits(policy))})`,
    `(assert ${not(exempt)})`,
  ].join("\n");
}
