/** Runs the prober: what the running kernel answers under a filter. */
import { spawnSync } from "node:child_process";
import type { Instruction } from "../../src/lift/bpf.ts";
import { bytesOf, type Probes } from "./probes.ts";

/** The errno by which the older filter answers what the filter under test permits. */
export const permittedErrno = 4094;

/** What a run says: the errno with which the kernel refused the filter, 0 for none; and what each call returned. */
export interface Answers {
  readonly refused: number;
  /** Shorter than what was asked when the child died: see `probe` of prober.c for the numbers. */
  readonly returned: Int32Array;
}

/** Instructions as `struct sock_filter`. */
export function writeInstructions(program: readonly Instruction[]): Uint8Array {
  const out = new Uint8Array(program.length * 8);
  const view = new DataView(out.buffer);
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    view.setUint16(at * 8, code, true);
    view.setUint8(at * 8 + 2, jt);
    view.setUint8(at * 8 + 3, jf);
    view.setUint32(at * 8 + 4, k, true);
  }
  return out;
}

/** Asks the kernel. @throws Error when the prober itself failed */
export function askKernel(
  prober: string,
  mode: "probe" | "apart" | "bare",
  program: readonly Instruction[],
  probes: Probes,
): Answers {
  const head = new Uint8Array(new Uint32Array([program.length, probes.count]).buffer);
  const input = Buffer.concat([head, writeInstructions(program), bytesOf(probes)]);
  const { status, stdout, error } = spawnSync(prober, [mode], { input, maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0 || stdout.length < 8) throw new Error(`the prober exits with ${status}`);
  const answered = stdout.readUInt32LE(4);
  const returned = new Int32Array(answered);
  for (let at = 0; at < answered; at++) returned[at] = stdout.readInt32LE(8 + at * 4);
  return { refused: stdout.readUInt32LE(0), returned };
}

/** Whether a process here may call by `int 0x80`: hypervisors and kernels without IA32 emulation end it. */
export function allowsInt80(prober: string): boolean {
  return spawnSync(prober, ["int80"]).status === 0;
}
