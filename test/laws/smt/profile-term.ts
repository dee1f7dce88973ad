/**
 * What any runtime lets through under a profile, as a term, from its JSON. What it may be is said at the head of
 * `src/lift/seccomp.ts`; this makes terms of the same, from the text, and shares the kernel's numbers only.
 */
import { architectures, i386Calls, systemCall, x32Calls } from "../../../src/linux/index.ts";
import { multiplexed } from "../../../src/linux/multiplexed.ts";
import { callNamed } from "./policy-term.ts";
import {
  and,
  argument,
  type EntryName,
  entryNumbers,
  isCall,
  low,
  not,
  or,
  same,
  type Term,
  word,
} from "./terms.ts";

interface Comparison {
  readonly index: string;
  readonly value: string;
  readonly valueTwo?: string;
  readonly op: string;
}

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: string;
  readonly args?: readonly Comparison[];
}

interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: string;
  readonly architectures?: readonly string[];
  readonly syscalls?: readonly Rule[];
}

// Numbers of 64 bits do not survive JSON.parse.
const parse = (text: string): Profile => JSON.parse(text.replace(/: (\d+)/g, ': "$1"')) as Profile;

const operators: Readonly<Record<string, string>> = {
  SCMP_CMP_LT: "bvult",
  SCMP_CMP_LE: "bvule",
  SCMP_CMP_GE: "bvuge",
  SCMP_CMP_GT: "bvugt",
};

function comparison({ index, value, valueTwo = "0", op }: Comparison, bits: 32 | 64): Term {
  const field = bits === 32 ? low(Number(index)) : argument(Number(index));
  const datum = word(BigInt(value), bits);
  if (op === "SCMP_CMP_EQ") return same(field, datum);
  if (op === "SCMP_CMP_NE") return not(same(field, datum));
  if (op === "SCMP_CMP_MASKED_EQ")
    return same(`(bvand ${field} ${datum})`, word(BigInt(value) & BigInt(valueTwo), bits));
  return `(${operators[op]} ${field} ${datum})`;
}

/** A way into the kernel: the numbers of its calls, and how wide the words are that some runtime compares. */
interface Way {
  readonly entry: EntryName;
  readonly number: (name: string) => number | undefined;
  readonly widths: readonly (32 | 64)[];
}

function waysOf({ architectures: listed = [] }: Profile): readonly Way[] {
  const native = architectures.map(
    (entry): Way => ({ entry, number: (name) => systemCall(name)?.numbers[entry], widths: [64] }),
  );
  const i386: Way = { entry: "i386", number: (name) => i386Calls().get(name), widths: [32] };
  const x32: Way = { entry: "x86_64", number: (name) => x32Calls().get(name), widths: [32, 64] };
  return [
    ...native,
    ...(listed.includes("SCMP_ARCH_X86") ? [i386] : []),
    ...(listed.includes("SCMP_ARCH_X32") ? [x32] : []),
  ];
}

/** Some runtime takes a rule to hold: conditions on one argument twice are a rule each. */
function mayHold({ args = [] }: Rule, widths: readonly (32 | 64)[]): Term {
  const join = new Set(args.map((a) => a.index)).size < args.length ? or : and;
  return or(widths.map((bits) => join(args.map((a) => comparison(a, bits)))));
}

/** Every runtime does. */
const mustHold = ({ args = [] }: Rule, widths: readonly (32 | 64)[]): Term =>
  and(widths.flatMap((bits) => args.map((a) => comparison(a, bits))));

/** On i386 a rule opens the call that others are behind: all of it where it has conditions. */
function behind(name: string, { args = [] }: Rule): Term {
  const found = multiplexed.get(name);
  const number = found && i386Calls().get(found.call);
  if (!found || number === undefined) return "false";
  const selected = same(argument(0), word(found.selector, 64));
  return and([isCall("i386", number), ...(args.length > 0 ? [] : [selected])]);
}

function granted(rule: Rule, ways: readonly Way[]): Term {
  return or(
    ways.flatMap((way) => {
      const numbers = rule.names.flatMap((name) => way.number(name) ?? []);
      const calls = or(numbers.map((number) => isCall(way.entry, number)));
      const others = way.entry === "i386" ? rule.names.map((name) => behind(name, rule)) : [];
      return [and([calls, mayHold(rule, way.widths)]), ...others];
    }),
  );
}

function refused(rule: Rule, ways: readonly Way[]): Term {
  return or(
    ways.map(({ entry, number, widths }) => {
      // Debian 12's libseccomp ends with Linux 5.17: what is newer is skipped.
      const numbers = rule.names.flatMap((name) => number(name) ?? []).filter((n) => n % 0x40000000 <= 450);
      return and([or(numbers.map((n) => isCall(entry, n))), mustHold(rule, widths)]);
    }),
  );
}

const denies = (action: string): boolean => /^SCMP_ACT_(?:ERRNO|KILL(?:_PROCESS|_THREAD)?)$/.test(action);

/** Where some runtime lets a call through. */
export function profileTerm(text: string): Term {
  const profile = parse(text);
  const { defaultAction, defaultErrnoRet = "1", syscalls = [] } = profile;
  const ways = waysOf(profile);
  const always = [callNamed("uprobe"), callNamed("uretprobe")];
  const grants = syscalls.filter(({ action }) => !denies(action)).map((rule) => granted(rule, ways));
  if (denies(defaultAction)) return or([...always, ...grants]);
  const dropped = ({ action, errnoRet = "1" }: Rule): boolean =>
    action === defaultAction && (action !== "SCMP_ACT_ERRNO" || errnoRet === defaultErrnoRet);
  const denied = syscalls.filter((rule) => denies(rule.action) && !dropped(rule));
  const reached = [...new Set(ways.map(({ entry }) => entry))];
  const anything = or(reached.map((entry) => same("entry", word(entryNumbers[entry], 32))));
  const left = and([anything, not(or(denied.map((rule) => refused(rule, ways))))]);
  return or([...always, ...grants, left]);
}
