/**
 * System calls of Linux: numbers, arguments, constants. Generated from the kernel's headers (`tables.generated.ts`),
 * with rows by hand for what is newer (`supplement.ts`); unpacked on first use.
 */
import { parameterOverrides } from "./parameters.ts";
import { supplement } from "./supplement.ts";
import { packedCalls, packedConstants, packedI386, packedX32 } from "./tables.generated.ts";

export { headerVersions } from "./tables.generated.ts";

/** An architecture that artifacts are made for. */
export type Architecture = "x86_64" | "aarch64" | "riscv64";

/** The architectures, in the order of the tables. */
export const architectures: readonly Architecture[] = ["x86_64", "aarch64", "riscv64"];

/** A parameter of a system call; the kernel looks at its low `bits` only. */
export interface Parameter {
  readonly name: string;
  readonly bits: 32 | 64;
}

/** A system call. */
export interface SystemCall {
  readonly name: string;
  /** Its number where it exists. */
  readonly numbers: Readonly<Partial<Record<Architecture, number>>>;
  readonly parameters: readonly Parameter[];
  /** For rows of the supplement: the release that brought it, and where that is written. */
  readonly since?: string;
  readonly source?: string;
}

function parseParameters(text: string): Parameter[] {
  if (text === "." || text === "?") return [];
  return text.split(",").map((part, index) => {
    const [name = "", bits] = part.split(":");
    return { name: name === "" ? `arg${index + 1}` : name, bits: bits === "32" ? 32 : 64 };
  });
}

function parseNumbers(columns: readonly (string | number | null)[]): SystemCall["numbers"] {
  const numbers: Partial<Record<Architecture, number>> = {};
  for (const [index, architecture] of architectures.entries()) {
    const column = columns[index];
    if (column !== "-" && column !== null && column !== undefined) numbers[architecture] = Number(column);
  }
  return numbers;
}

const lines = (packed: string): readonly string[] => packed.trim().split("\n");

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const calls = once((): ReadonlyMap<string, SystemCall> => {
  const out = new Map<string, SystemCall>();
  for (const row of supplement) {
    const { name, since, source } = row;
    out.set(name, {
      name,
      numbers: parseNumbers(row.numbers),
      parameters: parseParameters(row.parameters),
      since,
      source,
    });
  }
  for (const line of lines(packedCalls)) {
    const [name = "", x86, arm, riscv, parameters = "?"] = line.split(" ");
    const override = Object.hasOwn(parameterOverrides, name) ? parameterOverrides[name] : undefined;
    out.set(name, {
      name,
      numbers: parseNumbers([x86 ?? null, arm ?? null, riscv ?? null]),
      parameters: parseParameters(override ?? parameters),
    });
  }
  return out;
});

/** All calls that exist on any of the architectures, by name. */
export function systemCalls(): ReadonlyMap<string, SystemCall> {
  return calls();
}

/** A call by its name. */
export function systemCall(name: string): SystemCall | undefined {
  return calls().get(name);
}

const constants = once((): ReadonlyMap<string, readonly (bigint | undefined)[]> => {
  const out = new Map<string, readonly (bigint | undefined)[]>();
  for (const line of lines(packedConstants)) {
    const [name = "", ...values] = line.split(" ");
    const parsed = values.map((v) => (v === "-" ? undefined : BigInt(v)));
    out.set(name, parsed.length === 1 ? [parsed[0], parsed[0], parsed[0]] : parsed);
  }
  return out;
});

/** The names of all constants. */
export function constantNames(): Iterable<string> {
  return constants().keys();
}

/** A constant's values on the architectures that have it; undefined when there is no such constant. */
export function constant(name: string): Readonly<Partial<Record<Architecture, bigint>>> | undefined {
  const values = constants().get(name);
  if (!values) return undefined;
  return Object.fromEntries(
    architectures.flatMap((architecture, index) =>
      values[index] === undefined ? [] : [[architecture, values[index]]],
    ),
  );
}

/** The value of a constant that is the same wherever it exists; undefined when it differs or does not exist. */
export function constantValue(name: string): bigint | undefined {
  const values = (constants().get(name) ?? []).filter((v) => v !== undefined);
  return values.every((v) => v === values[0]) ? values[0] : undefined;
}

const entryTable = (packed: string) =>
  once(
    (): ReadonlyMap<string, number> =>
      new Map(lines(packed).map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1])])),
  );

/** Numbers of the i386 entry of x86_64 (`int 0x80`), by name. */
export const i386Calls: () => ReadonlyMap<string, number> = entryTable(packedI386);

/** Numbers of the x32 ABI of x86_64, bit 30 set, by name. */
export const x32Calls: () => ReadonlyMap<string, number> = entryTable(packedX32);
