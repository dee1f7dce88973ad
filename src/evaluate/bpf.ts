/**
 * An interpreter of classic BPF as seccomp runs it: one call, one verdict. It shares nothing with the lifter, so that each
 * counterexample of the one is confirmed by the other.
 *
 * Source: kernel/seccomp.c, net/core/filter.c (`bpf_prog_run` of converted programs), linux/filter.h.
 */

/** `struct seccomp_data`, by its fields. */
export interface SeccompData {
  readonly number: number;
  /** AUDIT_ARCH_*. */
  readonly architecture: number;
  readonly words: readonly bigint[];
}

/** An instruction as the kernel reads it. */
export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

function loadWord({ number, architecture, words }: SeccompData, offset: number): number {
  if (offset === 0) return number >>> 0;
  if (offset === 4) return architecture >>> 0;
  if (offset < 16 || offset >= 64 || offset % 4 !== 0) throw new RangeError(`a load of offset ${offset}`);
  const word = words[(offset - 16) >> 3] ?? 0n;
  return Number((offset - 16) % 8 === 0 ? word & 0xffffffffn : word >> 32n);
}

function alu(operation: number, a: number, b: number): number {
  switch (operation) {
    case 0x00:
      return (a + b) >>> 0;
    case 0x10:
      return (a - b) >>> 0;
    case 0x20:
      return Math.imul(a, b) >>> 0;
    case 0x30:
      return Math.floor(a / b);
    case 0x40:
      return (a | b) >>> 0;
    case 0x50:
      return (a & b) >>> 0;
    // By the index register a word is shifted by the lowest 5 bits (kernel/bpf/core.c, `SHT`); a constant is below 32.
    case 0x60:
      return (a << (b & 31)) >>> 0;
    case 0x70:
      return a >>> (b & 31);
    case 0x80:
      return -a >>> 0;
    case 0xa0:
      return (a ^ b) >>> 0;
    default:
      throw new RangeError(`an operation ${operation}`);
  }
}

function jumps(operation: number, a: number, b: number): boolean {
  if (operation === 0x10) return a === b;
  if (operation === 0x20) return a > b;
  if (operation === 0x30) return a >= b;
  if (operation === 0x40) return (a & b) !== 0;
  throw new RangeError(`a jump ${operation}`);
}

/** What a program returns for a call: the action and its data, as a number of 32 bits. */
export function runBpf(program: readonly BpfInstruction[], data: SeccompData): number {
  let a = 0;
  let x = 0;
  const memory = new Array<number>(16).fill(0);
  for (let pc = 0; ; pc++) {
    const { code, jt, jf, k } = program[pc] ?? { code: -1, jt: 0, jf: 0, k: 0 };
    const operand = code & 0x08 ? x : k;
    if (code === 0x06) return k >>> 0;
    if (code === 0x16) return a >>> 0;
    if (code === 0x20) a = loadWord(data, k);
    else if (code === 0x80) a = 64;
    else if (code === 0x81) x = 64;
    else if (code === 0x00) a = k >>> 0;
    else if (code === 0x01) x = k >>> 0;
    else if (code === 0x60) a = memory[k] ?? 0;
    else if (code === 0x61) x = memory[k] ?? 0;
    else if (code === 0x02) memory[k] = a;
    else if (code === 0x03) memory[k] = x;
    else if (code === 0x07) x = a;
    else if (code === 0x87) a = x;
    else if (code === 0x05) pc += k;
    // To divide by the index register while it is 0 ends a program with 0 (net/core/filter.c, `bpf_convert_filter`).
    else if (code === 0x3c && x === 0) return 0;
    else if ((code & 7) === 4) a = alu(code & 0xf0, a, operand);
    else if ((code & 7) === 5) pc += jumps(code & 0xf0, a, operand) ? jt : jf;
    else throw new RangeError(`an instruction ${code} at ${pc}`);
  }
}
