import { expect, test } from "vitest";
import { readQuestion } from "../../src/reference/question.ts";

const read = (text: string) => readQuestion(text, (path) => path);

test.each([
  ["socket(AF_INET)", "socket", ["AF_INET"]],
  ["socket( domain = AF_INET , _ )", "socket", ["AF_INET", undefined]],
  ["ioctl(cmd = TCGETS)", "ioctl", [undefined, "TCGETS"]],
  ["prctl(arg2 = 0x10, option = 4)", "prctl", ["4", "0x10"]],
  ["mount", "mount", []],
  ["read()", "read", []],
])("%s", (text, name, words) => {
  expect(read(text)).toEqual({ ok: true, question: { kind: "call", name, words } });
});

test.each([
  ["mout", "there is no system call `mout`; did you mean `mount`?"],
  ["socket(AF_INT)", "there is no constant `AF_INT`; did you mean `AF_INET`?"],
  ["ioctl(cdm = TCGETS)", "there is no argument `cdm` of `ioctl`; did you mean `cmd`?"],
  ["getpid(1)", "there is no argument `1` of `getpid`"],
])("%s is no question", (text, reason) => {
  expect(read(text)).toEqual({ ok: false, reason });
});

test("a verb alone asks for its operand", () => {
  for (const verb of ["read", "listen", "env"])
    expect(read(verb)).toMatchObject({ ok: false, reason: expect.stringMatching(/^a question is/) });
});
