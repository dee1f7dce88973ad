/**
 * The OCI seccomp profile of a policy, in the fragment that all runtimes read alike: at most one condition on each
 * argument in a rule, no rule with the default's action, no sub-architectures, comparisons at the width of the
 * parameter. Source: the OCI runtime specification, config-linux.md, "seccomp".
 */
import { systemCalls } from "../../linux/index.ts";
import { atLeast, type Environment } from "../../policy/environment.ts";
import type { CallGrant, Condition, ServerIr } from "../../policy/ir.ts";

/** A condition as the OCI format has it; for MASKED_EQ `value` is the mask and `valueTwo` what must remain. */
export interface ProfileArgument {
  readonly index: number;
  readonly value: bigint;
  readonly valueTwo?: bigint;
  readonly op: "SCMP_CMP_EQ" | "SCMP_CMP_NE" | "SCMP_CMP_MASKED_EQ";
}

/** A rule. */
export interface ProfileRule {
  readonly names: readonly string[];
  readonly action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  readonly errnoRet?: number;
  readonly args?: readonly ProfileArgument[];
}

/** A profile, and what of the policy it could not say and denies instead. */
export interface SeccompProfile {
  readonly rules: readonly ProfileRule[];
  /** Calls of which some granted arguments are denied, because the format can't tell them apart. */
  readonly narrowed: readonly CallGrant[];
}

/** The errno numbers of asm-generic/errno-base.h and errno.h. */
export const errno = { EPERM: 1, EACCES: 13, ENOSYS: 38 } as const;

// libc and libuv fall back to an older call on ENOSYS only; clone3 and openat2 carry their flags in memory, where a
// filter can't look. (moby #42681, systemd #30250.)
const answerAsAbsent: ReadonlySet<string> = new Set([
  "clone3",
  "faccessat2",
  "fchmodat2",
  "io_uring_enter",
  "io_uring_register",
  "io_uring_setup",
  "openat2",
]);

// libuv reports EACCES as an event of the child, and throws on EPERM.
const answerAsRefused: ReadonlySet<string> = new Set(["fork", "vfork"]);

// uretprobe and uprobe bypass every filter by the kernel's design, so a rule for them would be a false claim.
const exempt: ReadonlySet<string> = new Set(["uretprobe", "uprobe"]);

const low32 = 0xffffffffn;

/** The alternatives of one condition as OCI arguments; undefined when the format can't say it. */
function argumentsOf(condition: Condition): readonly ProfileArgument[] | undefined {
  const { argument: index, bits, negated } = condition;
  const values = condition.values.map(BigInt);
  const mask = condition.mask === undefined ? undefined : BigInt(condition.mask);
  if (negated) {
    // NE compares 64 bits, where the kernel may look at 32; and two on one index would be OR-ed.
    const [only, second] = values;
    if (bits === 32 || mask !== undefined || only === undefined || second !== undefined) return undefined;
    return [{ index, value: only, op: "SCMP_CMP_NE" }];
  }
  if (mask !== undefined || bits === 32) {
    const compared = mask === undefined ? low32 : bits === 32 ? mask & low32 : mask;
    // libseccomp masks the comparand too: a value with bits outside of the mask never holds, and would there.
    return values
      .filter((value) => (value & ~compared) === 0n)
      .map((value) => ({ index, value: compared, valueTwo: value, op: "SCMP_CMP_MASKED_EQ" }));
  }
  return values.map((value) => ({ index, value, op: "SCMP_CMP_EQ" }));
}

/** The rules of one conjunction: one for each choice of values. */
function alternativesOf(
  conjunction: readonly Condition[],
): readonly (readonly ProfileArgument[])[] | undefined {
  if (new Set(conjunction.map((c) => c.argument)).size < conjunction.length) return undefined;
  let alternatives: readonly (readonly ProfileArgument[])[] = [[]];
  for (const condition of conjunction) {
    const choices = argumentsOf(condition);
    if (!choices) return undefined;
    alternatives = alternatives.flatMap((chosen) => choices.map((choice) => [...chosen, choice]));
  }
  return alternatives;
}

