import { beforeAll, describe, expect, test } from "vitest";
import { never, union } from "../../src/authority/bdd.ts";
import { createCallDiagram, exempt, named } from "../../src/authority/calls.ts";
import { runBpf } from "../../src/evaluate/bpf.ts";
import type { Instruction } from "../../src/lift/bpf.ts";
import { isPermission } from "../support/bpf-actions.ts";
import { buildProgram } from "./build.ts";
import { askKernel } from "./prober.ts";
import { addProbe, createProbes, numberAt, type Probes } from "./probes.ts";

let prober = "";
beforeAll(() => {
  prober = buildProgram("prober");
});

const getppid = 110;
const died = 100_000;
const [sigill, sigsys] = [4, 31];
const caught = 200_000;

/** One call without arguments. */
function callOf(number: number): Probes {
  const probes = createProbes();
  probes.words[addProbe(probes, 0) + numberAt] = number;
  return probes;
}

/** A filter that answers one call, and permits all others. */
const answering = (number: number, k: number): readonly Instruction[] => [
  { code: 0x20, jt: 0, jf: 0, k: 0 },
  { code: 0x15, jt: 0, jf: 1, k: number },
  { code: 0x06, jt: 0, jf: 0, k },
  { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 },
];

describe("what each answer does to a call that is made for real", () => {
  const executed = "executed";
  test.each([
    ["ALLOW", 0x7fff0000, executed],
    ["ALLOW with data", 0x7fff0009, executed],
    ["LOG", 0x7ffc0000, executed],
    ["TRACE, without a tracer", 0x7ff00000, -38],
    ["USER_NOTIF, without a listener", 0x7fc00000, -38],
    ["ERRNO", 0x0005000d, -13],
    ["ERRNO 0, which looks like success", 0x00050000, 0],
    ["ERRNO above 4095", 0x0005ffff, -4095],
    ["TRAP", 0x00030000, caught],
    ["KILL_THREAD", 0x00000000, died + sigsys],
    ["KILL_PROCESS", 0x80000000, died + sigsys],
    ["an action that there is not", 0x12340000, died + sigsys],
    ["another, above LOG", 0x7ffd0000, died + sigsys],
    ["another, below 0", 0xffff0000, died + sigsys],
  ])("%s", (_, answer, does) => {
    const filter = answering(getppid, answer);
    const { returned } = askKernel(prober, "bare", filter, callOf(getppid));
    const result = returned[0] ?? Number.NaN;
    const ran = result > 0 && result < died;
    expect(ran ? executed : result).toBe(does);
    // What runs is permitted; what is not may be left to another, which counts as permitted too.
    const data = { number: getppid, architecture: 0xc000003e, words: [] };
    expect(runBpf(filter, data)).toBe(answer);
    if (ran) expect(isPermission(answer)).toBe(true);
    if (!isPermission(answer)) expect(ran).toBe(false);
  });

  test("a division by 0 kills", () => {
    const filter = [
      { code: 0x20, jt: 0, jf: 0, k: 0 },
      { code: 0x15, jt: 0, jf: 2, k: getppid },
      { code: 0x3c, jt: 0, jf: 0, k: 0 },
      { code: 0x06, jt: 0, jf: 0, k: 0x00050001 },
      { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 },
    ];
    expect(askKernel(prober, "bare", filter, callOf(getppid)).returned[0]).toBe(died + sigsys);
  });
});

test.each([
  ["uretprobe", 335],
  ["uprobe", 336],
])("%s passes a filter that denies it, if this kernel has it at all", (name, number) => {
  const { returned } = askKernel(prober, "bare", answering(number, 0x00050001), callOf(number));
  // A kernel that has it runs it, and it ends a process that the kernel has not put a probe into.
  expect([died + sigill, -1, -6]).toContain(returned[0]);
  console.log(`${name}: ${returned[0] === -1 ? "filtered here" : `not filtered here (${returned[0]})`}`);
  const bdd = createCallDiagram();
  const call = named(bdd, name);
  expect(call).not.toBe(never);
  expect(union(bdd, exempt(bdd), call)).toBe(exempt(bdd));
});
