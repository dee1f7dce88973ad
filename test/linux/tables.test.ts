import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  architectures,
  constant,
  constantValue,
  i386Calls,
  systemCall,
  systemCalls,
  x32Calls,
} from "../../src/linux/index.ts";
import { supplement } from "../../src/linux/supplement.ts";

describe("tables of system calls", () => {
  test("known numbers", () => {
    expect(systemCall("read")?.numbers).toEqual({ x86_64: 0, aarch64: 63, riscv64: 63 });
    expect(systemCall("open")?.numbers).toEqual({ x86_64: 2 });
    expect(systemCall("clone3")?.numbers).toEqual({ x86_64: 435, aarch64: 435, riscv64: 435 });
    expect(systemCall("mseal")?.numbers.x86_64).toBe(462);
    expect(i386Calls().get("socketcall")).toBe(102);
    expect(x32Calls().get("getpid")).toBe(0x40000000 + 39);
  });

  test("each number belongs to one call", () => {
    for (const architecture of architectures) {
      const seen = new Map<number, string>();
      for (const call of systemCalls().values()) {
        const number = call.numbers[architecture];
        if (number === undefined) continue;
        expect(
          seen.get(number),
          `${call.name} and another have ${number} on ${architecture}`,
        ).toBeUndefined();
        seen.set(number, call.name);
      }
    }
  });

  test("at most six parameters, each name once", () => {
    for (const call of systemCalls().values()) {
      expect(call.parameters.length).toBeLessThanOrEqual(6);
      expect(new Set(call.parameters.map((p) => p.name)).size, call.name).toBe(call.parameters.length);
    }
  });

  test("names and widths as the manual pages and the kernel have them", () => {
    expect(systemCall("clone")?.parameters[0]).toEqual({ name: "flags", bits: 64 });
    expect(systemCall("ioctl")?.parameters[1]).toEqual({ name: "cmd", bits: 32 });
    expect(systemCall("socket")?.parameters.map((p) => p.name)).toEqual(["domain", "type", "protocol"]);
    expect(systemCall("prctl")?.parameters[0]).toEqual({ name: "option", bits: 32 });
    expect(systemCall("openat")?.parameters.map((p) => p.bits)).toEqual([32, 64, 32, 32]);
    expect(systemCall("kill")?.parameters).toEqual([
      { name: "pid", bits: 32 },
      { name: "sig", bits: 32 },
    ]);
  });

  test("constants, and those that differ", () => {
    expect(constantValue("AF_INET6")).toBe(10n);
    expect(constantValue("TIOCSTI")).toBe(0x5412n);
    expect(constantValue("ARCH_SET_FS")).toBe(0x1002n);
    expect(constantValue("O_DIRECTORY")).toBeUndefined();
    expect(constant("O_DIRECTORY")).toEqual({ x86_64: 0x10000n, aarch64: 0x4000n, riscv64: 0x10000n });
    expect(constant("NO_SUCH")).toBeUndefined();
  });

  test("each row by hand has a source", () => {
    for (const row of supplement) expect(row.source.length, row.name).toBeGreaterThan(10);
  });

  const header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";
  test.runIf(existsSync(header))("agrees with this machine's own header", () => {
    const text = readFileSync(header, "utf8");
    for (const [, name = "", number] of text.matchAll(/^#define __NR_(\w+) (\d+)$/gm)) {
      expect(systemCall(name)?.numbers.x86_64, name).toBe(Number(number));
    }
  });
});
