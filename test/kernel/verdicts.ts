/** What a filter's answer looks like to the prober, and programs rewritten so that every answer can be told apart. */
import type { Instruction } from "../../src/lift/bpf.ts";
import { permittedErrno } from "./prober.ts";

const allow = 0x7fff0000;
const errno = 0x00050000;

/** The actions that are no errno and no plain permission, each by the errno that stands for it. */
const standIns: ReadonlyMap<number, number> = new Map([
  [0x80000000, 4001],
  [0x00000000, 4002],
  [0x00030000, 4003],
  [0x7ff00000, 4004],
  [0x7ffc0000, 4005],
  [0x7fc00000, 4006],
]);
const unknownAction = 4007;
const largeErrno = 4008;

/** The errno that stands for an answer; the data of an action that is no errno says nothing about permission. */
function standIn(value: number): number {
  const action = (value & 0xffff0000) >>> 0;
  if (action === allow) return permittedErrno;
  if (action !== errno) return standIns.get(action) ?? unknownAction;
  const data = value & 0xffff;
  return data < 4000 ? data : largeErrno;
}

/** What a call returns under a rewritten program whose original answers `value`. */
export const expectedReturn = (value: number): number => 0 - standIn(value);

const returnOf = (code: number): Instruction => ({ code: 0x06, jt: 0, jf: 0, k: code });

const statement = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k });
const unless = (action: number, jf: number): Instruction => ({ code: 0x15, jt: 0, jf, k: action });

/** The rest of a program that returned its accumulator: a ladder over the actions. */
function ladder(): readonly Instruction[] {
  return [
    // The program has come to its end, so that a slot of memory is free.
    statement(0x02, 15),
    statement(0x54, 0xffff0000),
    unless(allow, 1),
    returnOf(allow),
    unless(errno, 4),
    statement(0x60, 15),
    { code: 0x35, jt: 1, jf: 0, k: errno | 4000 },
    statement(0x16, 0),
    returnOf(errno | largeErrno),
    ...[...standIns].flatMap(([action, code]) => [unless(action, 1), returnOf(errno | code)]),
    returnOf(errno | unknownAction),
  ];
}

/** A program that decides as the given one, and answers with errnos that the prober can tell apart. */
export function tellApart(program: readonly Instruction[]): readonly Instruction[] {
  const calculates = program.some(({ code }) => code === 0x16);
  const rewritten = program.map((instruction, at): Instruction => {
    const { code, k } = instruction;
    if (code === 0x16) return { code: 0x05, jt: 0, jf: 0, k: program.length - at - 1 };
    if (code !== 0x06 || (k & 0xffff0000) >>> 0 === allow) return instruction;
    return returnOf(errno | standIn(k >>> 0));
  });
  return calculates ? [...rewritten, ...ladder()] : rewritten;
}

/** Signal 31, SIGSYS, as the prober reports it. */
export const killed = 100_031;

/**
 * What a call returns in the sandwich under the program as it is: the least action counts, as a signed number, and one
 * that the kernel does not know kills the process if it is the least (kernel/seccomp.c, `seccomp_run_filters`).
 */
export function rawReturn(value: number): number {
  const action = value & 0xffff0000;
  if (action === errno) return 0 - Math.min(value & 0xffff, 4095);
  return action > errno ? 0 - permittedErrno : killed;
}
