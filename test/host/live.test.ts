import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { liveHost } from "../../src/host/live.ts";
import { workspace } from "../support/project.ts";

const space = workspace({ "secret.pem": "-----BEGIN PRIVATE KEY-----\n", "empty/text": "" });
afterAll(space.dispose);
const secret = join(space.directory, "secret.pem");

describe.runIf(process.platform === "linux")("links that lead elsewhere for each process", () => {
  test.each(["/proc/self", "/proc/self/cgroup", "/proc/thread-self", "/proc/self/exe"])("%s", (path) => {
    expect(liveHost().lookup(path)).toMatchObject({ kind: "found", path });
  });

  test("by way of other links", () => {
    expect(liveHost().lookup("/proc/mounts")).toMatchObject({ path: "/proc/self/mounts" });
    expect(liveHost().lookup("/proc/self/no-such")).toEqual({ kind: "absent", path: "/proc/self/no-such" });
  });
});

/** A 64-bit little-endian ELF file with an interpreter and one needed library (System V ABI, "Program Header"). */
function elfFile(interpreter: string, needed: string): Buffer {
  const strings = Buffer.from(`\0${needed}\0${interpreter}\0`);
  const dynamic = { at: 64 + 3 * 56, size: 4 * 16 };
  const table = dynamic.at + dynamic.size;
  const file = Buffer.concat([Buffer.alloc(table), strings]);
  file.writeUInt32BE(0x7f454c46, 0);
  file.set([2, 1, 1], 4);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(3, 56);
  const segment = (index: number, type: number, offset: number, size: number): void => {
    const at = 64 + index * 56;
    file.writeUInt32LE(type, at);
    for (const [field, value] of [
      [8, offset],
      [16, offset],
      [32, size],
    ] as const)
      file.writeBigUInt64LE(BigInt(value), at + field);
  };
  segment(0, 1, 0, file.length);
  segment(1, 2, dynamic.at, dynamic.size);
  segment(2, 3, table + 2 + needed.length, interpreter.length + 1);
  const tags = [
    [1, 1],
    [5, table],
    [10, strings.length],
    [0, 0],
  ];
  for (const [index, [tag = 0, value = 0]] of tags.entries()) {
    file.writeBigUInt64LE(BigInt(tag), dynamic.at + index * 16);
    file.writeBigUInt64LE(BigInt(value), dynamic.at + index * 16 + 8);
  }
  return file;
}

describe("the libraries of a file are libraries, whatever the file says", () => {
  const write = (name: string, content: Buffer): string => {
    const path = join(space.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const library = write("library.so", elfFile("", ""));

  test("named by their path", () => {
    expect(liveHost().libraries(write("good", elfFile(library, library)))).toEqual([library]);
  });

  test("of a directory: what its files need outside of it, at any depth", () => {
    write("programs/own.so", elfFile("", ""));
    write("programs/bin/one", elfFile(library, join(space.directory, "programs/own.so")));
    write("programs/bin/script", Buffer.from("#!/bin/sh"));
    expect(liveHost().libraries(join(space.directory, "programs"))).toEqual([library]);
    expect(liveHost().libraries(join(space.directory, "empty"))).toBeUndefined();
  });

  test("a secret that is named as a library is none", () => {
    expect(liveHost().libraries(write("needs", elfFile(library, secret)))).toEqual([library]);
  });

  test("a secret that is named as the interpreter is none", () => {
    expect(liveHost().libraries(write("interprets", elfFile(secret, library)))).toEqual([library]);
  });
});
