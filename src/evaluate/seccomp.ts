/**
 * Whether one call gets through an OCI seccomp profile under some runtime: one call, one answer, by the words of the
 * specification. It shares nothing with the lifter, so that each counterexample of the one is confirmed by the other.
 */

interface Rule {
  readonly names?: readonly string[];
  readonly action?: string;
  readonly args?: readonly { index: number; value: string; valueTwo?: string; op: string }[];
}

interface Profile {
  readonly defaultAction?: string;
  readonly syscalls?: readonly Rule[];
}

/** A call by its name where it has one. */
export interface NamedCall {
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

function holds(args: NonNullable<Rule["args"]>, words: readonly bigint[], bits: number): boolean {
  const low = (value: bigint): bigint => BigInt.asUintN(bits, value);
  const hits = args.map(({ index, value, valueTwo = "0", op }) =>
    compares(low(words[index] ?? 0n), op, low(BigInt(value)), low(BigInt(valueTwo))),
  );
  const twice = new Set(args.map((a) => a.index)).size < args.length;
  return twice ? hits.some(Boolean) : hits.every(Boolean);
}

/** Whether a rule is about a call; of x32, some runtimes compare the low half of a word, and `some` of them are enough. */
function speaksOf({ names = [], args = [] }: Rule, { name, words }: NamedCall, some: boolean): boolean {
  if (name === undefined || !names.includes(name.replace(/^x32:/, ""))) return false;
  const hits = (name.startsWith("x32:") ? [32, 64] : [64]).map((bits) => holds(args, words, bits));
  return some ? hits.some(Boolean) : hits.every(Boolean);
}

/** Whether some runtime lets the call through. */
export function permitsCall(text: string, call: NamedCall): boolean {
  // Numbers of 64 bits do not survive JSON.parse.
  const profile = JSON.parse(text.replace(/("(?:value|valueTwo)"\s*:\s*)(\d+)/g, '$1"$2"')) as Profile;
  const rules = profile.syscalls ?? [];
  const denies = ({ action = "" }: Rule): boolean => denials.test(action);
  if (rules.some((rule) => !denies(rule) && speaksOf(rule, call, true))) return true;
  const refused = rules.some((rule) => denies(rule) && speaksOf(rule, call, false));
  return !denials.test(profile.defaultAction ?? "") && !refused;
}
