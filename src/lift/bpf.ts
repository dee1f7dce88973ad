/**
 * Classic BPF programs of seccomp, lifted exactly: the accumulator is a vector of 32 sets, jumps only go forward, so each
 * instruction's meaning is one set that is made once for each state it is reached in.
 *
 * Source: linux/filter.h, linux/bpf_common.h, linux/seccomp.h; kernel/seccomp.c (`seccomp_check_filter`).
 */
import {
  always,
  type Bdd,
  choice,
  complement,
  decide,
  intersection,
  never,
  type Root,
  union,
  without,
} from "../authority/bdd.ts";
import { argumentField, type Entry, entries, numberField, ofEntry } from "../authority/calls.ts";
import type { Field } from "../authority/words.ts";

/** One instruction (`struct sock_filter`). */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** What a filter answers: the low 16 bits are data. */
export interface Verdicts {
  /** Calls that are let through: RET_ALLOW and RET_LOG; RET_TRACE, RET_TRAP and RET_USER_NOTIF, where another decides. */
  readonly permitted: Root;
}

/** A program that the kernel would refuse, or that can't be decided. */
export class BpfError extends Error {
  override readonly name = "BpfError";
}

const actionMask = 0xffff0000;
// Trap, notify, trace, log, allow: the call is made, or somebody else may make it or let it be. Of the others an errno of 0
// is a denial that looks like success, and what the kernel does not know kills the process (`__seccomp_filter`).
const permissions: ReadonlySet<number> = new Set([
  0x00030000, 0x7fc00000, 0x7ff00000, 0x7ffc0000, 0x7fff0000,
]);

/** AUDIT_ARCH_* of each entry (linux/audit.h). */
const auditArchitectures: Readonly<Record<Entry, number>> = {
  x86_64: 0xc000003e,
  i386: 0x40000003,
  aarch64: 0xc00000b7,
  riscv64: 0xc00000f3,
};

/** Reads instructions of 8 bytes, little-endian. @throws BpfError */
export function readInstructions(bytes: Uint8Array): readonly Instruction[] {
  if (bytes.length === 0 || bytes.length % 8 !== 0)
    throw new BpfError("its length is no multiple of 8 bytes");
  if (bytes.length / 8 > 4096) throw new BpfError("it has more than 4096 instructions");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, at) => ({
    code: view.getUint16(at * 8, true),
    jt: view.getUint8(at * 8 + 2),
    jf: view.getUint8(at * 8 + 3),
    k: view.getUint32(at * 8 + 4, true),
  }));
}

/** 32 sets, the most significant bit first: a word whose bits depend on the call. */
type Word = readonly Root[];

interface State {
  readonly a: Word;
  readonly x: Word;
  readonly memory: readonly Word[];
}

interface Program {
  readonly bdd: Bdd;
  readonly instructions: readonly Instruction[];
  readonly known: Map<string, Root>;
}

const constantWord = (value: number): Word =>
  Array.from({ length: 32 }, (_, at) => ((value >>> (31 - at)) & 1 ? always : never));
const zero: Word = constantWord(0);

function fieldWord(bdd: Bdd, field: Field, from: number): Word {
  return Array.from({ length: 32 }, (_, at) => decide(bdd, field.level + from + at, never, always));
}

function architectureWord(bdd: Bdd): Word {
  return Array.from({ length: 32 }, (_, at) =>
    entries.reduce(
      (root, entry) =>
        (auditArchitectures[entry] >>> (31 - at)) & 1 ? union(bdd, root, ofEntry(bdd, entry)) : root,
      never,
    ),
  );
}

/** `struct seccomp_data`: nr, arch, instruction pointer, args; loads are of aligned words of 32 bits. */
function load(bdd: Bdd, offset: number): Word {
  if (offset === 0) return fieldWord(bdd, numberField, 0);
  if (offset === 4) return architectureWord(bdd);
  const at = (offset - 16) / 8;
  if (offset < 16 || offset >= 64 || offset % 4 !== 0)
    throw new BpfError(
      offset === 8 || offset === 12 ? "it looks at the instruction pointer" : "a load is out of bounds",
    );
  // Little-endian: the low word comes first.
  return fieldWord(bdd, argumentField(Math.floor(at)), Number.isInteger(at) ? 32 : 0);
}

const zip = (a: Word, b: Word, operation: (x: Root, y: Root) => Root): Word =>
  a.map((x, at) => operation(x, b[at] ?? never));

/** The value of a word that is the same for every call; undefined when it is not. */
function constantOf(word: Word): number | undefined {
  let value = 0;
  for (const bit of word) {
    if (bit !== never && bit !== always) return undefined;
    value = value * 2 + bit;
  }
  return value;
}

const exclusiveOr = (bdd: Bdd, x: Root, y: Root): Root => union(bdd, without(bdd, x, y), without(bdd, y, x));

function sum(bdd: Bdd, a: Word, b: Word, carryIn: Root): Word {
  const out: Root[] = new Array<Root>(32).fill(never);
  let carry = carryIn;
  for (let at = 31; at >= 0; at--) {
    const [x, y] = [a[at] ?? never, b[at] ?? never];
    const half = exclusiveOr(bdd, x, y);
    out[at] = exclusiveOr(bdd, half, carry);
    carry = union(bdd, intersection(bdd, x, y), intersection(bdd, half, carry));
  }
  return out;
}

function shifted(word: Word, by: number, left: boolean): Word {
  if (by >= 32) throw new BpfError("it shifts by more than a word");
  return left ? [...word.slice(by), ...zero.slice(0, by)] : [...zero.slice(0, by), ...word.slice(0, 32 - by)];
}

