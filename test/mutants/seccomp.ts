/** Profiles with one token changed. */
import type { Random } from "../support/random.ts";

const actions = ["ALLOW", "LOG", "TRACE", "NOTIFY", "ERRNO"].map((name) => `"SCMP_ACT_${name}"`);
const operators = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map((name) => `"SCMP_CMP_${name}"`);
const abis = ['"SCMP_ARCH_X32"', '"SCMP_ARCH_X86_64"'];

/** Calls that a profile may name in the place of others; those that it names already would have two meanings. */
const others = ["clone3", "openat2", "io_uring_setup", "io_uring_enter", "afs_syscall", "vserver", "ptrace"];

function replacement(token: string, text: string, random: Random): string {
  if (token.startsWith('"SCMP_ACT_')) return random.one(actions);
  if (token.startsWith('"SCMP_CMP_')) return random.one(operators);
  if (token.startsWith('"SCMP_ARCH_')) return random.one(abis);
  if (token.startsWith('"')) return random.one(others.map((n) => `"${n}"`).filter((n) => !text.includes(n)));
  const value = BigInt(token);
  return String(random.one([0n, value + 1n, value ^ (1n << BigInt(random.below(8))), value >> 1n, 0xffffn]));
}

/** A profile of which one token is another: a name, a number, an action, a comparison, an architecture. */
export function loosened(text: string, random: Random): string {
  const tokens = [...text.matchAll(/"[A-Za-z0-9_]+"(?!:)|(?<=[ :])\d+/g)].filter(({ 0: t }) => t.length > 0);
  const names = tokens.filter(({ 0: t }) => /^"[a-z]/.test(t));
  // Most tokens are names.
  const rest = tokens.filter(({ 0: t }) => !/^"[a-z]/.test(t));
  const { 0: token, index } = random.one(random.below(4) === 0 ? names : rest);
  return text.slice(0, index) + replacement(token, text, random) + text.slice(index + token.length);
}
