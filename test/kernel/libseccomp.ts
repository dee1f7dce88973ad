/** Profiles compiled by libseccomp, in the way in which runc hands them over. */
import { spawnSync } from "node:child_process";
import { type Instruction, readInstructions } from "../../src/lift/bpf.ts";
import { type ProfileEntry, readSeccomp, type SeccompProfileJson } from "../../src/lift/seccomp.ts";

/** How a profile is to be compiled. */
export interface Compilation {
  /** The program made of export-bpf.c. */
  readonly exporter: string;
  /** 1: a chain in the order of the rules; 2: a tree over the numbers (seccomp_attr_set(3)). */
  readonly optimize?: 1 | 2;
  /** Milliseconds; its merging of comparisons may take very long. */
  readonly timeout?: number;
}

/** What came of it. */
export interface Compiled {
  readonly program: readonly Instruction[];
  /** Names that this libseccomp does not know. */
  readonly unknown: readonly string[];
  /** Names that it knows, but not as calls of x32. */
  readonly missingX32: readonly string[];
}

const actions: Readonly<Record<ProfileEntry["action"], number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

// `enum scmp_compare` (seccomp.h).
const operators: Readonly<Record<ProfileEntry["args"][number]["op"], number>> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

const hex = (value: number | bigint): string => value.toString(16);

/** An action with its data; EPERM where no errno is given (config-linux.md, `errnoRet`). */
function actionOf(action: ProfileEntry["action"], errno: bigint | undefined): string {
  const takesData = action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
  return hex((actions[action] | (takesData ? Number(errno ?? 1n) & 0xffff : 0)) >>> 0);
}

/** An entry's lines: one for each of its conditions where an index stands twice, as runc does. */
function linesOf({ names, action, errnoRet, args }: ProfileEntry): readonly string[] {
  const words = args.map((a) => `${a.index} ${operators[a.op]} ${hex(a.value)} ${hex(a.valueTwo)}`);
  const twice = new Set(args.map((a) => a.index)).size < args.length;
  const conditions = twice ? words : [words.join(" ")];
  return names.flatMap((name) => conditions.map((c) => `rule ${actionOf(action, errnoRet)} ${name} ${c}`));
}

/** A profile as the lines that export-bpf.c reads. */
export function profileLines(profile: SeccompProfileJson, optimize: 1 | 2): string {
  const standard = actionOf(profile.defaultAction, profile.defaultErrnoRet);
  const own = new Set(["SCMP_ARCH_AARCH64", "SCMP_ARCH_RISCV64"]);
  const lines = [
    `default ${standard}`,
    `optimize ${optimize}`,
    ...profile.architectures
      .filter((name) => !own.has(name))
      .map((name) => `arch ${name.replace("SCMP_ARCH_", "").toLowerCase()}`),
    ...profile.syscalls.filter((e) => actionOf(e.action, e.errnoRet) !== standard).flatMap(linesOf),
  ];
  return `${lines.join("\n")}\n`;
}

/** Compiles the text of a profile. @throws Error with what libseccomp says */
export function compileProfile(text: string, { exporter, optimize = 1, timeout }: Compilation): Compiled {
  const input = profileLines(readSeccomp(text), optimize);
  const { status, stdout, stderr, error } = spawnSync(exporter, [], { input, timeout, maxBuffer: 1 << 24 });
  if (error) throw error;
  if (status !== 0) throw new Error(`libseccomp: ${stderr.toString().slice(0, 500)}`);
  const told = (pattern: RegExp): readonly string[] =>
    [...stderr.toString().matchAll(pattern)].map(([, name = ""]) => name);
  return {
    program: readInstructions(stdout),
    unknown: told(/^unknown (.*)$/gm),
    missingX32: told(/^x32 has no (.*)$/gm),
  };
}