/** The same for the same arguments, whatever their order. */
function keyOf(args: readonly ProfileArgument[]): string {
  const words = args.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo}`);
  return words.sort().join();
}

/** Makes the profile. */
export function seccompProfile(calls: ServerIr["systemCalls"], environment: Environment): SeccompProfile {
  const unconditional: string[] = [];
  const conditional: ProfileRule[] = [];
  const narrowed: CallGrant[] = [];
  for (const grant of calls.allow) {
    if (!grant.when) {
      unconditional.push(grant.name);
      continue;
    }
    const alternatives = grant.when.map(alternativesOf);
    if (alternatives.includes(undefined)) narrowed.push(grant);
    // A runtime's list and a group may grant the same argument.
    const distinct = new Map(alternatives.flatMap((a) => a ?? []).map((args) => [keyOf(args), args]));
    for (const args of distinct.values()) {
      conditional.push({ names: [grant.name], action: "SCMP_ACT_ALLOW", args });
    }
  }
  const mentioned = new Set([...unconditional, ...conditional.flatMap((rule) => rule.names)]);
  const refused = [...systemCalls().keys()]
    .filter((name) => !mentioned.has(name) && !answerAsAbsent.has(name) && !exempt.has(name))
    .sort();
  const withErrno = (names: readonly string[], errnoRet: number): ProfileRule[] =>
    names.length === 0 ? [] : [{ names, action: "SCMP_ACT_ERRNO", errnoRet }];
  // Docker before 23 does not read `defaultErrnoRet` and answers EPERM, on which glibc does not fall back from clone3.
  const absent = atLeast(environment.docker, 23)
    ? []
    : [...answerAsAbsent].filter((name) => !mentioned.has(name));
  return {
    rules: [
      ...(unconditional.length === 0 ? [] : [{ names: unconditional, action: "SCMP_ACT_ALLOW" as const }]),
      ...conditional,
      ...withErrno(
        refused.filter((name) => !answerAsRefused.has(name)),
        errno.EPERM,
      ),
      ...withErrno(
        refused.filter((name) => answerAsRefused.has(name)),
        errno.EACCES,
      ),
      ...withErrno(absent, errno.ENOSYS),
    ],
    narrowed,
  };
}

/** The architectures that a runtime knows by name: runc before 1.2 refuses a profile that names riscv64. */
function architectureNames(environment: Environment): readonly string[] {
  const riscv = atLeast(environment.runc, 1, 2) ? ["SCMP_ARCH_RISCV64"] : [];
  return ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64", ...riscv];
}

/** JSON with numbers of 64 bits, which JSON.stringify can't write. */
export function printProfile(profile: SeccompProfile, environment: Environment): string {
  const argument = (a: ProfileArgument): string => {
    const two = a.valueTwo === undefined ? "" : `, "valueTwo": ${a.valueTwo}`;
    return `{ "index": ${a.index}, "value": ${a.value}${two}, "op": "${a.op}" }`;
  };
  const rule = (r: ProfileRule): string => {
    const fields = [
      `"names": [${r.names.map((name) => JSON.stringify(name)).join(", ")}]`,
      `"action": "${r.action}"`,
      ...(r.errnoRet === undefined ? [] : [`"errnoRet": ${r.errnoRet}`]),
      ...(r.args === undefined ? [] : [`"args": [${r.args.map(argument).join(", ")}]`]),
    ];
    return `    { ${fields.join(", ")} }`;
  };
  return [
    "{",
    '  "defaultAction": "SCMP_ACT_ERRNO",',
    `  "defaultErrnoRet": ${errno.ENOSYS},`,
    `  "architectures": [${architectureNames(environment)
      .map((name) => `"${name}"`)
      .join(", ")}],`,
    '  "syscalls": [',
    profile.rules.map(rule).join(",\n"),
    "  ]",
    "}",
    "",
  ].join("\n");
}
