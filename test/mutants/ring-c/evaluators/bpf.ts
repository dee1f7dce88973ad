/** A program of classic BPF, asked by running it. */
import type { Entry } from "../../../../src/authority/calls.ts";
import { runBpf } from "../../../../src/evaluate/bpf.ts";
import type { Instruction } from "../../../../src/lift/bpf.ts";
import { isPermission } from "../../../support/bpf-actions.ts";
import type { Evaluator } from "./evaluator.ts";

/** AUDIT_ARCH_* (linux/audit.h). */
const architectures: Readonly<Record<Entry, number>> = {
  x86_64: 0xc000003e,
  i386: 0x40000003,
  aarch64: 0xc00000b7,
  riscv64: 0xc00000f3,
};

export function bpfEvaluator(program: readonly Instruction[]): Evaluator {
  return (operation) => {
    if (operation.kind !== "call") return undefined;
    const { entry, number, words } = operation.call;
    return isPermission(runBpf(program, { number, architecture: architectures[entry], words }));
  };
}
