/** MC5xxx: what was decided, or could not be: containment, and files that are not what the policy says. */
import { defineEntry } from "../entry.ts";

export const proofErrors = {
  exceedsCeiling: defineEntry<{ server: string; profile: string; operation: string }>("MC5001", {
    severity: "error",
    title: "a server that can do more than it may",
    message: ({ server, profile, operation }) =>
      `\`${server}\` must stay within \`${profile}\`, and can do more: \`${operation}\``,
    why: "`within` asks that everything a server may do, the profile would allow too; this operation shows that it does not.",
    bad: {
      policy: "profile ceiling <\n  read ./project;\n>\nserver fs within ceiling <\n  write ./project;\n>",
    },
    good: {
      policy: "profile ceiling <\n  write ./project;\n>\nserver fs within ceiling <\n  read ./project;\n>",
    },
  }),
  tooLarge: defineEntry<{ what: string; dimension: string }>("MC5002", {
    severity: "error",
    title: "a policy that is too large to decide",
    message: ({ what, dimension }) =>
      `${what} could not be compared in \`${dimension}\`: too large to decide`,
    why: "A decision is bounded in steps, so that it is the same on every machine; what can't be decided is no yes. Split the server, or name fewer patterns.",
    bad: { command: "mcpc check policy.mcp   # a `within` with many hundred patterns that overlap" },
    good: { policy: "server fs <\n  read ./project;\n>" },
  }),
  widened: defineEntry<{ server: string; operation: string }>("MC5003", {
    severity: "error",
    title: "a server that may do more than before",
    message: ({ server, operation }) => `\`${server}\` may now: \`${operation}\``,
    why: "`mcpc diff` compares what two policies permit, for every path, address, call and argument; this is one that is new.",
    bad: { command: "mcpc diff old.mcp new.mcp   # new.mcp grants more" },
    good: { policy: "server fs <\n  read ./project;\n>" },
  }),
  narrowed: defineEntry<{ server: string; operation: string }>("MC5004", {
    severity: "note",
    title: "a server that may do less than before",
    message: ({ server, operation }) => `\`${server}\` may no longer: \`${operation}\``,
    why: "`mcpc diff` says what was taken away too: a server that needs it will fail there.",
    bad: { command: "mcpc diff old.mcp new.mcp   # new.mcp grants less" },
    good: { policy: "server fs <\n  read ./project;\n>" },
  }),
  beyondPolicy: defineEntry<{ file: string; server: string; operation: string }>("MC5005", {
    severity: "error",
    title: "an artifact that permits more than its policy",
    message: ({ file, server, operation }) =>
      `\`${file}\` permits what \`${server}\` denies: \`${operation}\``,
    why: "The file was read as its consumer reads it, and everything that it permits was compared with the policy; this operation gets through, and the policy denies it.",
    bad: {
      command: "mcpc verify policy.mcp compose.yaml   # a directory more is mounted than the policy grants",
    },
    good: { policy: "server fs <\n  read ./project;\n>" },
  }),
  unreadableArtifact: defineEntry<{ file: string; reason: string }>("MC5006", {
    severity: "error",
    title: "an artifact that can't be read",
    message: ({ file, reason }) =>
      `\`${file}\` can't be read, so nothing is known of what it permits: ${reason}`,
    why: "What is not understood may permit everything: no key, interpolation or form is passed over.",
    bad: { command: "mcpc verify policy.mcp compose.yaml   # with a key that compose does not know" },
    good: { policy: "server fs <\n  read ./project;\n>" },
  }),
  ignoredLine: defineEntry<{ file: string; finding: string }>("MC5007", {
    severity: "error",
    title: "an artifact that is not what it looks like",
    message: ({ file, finding }) => `\`${file}\` is not what it looks like: ${finding}`,
    why: "The consumer of the file passes over this in silence, or its meaning is not known: who wrote it meant something else.",
    bad: {
      command: "mcpc verify policy.mcp fs.service   # with `NoNewPrivilege=yes`, which systemd ignores",
    },
    good: { policy: "server fs <\n  read ./project;\n>" },
  }),
  changedArtifact: defineEntry<{ file: string; how: string }>("MC5008", {
    severity: "error",
    title: "a file that is not the one that was proven",
    message: ({ file, how }) => `\`${file}\` ${how}`,
    why: "A proof is of the bytes whose hashes it records.",
    bad: {
      command: "mcpc verify --proof sandbox/fs/docker/mcpc.proof.json   # compose.yaml was edited by hand",
    },
    good: { policy: "server fs <\n  read ./project;\n>" },
  }),
} as const;
