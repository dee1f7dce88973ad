/** Filters of system calls: what they compare, and which numbers they look at. */
import {
  allow,
  architecture,
  argument,
  entry,
  exact,
  highOf,
  i386,
  isAbove,
  isEqual,
  jump,
  load,
  lowOf,
  number,
  profile,
  refuse,
  x86_64,
} from "./artifacts.ts";
import type { Artifact, Row } from "./row.ts";

const tiocsti = 0x5412;
const low = 0xffffffff;

/** A program that lets `lseek` through where its tests of the offset say so: 0 steps on to allow, 1 to refuse. */
const seeking = (...tests: readonly ReturnType<typeof load>[]): Artifact => ({
  program: [
    load(architecture),
    isEqual(x86_64, 0, tests.length + 3),
    load(number),
    isEqual(8, 0, tests.length + 1),
    ...tests,
    allow,
    refuse,
  ],
});

/** Steps that refuse every architecture but x86_64. */
const native = (): Extract<Artifact, { readonly program: unknown }>["program"] => [
  load(architecture),
  isEqual(x86_64, 1, 0),
  refuse,
];

export const comparisonRows: readonly Row[] = [
  {
    row: 1,
    reported: ["CVE-2019-9893", "libseccomp#139"],
    what: "an order of 64-bit words was decided by their halves one by one",
    decided: {
      kind: "fixture",
      policy: exact("lseek(offset & 0xffffffff00000000 = 0)"),
      // Below 2^32: the high half must be 0. Taken as "or", any word with a low half that is small passes.
      artifact: seeking(load(highOf(1)), isEqual(0, 2, 0), load(lowOf(1)), isAbove(0xffff, 1, 0)),
      repaired: seeking(load(highOf(1)), isEqual(0, 0, 3), load(lowOf(1)), isAbove(0xffff, 1, 0)),
      expect: { beyond: "syscalls", witness: /^lseek\(.*\) on x86_64$/ },
    },
  },
  {
    row: 2,
    reported: ["libseccomp#69"],
    what: "a negative value to compare with meant another word than it seemed to",
    decided: {
      kind: "fixture",
      artifact: profile([entry(["setpriority"], [argument(2, "EQ", -1)])]),
      repaired: profile([entry(["setpriority"], [argument(2, "EQ", low)])]),
      expect: { refused: /`.*value`: a whole number/ },
    },
  },
  {
    row: 3,
    reported: ["CVE-2017-18367", "moby#39409"],
    what: "of several conditions of one rule each alone was enough",
    decided: {
      kind: "fixture",
      policy: `${exact("socket(domain = 2, type = 1)")} net any;`,
      artifact: profile([
        entry(["socket"], [argument(0, "EQ", 2)]),
        entry(["socket"], [argument(1, "EQ", 1)]),
      ]),
      repaired: profile([entry(["socket"], [argument(0, "EQ", 2), argument(1, "EQ", 1)])]),
      expect: { beyond: "syscalls", witness: /^socket\(/ },
    },
  },
  {
    row: 4,
    reported: ["runc#1616", "runc#2735", "crun#2237"],
    what: "two conditions on one argument are alternatives to a runtime, with all other conditions",
    decided: {
      kind: "fixture",
      policy: `${exact("socket(domain in {2, 10}, type = 1)")} net any;`,
      artifact: profile([
        entry(["socket"], [argument(0, "GE", 2), argument(0, "LE", 10), argument(1, "EQ", 1)]),
      ]),
      repaired: profile(
        [2, 10].map((family) => entry(["socket"], [argument(0, "EQ", family), argument(1, "EQ", 1)])),
      ),
      expect: { beyond: "syscalls", witness: /^socket\(/ },
    },
  },
  {
    row: 5,
    reported: ["crun#2220", "youki#3489", "kata#4913"],
    what: "conditions behind the sixth were cut off, and runtimes disagreed on the rest",
    decided: {
      kind: "fixture",
      policy: `${exact("socket(domain = 2, type = 1, protocol = 0)")} net any;`,
      artifact: profile([
        entry(
          ["socket"],
          [0, 1, 2, 3, 4, 5, 0].map((index, at) => argument(index, "EQ", index === 1 ? 1 : at === 6 ? 2 : 0)),
        ),
      ]),
      repaired: profile([
        entry(["socket"], [argument(0, "EQ", 2), argument(1, "EQ", 1), argument(2, "EQ", 0)]),
      ]),
      expect: { beyond: "syscalls", witness: /^socket\(/ },
    },
  },
  {
    row: 6,
    reported: ["moby#52494", "CVE-2026-31431"],
    what: "to refuse one family of sockets let another dangerous one through",
    decided: {
      kind: "fixture",
      policy: `${exact("socket(domain in {2, 10})")} net any;`,
      artifact: profile([entry(["socket"], [argument(0, "NE", 40)])]),
      repaired: profile([2, 10].map((family) => entry(["socket"], [argument(0, "EQ", family)]))),
      expect: { beyond: "syscalls", witness: /^socket\(/ },
    },
  },
  {
    row: 7,
    reported: ["containerd#13330"],
    what: "a condition on `socket` left the old call of all sockets open to programs of 32 bits",
    decided: {
      kind: "fixture",
      policy: `${exact("socket(domain = 2)")} net any;`,
      artifact: profile([entry(["socket"], [argument(0, "EQ", 2)])], { architectures: ["X86_64", "X86"] }),
      repaired: profile([entry(["socket"], [argument(0, "EQ", 2)])]),
      expect: { beyond: "syscalls", witness: /on i386/ },
    },
  },
  {
    row: 8,
    reported: ["runc#3109"],
    what: "a denial that is like the default was dropped",
    decided: {
      kind: "fixture",
      policy: exact("ioctl(cmd = TCGETS)"),
      artifact: profile([entry(["ioctl"]), entry(["ioctl"], [argument(1, "NE", 0x5401)], "ERRNO")]),
      repaired: profile([entry(["ioctl"], [argument(1, "EQ", 0x5401)])]),
      expect: { beyond: "syscalls", witness: /^ioctl\(/ },
    },
  },
  {
    row: 9,
    reported: ["CVE-2019-7303", "CVE-2019-10063", "flatpak#2782", "snapd#6681"],
    what: "a refused request to a terminal passed with a bit above the 32 that the kernel looks at",
    decided: {
      kind: "fixture",
      artifact: profile([entry(["ioctl"], [argument(1, "NE", tiocsti), argument(0, "EQ", 0)])]),
      repaired: profile([entry(["ioctl"], [argument(1, "MASKED_EQ", low, 0x5401n)])]),
      expect: { deputy: "terminal" },
    },
  },
  {
    row: 10,
    reported: ["CVE-2017-5226", "CVE-2023-28100", "CVE-2023-1523", "snapd#12849"],
    what: "the other request that types into a terminal was forgotten",
    decided: {
      kind: "fixture",
      artifact: profile([entry(["ioctl"], [argument(1, "MASKED_EQ", low, 0x541cn)])]),
      repaired: profile([entry(["ioctl"], [argument(1, "MASKED_EQ", low, 0x5413n)])]),
      expect: { deputy: "terminal" },
    },
  },
  {
    row: 11,
    reported: ["snapd#6681"],
    what: "an id with bits above its 32 was not the id that a rule refuses",
    decided: {
      kind: "fixture",
      policy: `${exact("setgid")} user 1000:1000;`.replace("setgid", "setgid(gid & 1 = 1)"),
      // Any id but 0, compared at 64 bits.
      artifact: profile([entry(["setgid"], [argument(0, "NE", 0)])]),
      repaired: profile([entry(["setgid"], [argument(0, "MASKED_EQ", 1, 1n)])]),
      expect: { beyond: "syscalls", witness: /^setgid\(/ },
    },
  },
  {
    row: 12,
    reported: ["libseccomp#383"],
    what: "the working directory's number, with and without its sign extended, got two answers",
    decided: {
      kind: "fixture",
      policy: exact("openat(dfd & 0x80000000 = 0)"),
      artifact: profile([entry(["openat"], [argument(0, "NE", 0xffffff9c)])]),
      repaired: profile([entry(["openat"], [argument(0, "MASKED_EQ", 0x80000000, 0n)])]),
      expect: { beyond: "syscalls", witness: /^openat\(/ },
    },
  },
  {
    row: 13,
    reported: ["libseccomp 2.5.4"],
    what: "a value of more than 32 bits was cut off for programs of 32 bits",
    decided: {
      kind: "fixture",
      policy: exact("setuid(uid = 7)"),
      artifact: profile([entry(["setuid"], [argument(0, "EQ", 0x100000007)])], { architectures: ["X86"] }),
      repaired: profile([entry(["setuid"], [argument(0, "EQ", 7)])]),
      expect: { beyond: "syscalls", witness: /^setuid\(7\) on i386/ },
    },
  },
  {
    row: 14,
    reported: ["firejail#87", "kafel#19", "seccompiler#74"],
    what: "the bit that marks numbers of x32 was not looked at",
    decided: {
      kind: "fixture",
      policy: exact("read"),
      artifact: {
        program: [...native(), load(number), jump(0x54, 0xbfffffff, 0, 0), isEqual(0, 0, 1), allow, refuse],
      },
      repaired: { program: [...native(), load(number), isEqual(0, 0, 1), allow, refuse] },
      expect: { beyond: "syscalls", witness: /^x32:read\(/ },
    },
  },
  {
    row: 15,
    reported: ["go-seccomp-bpf#48"],
    what: "calls of another architecture got the default answer, which was yes",
    decided: {
      kind: "fixture",
      policy: exact("read"),
      artifact: {
        program: [load(architecture), isEqual(x86_64, 0, 2), load(number), isEqual(0, 0, 1), allow, refuse],
      },
      repaired: {
        program: [load(architecture), isEqual(x86_64, 0, 3), load(number), isEqual(0, 0, 1), allow, refuse],
      },
      expect: { beyond: "syscalls", witness: /on (?:i386|aarch64|riscv64)/ },
    },
  },
  {
    row: 16,
    reported: ["lxc#571"],
    what: "one architecture's section had the numbers of another",
    decided: {
      kind: "fixture",
      policy: exact("munmap"),
      // 11 unmaps memory on x86_64, and starts a program on i386.
      artifact: {
        program: [
          load(architecture),
          isEqual(x86_64, 1, 0),
          isEqual(i386, 0, 3),
          load(number),
          isEqual(11, 0, 1),
          allow,
          refuse,
        ],
      },
      repaired: { program: [...native(), load(number), isEqual(11, 0, 1), allow, refuse] },
      expect: { beyond: "syscalls", witness: /^execve\(.* on i386/ },
    },
  },
  {
    row: 17,
    reported: ["firedancer#9185", "shadow#3034"],
    what: "of a word of 64 bits that the kernel uses only the low half was compared",
    decided: {
      kind: "fixture",
      policy: exact("lseek(offset = 16)"),
      artifact: seeking(load(lowOf(1)), isEqual(16, 0, 1)),
      repaired: seeking(load(highOf(1)), isEqual(0, 0, 3), load(lowOf(1)), isEqual(16, 0, 1)),
      expect: { beyond: "syscalls", witness: /^lseek\(.* on x86_64/ },
    },
  },
];