/** BPF_ALU, by the operation's bits. */
function calculate(bdd: Bdd, code: number, a: Word, b: Word): Word {
  const by = constantOf(b);
  switch (code & 0xf0) {
    case 0x00:
      return sum(bdd, a, b, never);
    case 0x10:
      return sum(
        bdd,
        a,
        b.map((x) => complement(bdd, x)),
        always,
      );
    case 0x40:
      return zip(a, b, (x, y) => union(bdd, x, y));
    case 0x50:
      return zip(a, b, (x, y) => intersection(bdd, x, y));
    case 0x60:
    case 0x70:
      if (by === undefined) throw new BpfError("it shifts by what depends on the call");
      return shifted(a, by, (code & 0xf0) === 0x60);
    case 0x80:
      return sum(
        bdd,
        a.map((x) => complement(bdd, x)),
        zero,
        always,
      );
    case 0xa0:
      return zip(a, b, (x, y) => exclusiveOr(bdd, x, y));
    default:
      throw new BpfError("it multiplies or divides");
  }
}

/** Where a comparison of a jump holds. */
function compare(bdd: Bdd, code: number, a: Word, b: Word): Root {
  const operation = code & 0xf0;
  if (operation === 0x40)
    return zip(a, b, (x, y) => intersection(bdd, x, y)).reduce((r, x) => union(bdd, r, x), never);
  if (operation === 0x10)
    return zip(a, b, (x, y) => complement(bdd, exclusiveOr(bdd, x, y))).reduceRight(
      (r, x) => intersection(bdd, x, r),
      always,
    );
  // From the least significant bit up: greater so far, and for JGE equal too.
  let root: Root = operation === 0x30 ? always : never;
  for (let at = 31; at >= 0; at--) {
    const [x, y] = [a[at] ?? never, b[at] ?? never];
    root = union(bdd, without(bdd, x, y), without(bdd, root, without(bdd, y, x)));
  }
  return root;
}

const memorySlots = 16;

function instructionAt({ instructions }: Program, pc: number): Instruction {
  const found = instructions[pc];
  if (!found) throw new BpfError("it jumps behind its end");
  return found;
}

/** A load, store or calculation: the state behind it; undefined for a jump or return. */
function advance(bdd: Bdd, { code, k }: Instruction, state: State): State | undefined {
  const slot = (): Word => {
    if (k >= memorySlots) throw new BpfError("it uses a slot of memory that does not exist");
    return state.memory[k] ?? zero;
  };
  const stored = (word: Word): State => {
    slot();
    return { ...state, memory: state.memory.map((old, at) => (at === k ? word : old)) };
  };
  switch (code) {
    case 0x20:
      return { ...state, a: load(bdd, k) };
    case 0x80:
      return { ...state, a: constantWord(64) };
    case 0x81:
      return { ...state, x: constantWord(64) };
    case 0x00:
      return { ...state, a: constantWord(k) };
    case 0x01:
      return { ...state, x: constantWord(k) };
    case 0x60:
      return { ...state, a: slot() };
    case 0x61:
      return { ...state, x: slot() };
    case 0x02:
      return stored(state.a);
    case 0x03:
      return stored(state.x);
    case 0x07:
      return { ...state, x: state.a };
    case 0x87:
      return { ...state, a: state.x };
    default:
      if ((code & 0x07) === 0x04)
        return { ...state, a: calculate(bdd, code, state.a, code & 0x08 ? state.x : constantWord(k)) };
      return undefined;
  }
}

function returned(state: State, { code, k }: Instruction): Root {
  if (code === 0x16 && constantOf(state.a) === undefined)
    throw new BpfError("it returns what it has calculated");
  const value = code === 0x16 ? (constantOf(state.a) ?? 0) : k;
  return permissions.has((value & actionMask) >>> 0) ? always : never;
}

function permittedFrom(program: Program, start: number, begin: State): Root {
  const { bdd, known } = program;
  let pc = start;
  let state = begin;
  for (;;) {
    const instruction = instructionAt(program, pc);
    const after = advance(bdd, instruction, state);
    if (!after) break;
    state = after;
    pc++;
  }
  const instruction = instructionAt(program, pc);
  const { code, jt, jf, k } = instruction;
  if (code === 0x06 || code === 0x16) return returned(state, instruction);
  if (code === 0x05) return permittedFrom(program, pc + 1 + k, state);
  if ((code & 0x07) !== 0x05 || (code & 0xf0) > 0x40) throw new BpfError(`it holds the instruction ${code}`);
  const key = `${pc} ${state.a.join()} ${state.x.join()} ${state.memory.map((w) => w.join()).join(" ")}`;
  const done = known.get(key);
  if (done !== undefined) return done;
  const holds = compare(bdd, code, state.a, code & 0x08 ? state.x : constantWord(k));
  const then = holds === never ? never : permittedFrom(program, pc + 1 + jt, state);
  const otherwise = holds === always ? never : permittedFrom(program, pc + 1 + jf, state);
  const root = choice(bdd, holds, then, otherwise);
  known.set(key, root);
  return root;
}

/** What one program lets through. @throws BpfError, BudgetExceeded */
export function liftBpf(bdd: Bdd, instructions: readonly Instruction[]): Verdicts {
  const memory = Array.from({ length: memorySlots }, () => zero);
  return {
    permitted: permittedFrom({ bdd, instructions, known: new Map() }, 0, { a: zero, x: zero, memory }),
  };
}
