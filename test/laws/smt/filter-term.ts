/**
 * Where a filter of classic BPF permits, as definitions and a term: each instruction has the condition under which it is
 * reached and what the registers hold then, merged over all ways to it. (The lifter goes through each state by itself.)
 */
import type { Instruction } from "../../../src/lift/bpf.ts";
import { and, high, low, not, or, same, type Term, word } from "./terms.ts";

/** The registers: A, X and 16 slots of memory. */
type Registers = readonly Term[];
const slots = 16;
const [atA, atX, atMemory] = [0, 1, 2] as const;
const start: Registers = Array.from({ length: slots + 2 }, () => word(0, 32));

/** One way to an instruction. */
interface Arrival {
  readonly when: Term;
  readonly registers: Registers;
}

const calculations: Readonly<Record<number, string>> = {
  0: "bvadd",
  16: "bvsub",
  32: "bvmul",
  64: "bvor",
  80: "bvand",
  96: "bvshl",
  112: "bvlshr",
  160: "bvxor",
};

const comparisons: Readonly<Record<number, (a: Term, b: Term) => Term>> = {
  16: same,
  32: (a, b) => `(bvugt ${a} ${b})`,
  48: (a, b) => `(bvuge ${a} ${b})`,
  64: (a, b) => not(same(`(bvand ${a} ${b})`, word(0, 32))),
};

function loaded(offset: number): Term {
  if (offset === 0) return "nr";
  if (offset === 4) return "entry";
  const index = (offset - 16) >> 3;
  return offset % 8 === 0 ? low(index) : high(index);
}

function calculated(code: number, a: Term, b: Term): Term {
  const operation = code & 0xf0;
  if (operation === 0x80) return `(bvneg ${a})`;
  // By the index register a word is shifted by the lowest 5 bits.
  const by = operation === 0x60 || operation === 0x70 ? `(bvand ${b} ${word(31, 32)})` : b;
  const name = calculations[operation];
  if (!name) throw new RangeError(`an operation ${operation}`);
  return `(${name} ${a} ${by})`;
}

/** The registers behind an instruction that is no jump and no return. */
function after({ code, k }: Instruction, registers: Registers): Registers {
  const at = (index: number): Term => registers[index] ?? word(0, 32);
  const setting = (index: number, term: Term): Registers => registers.with(index, term);
  const constant = word(k, 32);
  switch (code) {
    case 0x20:
      return setting(atA, loaded(k));
    case 0x80:
      return setting(atA, word(64, 32));
    case 0x81:
      return setting(atX, word(64, 32));
    case 0x00:
      return setting(atA, constant);
    case 0x01:
      return setting(atX, constant);
    case 0x60:
      return setting(atA, at(atMemory + k));
    case 0x61:
      return setting(atX, at(atMemory + k));
    case 0x02:
      return setting(atMemory + k, at(atA));
    case 0x03:
      return setting(atMemory + k, at(atX));
    case 0x07:
      return setting(atX, at(atA));
    case 0x87:
      return setting(atA, at(atX));
    default:
      if ((code & 7) !== 4) throw new RangeError(`an instruction ${code}`);
      return setting(atA, calculated(code, at(atA), code & 8 ? at(atX) : constant));
  }
}

/** Whether an answer lets the call through, or leaves that to another (linux/seccomp.h). */
const permits = (answer: number): boolean =>
  [0x7fff0000, 0x7ffc0000, 0x7ff00000, 0x7fc00000, 0x00030000].includes((answer & 0xffff0000) >>> 0);
const permitsTerm = (answer: Term): Term =>
  or(
    [0x7fff0000, 0x7ffc0000, 0x7ff00000, 0x7fc00000, 0x00030000].map((action) =>
      same(`(bvand ${answer} ${word(0xffff0000, 32)})`, word(action, 32)),
    ),
  );

/** Where definitions are written: a term that is used often gets a name. */
interface Writer {
  readonly lines: string[];
  readonly prefix: string;
}

function named({ lines, prefix }: Writer, sort: string, term: Term): Term {
  // What is no application is short.
  if (!term.startsWith("(")) return term;
  const name = `${prefix}${lines.length}`;
  lines.push(`(define-fun ${name} () ${sort} ${term})`);
  return name;
}

const wordSort = "(_ BitVec 32)";

/** What the registers hold when one of several ways was taken. */
function merged(writer: Writer, [first, ...rest]: readonly Arrival[]): Registers {
  return (first?.registers ?? []).map((term, at) => {
    const choice = rest.reduce((so, { when, registers }) => {
      const other = registers[at] ?? so;
      return other === so ? so : `(ite ${when} ${other} ${so})`;
    }, term);
    return named(writer, wordSort, choice);
  });
}

/** Where a jump goes, and when. */
function jumps(writer: Writer, pc: number, instruction: Instruction, registers: Registers) {
  const { code, jt, jf, k } = instruction;
  if (code === 0x05) return [{ to: pc + 1 + k, holds: "true" }];
  const compare = comparisons[code & 0xf0];
  if (!compare || (code & 7) !== 5) throw new RangeError(`a jump ${code}`);
  const [a = "", x = ""] = registers;
  const holds = named(writer, "Bool", compare(a, code & 8 ? x : word(k, 32)));
  return [
    { to: pc + 1 + jt, holds },
    { to: pc + 1 + jf, holds: not(holds) },
  ];
}

/** Where a filter permits: a term, and the definitions that it needs, whose names begin with a prefix. */
export function filterTerm(program: readonly Instruction[], prefix: string) {
  const writer: Writer = { lines: [], prefix };
  const arrivals = program.map((): Arrival[] => []);
  arrivals[0]?.push({ when: "true", registers: start });
  const permitted = program.flatMap((instruction, pc): readonly Term[] => {
    const ways = arrivals[pc] ?? [];
    if (ways.length === 0) return [];
    const when = named(writer, "Bool", or(ways.map((way) => way.when)));
    const registers = merged(writer, ways);
    const { code, k } = instruction;
    if (code === 0x06) return permits(k) ? [when] : [];
    if (code === 0x16) return [and([when, permitsTerm(registers[atA] ?? "")])];
    if ((code & 7) !== 5) arrivals[pc + 1]?.push({ when, registers: after(instruction, registers) });
    else
      for (const { to, holds } of jumps(writer, pc, instruction, registers))
        arrivals[to]?.push({ when: named(writer, "Bool", and([when, holds])), registers });
    return [];
  });
  return { definitions: writer.lines.join("\n"), term: or(permitted) };
}
