/** MC4xxx: what a target does not hold, or can't write down. */
import { defineEntry } from "../entry.ts";

type TargetHoles = { target: string; message: string };

export const enforcementErrors = {
  residual: defineEntry<TargetHoles & { line: string }>("MC4001", {
    severity: "error",
    title: "a denial that a target can't hold",
    message: ({ target, message, line }) => `${target}: ${message}; if that is acceptable: \`${line}\``,
    why: "What an artifact permits beyond its policy is refused until the policy itself says so, for its reviewer to see.",
    bad: { policy: "server fs <\n  limits < time 8h >;\n>", options: { target: "docker" } },
    good: {
      policy: "server fs <\n  limits < time 8h >;\n  accept docker: limits.time;\n>",
      options: { target: "docker" },
    },
  }),
  refused: defineEntry<TargetHoles>("MC4002", {
    severity: "error",
    title: "a policy that a target can't run under",
    message: ({ target, message }) => `${target}: ${message}`,
    why: "Some things can't be accepted away: the artifact would not start, or would be root.",
    bad: {
      policy: "server fs <\n  syscalls default-deny + [read, write, exit_group];\n>",
      options: { target: "docker" },
    },
    good: {
      policy: "server fs <\n  syscalls default-deny + [read, write, exit_group, @runc-floor];\n>",
      options: { target: "docker" },
    },
  }),
  slack: defineEntry<TargetHoles>("MC4003", {
    severity: "warning",
    title: "a grant that a target denies",
    message: ({ target, message }) => `${target}: ${message}`,
    why: "Of two possible answers the stricter one is emitted, and said.",
    bad: { policy: "server fs <\n  net connect api.github.com:443;\n>", options: { target: "docker" } },
    good: { policy: "server fs <\n  net none;\n>", options: { target: "docker" } },
  }),
  soft: defineEntry<TargetHoles>("MC4004", {
    severity: "note",
    title: "a soft denial that a target does not hold",
    message: ({ target, message }) => `${target}: ${message}`,
    why: "A policy is soft in what it does not name: exec without an exec clause, a runtime's argument conditions, protected paths.",
    bad: { policy: "server fs <\n  write ./out;\n>", options: { target: "docker" } },
    good: { policy: "server fs <\n  net none;\n>", options: { target: "docker" } },
  }),
  companion: defineEntry<{ target: string; left: string }>("MC4005", {
    severity: "note",
    title: "what a layer leaves to others",
    message: ({ target, left }) => `${target} is a layer, and leaves to what starts the program: ${left}`,
    why: "A layer holds its own dimension only; what starts the program must hold the rest.",
    bad: { policy: "server fs <\n  tmp 1MiB;\n>", options: { target: "seccomp" } },
    good: { command: "mcpc compile policy.mcp --target=docker   # a sandbox, which holds all" },
  }),
  unrepresentable: defineEntry<TargetHoles & { text: string; reason: string }>("MC4006", {
    severity: "error",
    title: "a string that a format can't hold",
    message: ({ target, message, text, reason }) =>
      `${target}: ${message} \`${text}\` can't be written: ${reason}`,
    why: "What can't be quoted in a format would mean something else there.",
    bad: {
      policy: "server fs <\n  run node ./a?b/index.js;\n>",
      files: { "a?b/index.js": "" },
      options: { target: "docker" },
    },
    good: {
      policy: "server fs <\n  run node ./dist/index.js;\n>",
      files: { "dist/index.js": "" },
      options: { target: "docker" },
    },
  }),
  assumed: defineEntry<{ target: string; left: string }>("MC4007", {
    severity: "note",
    title: "what a target takes for granted",
    message: ({ target, left }) => `${target} takes for granted: ${left}`,
    why: "An artifact's claims hold in an environment; what can't be written into it must be true of it.",
    bad: { policy: "server fs <\n  read ./project;\n>", options: { target: "kubernetes" } },
    good: { policy: "server fs <\n  net none;\n>", options: { target: "sb" } },
  }),
  deadAccept: defineEntry<{ target: string; item: string }>("MC4008", {
    severity: "warning",
    title: "an accept that changes nothing",
    message: ({ target, item }) => `${target}: to accept \`${item}\` changes nothing of this policy`,
    why: "An accept that is left behind will one day accept what nobody looked at. One in a profile, or for `all`, is written for more than this policy, and not reported.",
    bad: {
      policy: "server fs <\n  limits < memory 1GiB >;\n  accept docker: limits.memory;\n>",
      options: { target: "docker" },
    },
    good: {
      policy: "server fs <\n  limits < time 8h >;\n  accept docker: limits.time;\n>",
      options: { target: "docker" },
    },
  }),
} as const;
