/** Independent evaluators of filters of system calls: whether a call with these arguments gets through. */
import { unitSettings } from "../parse-unit.ts";

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly {
    readonly index: number;
    readonly value: string;
    readonly valueTwo?: string;
    readonly op: string;
  }[];
}

/** A profile that was parsed, its numbers of 64 bits kept as text. */
export interface ParsedProfile {
  readonly defaultAction: string;
  readonly syscalls: readonly Rule[];
}

/** Reads OCI seccomp JSON; JSON.parse alone would round numbers above 2^53. */
export function parseProfile(text: string): ParsedProfile {
  return JSON.parse(text.replace(/"(value|valueTwo)": (\d+)/g, '"$1": "$2"')) as ParsedProfile;
}

/** Whether any runtime would let a call through: rules of one call are alternatives (OCI config-linux.md, "seccomp"). */
export function profilePermits(
  { defaultAction, syscalls }: ParsedProfile,
  name: string,
  words: readonly bigint[],
): boolean {
  if (defaultAction !== "SCMP_ACT_ERRNO") return true;
  return syscalls.some(
    ({ names, action, args = [] }) =>
      action === "SCMP_ACT_ALLOW" &&
      names.includes(name) &&
      args.every(({ index, value, valueTwo = "0", op }) => {
        const word = words[index] ?? 0n;
        if (op === "SCMP_CMP_EQ") return word === BigInt(value);
        if (op === "SCMP_CMP_NE") return word !== BigInt(value);
        if (op === "SCMP_CMP_MASKED_EQ") return (word & BigInt(value)) === (BigInt(valueTwo) & BigInt(value));
        return true;
      }),
  );
}

/** Whether a unit lets a call through: the last allow-list adds to what the subtraction of `@default` left. */
export function unitPermits(text: string, name: string): boolean {
  const values = unitSettings(text).settings.filter((s) => s.key === "SystemCallFilter" && s.value !== "");
  const lists = values.filter((s) => !s.value.startsWith("~"));
  if (lists[0] !== values[0] || !values.some((s) => s.value === "~@default")) return true;
  return lists.some((s) => s.value.split(/\s+/).includes(name));
}
