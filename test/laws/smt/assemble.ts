/** A plain compiler of profiles to filters, a rule after the other: it makes what is tried, and is not itself trusted. */
import type { Instruction } from "../../../src/lift/bpf.ts";
import type { ProfileArgument, ProfileEntry, SeccompProfileJson } from "../../../src/lift/seccomp.ts";
import { systemCall } from "../../../src/linux/index.ts";
import { entryNumbers } from "./terms.ts";

const statement = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k });

/** A test; where it fails, the rule does not hold: `fails` stands for the way to its end. */
interface Test {
  readonly code: number;
  readonly k: number;
  readonly holds: number | "fails";
  readonly otherwise: number | "fails";
}
type Line = Instruction | Test;

const test = (code: number, k: number, holds: Test["holds"], otherwise: Test["otherwise"]): Test => ({
  code,
  k,
  holds,
  otherwise,
});

/** The lines of one comparison, of the high word and then of the low one. */
function comparison({ index, op, value, valueTwo }: ProfileArgument): readonly Line[] {
  const [lowLoad, highLoad] = [statement(0x20, 16 + index * 8), statement(0x20, 20 + index * 8)];
  const [lo, hi] = [Number(value & 0xffffffffn), Number(value >> 32n)];
  const two = valueTwo & value;
  switch (op) {
    case "SCMP_CMP_EQ":
      return [highLoad, test(0x15, hi, 0, "fails"), lowLoad, test(0x15, lo, 0, "fails")];
    case "SCMP_CMP_NE":
      return [highLoad, test(0x15, hi, 0, 2), lowLoad, test(0x15, lo, "fails", 0)];
    case "SCMP_CMP_MASKED_EQ":
      return [
        ...[highLoad, statement(0x54, hi), test(0x15, Number(two >> 32n), 0, "fails")],
        ...[lowLoad, statement(0x54, lo), test(0x15, Number(two & 0xffffffffn), 0, "fails")],
      ];
    default: {
      const greater = op === "SCMP_CMP_GE" || op === "SCMP_CMP_GT";
      const code = op === "SCMP_CMP_GE" || op === "SCMP_CMP_LT" ? 0x35 : 0x25;
      const last = greater ? test(code, lo, 0, "fails") : test(code, lo, "fails", 0);
      const more = greater ? 3 : "fails";
      const less = greater ? "fails" : 2;
      return [highLoad, test(0x25, hi, more, 0), test(0x15, hi, 0, less), lowLoad, last];
    }
  }
}

function rule(number: number, { args }: ProfileEntry): readonly Instruction[] {
  const lines: readonly Line[] = [
    statement(0x20, 0),
    test(0x15, number, 0, "fails"),
    ...args.flatMap(comparison),
    statement(0x06, 0x7fff0000),
  ];
  return lines.map((line, at) => {
    if ("jt" in line) return line;
    const to = (way: Test["holds"]): number => (way === "fails" ? lines.length - at - 1 : way);
    return { code: line.code, jt: to(line.holds), jf: to(line.otherwise), k: line.k };
  });
}

/** A filter that permits what a profile's permitting rules do, on these architectures. */
export function assemble(
  profile: SeccompProfileJson,
  architectures: readonly ("x86_64" | "aarch64" | "riscv64")[],
): readonly Instruction[] {
  const deny = statement(0x06, 0x00050001);
  const sections = architectures.map((architecture) => {
    const body = profile.syscalls
      .filter(({ action }) => action === "SCMP_ACT_ALLOW" || action === "SCMP_ACT_LOG")
      .flatMap((entry) =>
        entry.names.flatMap((name) => {
          const number = systemCall(name)?.numbers[architecture];
          return number === undefined ? [] : rule(number, entry);
        }),
      );
    const head = { code: 0x15, jt: 1, jf: 0, k: entryNumbers[architecture] };
    return [head, statement(0x05, body.length + 1), ...body, deny];
  });
  return [statement(0x20, 4), ...sections.flat(), deny];
}
