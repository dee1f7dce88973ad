/** MC2xxx: a name that means nothing here. */
import { defineEntry } from "../entry.ts";

const good = { policy: "profile house <\n  net none;\n>\nserver fs extends house <\n>" };

export const nameErrors = {
  unknownProfile: defineEntry<{ name: string }>("MC2001", {
    severity: "error",
    title: "unknown profile",
    message: ({ name }) =>
      `there is no profile \`${name}\` in this file, its imports or the standard library`,
    why: "A profile that is not found could hold denies, so the policy can't be compiled without it.",
    bad: { policy: "profile house <\n  net none;\n>\nserver fs extends huose <\n>" },
    good,
  }),
  extendsCycle: defineEntry<{ ring: string }>("MC2002", {
    severity: "error",
    title: "profiles that extend each other",
    message: ({ ring }) => `profiles extend each other in a ring: ${ring}`,
    why: "A profile in such a ring has no first meaning to begin from.",
    bad: { policy: "profile a extends b <\n>\nprofile b extends a <\n>\nserver fs extends a <\n>" },
    good,
  }),
  importFailed: defineEntry<{ path: string; reason: string }>("MC2003", {
    severity: "error",
    title: "an import that can't be read",
    message: ({ path, reason }) => `\`${path}\` can't be imported: ${reason}`,
    why: "What an import holds is part of the policy's meaning.",
    bad: { policy: "import ./missing.mcp;\nserver fs <\n  net none;\n>" },
    good: {
      policy: "import ./org.mcp;\nserver fs extends org <\n>",
      files: { "org.mcp": "profile org <\n  net none;\n>\n" },
    },
  }),
  importCycle: defineEntry<{ ring: string }>("MC2004", {
    severity: "error",
    title: "imports in a ring",
    message: ({ ring }) => `these files import each other: ${ring}`,
    why: "Files that import each other have no order to be read in; put what both need into a third.",
    bad: {
      policy: "import ./a.mcp;\nserver fs <\n  net none;\n>",
      files: { "a.mcp": "import ./b.mcp;\n", "b.mcp": "import ./a.mcp;\n" },
    },
    good: {
      policy: "import ./a.mcp;\nserver fs <\n  net none;\n>",
      files: { "a.mcp": "profile a <\n>\n" },
    },
  }),
  duplicateName: defineEntry<{ kind: string; name: string }>("MC2005", {
    severity: "error",
    title: "a name given twice",
    message: ({ kind, name }) => `there are two of ${kind} \`${name}\``,
    why: "A reference to the name could mean either.",
    bad: { policy: "server fs <\n  net none;\n>\nserver fs <\n  tmp 1MiB;\n>" },
    good: { policy: "server fs <\n  net none;\n>\nserver fs2 <\n  tmp 1MiB;\n>" },
  }),
  unknownCall: defineEntry<{ name: string }>("MC2006", {
    severity: "error",
    title: "unknown system call",
    message: ({ name }) => `there is no system call \`${name}\` on any architecture that the tables know`,
    why: "A misspelt name would grant nothing, or deny nothing.",
    bad: { policy: "server fs <\n  syscalls default-deny + [..., fsnyc];\n>" },
    good: { policy: "server fs <\n  syscalls default-deny + [..., fsync];\n>" },
  }),
  unknownGroup: defineEntry<{ name: string }>("MC2007", {
    severity: "error",
    title: "unknown group of system calls",
    message: ({ name }) => `there is no group \`${name}\``,
    why: "A group is declared in this file, in an import, or in the standard library.",
    bad: { policy: "server fs <\n  syscalls default-deny + [..., @fs-wirte];\n>" },
    good: { policy: "server fs <\n  syscalls default-deny + [..., @fs-write];\n>" },
  }),
  groupCycle: defineEntry<{ ring: string }>("MC2008", {
    severity: "error",
    title: "groups that hold each other",
    message: ({ ring }) => `groups hold each other in a ring: ${ring}`,
    why: "A group in such a ring has no members to begin from.",
    bad: { policy: "group @a [@b];\ngroup @b [@a];\nserver fs <\n  syscalls default-deny + [..., @a];\n>" },
    good: {
      policy: "group @a [@b];\ngroup @b [fsync];\nserver fs <\n  syscalls default-deny + [..., @a];\n>",
    },
  }),
  unknownArgument: defineEntry<{ call: string; name: string; known: string }>("MC2009", {
    severity: "error",
    title: "unknown argument",
    message: ({ call, name, known }) => `\`${call}\` has no argument \`${name}\`; it has ${known}`,
    why: "A condition on an argument that does not exist would compare nothing.",
    bad: { policy: "server fs <\n  syscalls default-deny + [..., ioctl(request = TCGETS)];\n>" },
    good: { policy: "server fs <\n  syscalls default-deny + [..., ioctl(cmd = TCGETS)];\n>" },
  }),
  unknownConstant: defineEntry<{ name: string }>("MC2010", {
    severity: "error",
    title: "unknown constant",
    message: ({ name }) => `there is no constant \`${name}\` in the tables`,
    why: "Constants are those of the kernel's headers; any other value is written as a number.",
    bad: { policy: "server fs <\n  syscalls default-deny + [..., ioctl(cmd = TCGETZ)];\n>" },
    good: { policy: "server fs <\n  syscalls default-deny + [..., ioctl(cmd = TCGETS)];\n>" },
  }),
  differingConstant: defineEntry<{ name: string }>("MC2011", {
    severity: "error",
    title: "a constant that differs between architectures",
    message: ({ name }) => `\`${name}\` has different values on x86_64, aarch64 and riscv64`,
    why: "One filter serves all three; write the number, and compile for the architecture it belongs to.",
    bad: { policy: "server fs <\n  syscalls default-deny + [..., openat(flags = O_DIRECTORY)];\n>" },
    good: { policy: "server fs <\n  syscalls default-deny + [..., openat(flags = O_CLOEXEC)];\n>" },
  }),
  valueTooLarge: defineEntry<{ text: string; bits: number; name: string }>("MC2012", {
    severity: "error",
    title: "a value wider than its argument",
    message: ({ text, bits, name }) => `\`${text}\` does not fit into \`${name}\`, which has ${bits} bits`,
    why: "The kernel looks at the low bits only, so the comparison could never hold, or would hold for more.",
    bad: { policy: "server fs <\n  syscalls default-deny + [..., ioctl(cmd = 0x100000000)];\n>" },
    good: { policy: "server fs <\n  syscalls default-deny + [..., ioctl(cmd = 0x5401)];\n>" },
  }),
  unknownTarget: defineEntry<{ name: string }>("MC2013", {
    severity: "error",
    title: "unknown target",
    message: ({ name }) => `there is no target \`${name}\``,
    why: "An `accept` for a target that does not exist would be obeyed by none, or by one added later.",
    bad: { policy: "server fs <\n  accept dokcer: tmp.size;\n>" },
    good: { policy: "server fs <\n  accept docker: tmp.size;\n>" },
  }),
  unknownItem: defineEntry<{ name: string }>("MC2014", {
    severity: "error",
    title: "unknown accept item",
    message: ({ name }) => `\`${name}\` is nothing that can be accepted`,
    why: "Only what the table of items denotes can be accepted; reading, writing, system-call numbers and root never.",
    bad: { policy: "server fs <\n  accept docker: limits.memroy;\n>" },
    good: { policy: "server fs <\n  accept docker: limits.memory;\n>" },
  }),
  outsideMask: defineEntry<{ value: string; mask: string }>("MC2015", {
    severity: "error",
    title: "a condition that never holds",
    message: ({ value, mask }) =>
      `\`${value}\` has bits outside of the mask \`${mask}\`, so the comparison never holds`,
    why: "Some runtimes mask the value too, and would then compare with something else than is written.",
    bad: { policy: "server fs <\n  syscalls default-deny + [..., prctl(option & 0x6 = 1)];\n>" },
    good: { policy: "server fs <\n  syscalls default-deny + [..., prctl(option & 0x6 = 2)];\n>" },
  }),
} as const;
