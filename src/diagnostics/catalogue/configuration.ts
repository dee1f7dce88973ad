/** MC9xxx: a command line, a file or an environment that can't be used. */
import { defineEntry } from "../entry.ts";

const good = { command: "mcpc compile policy.mcp --target=seccomp,sb,docker --out=sandbox" };

export const configurationErrors = {
  unreadable: defineEntry<{ path: string; reason: string }>("MC9001", {
    severity: "error",
    title: "a file that can't be read",
    message: ({ path, reason }) => `\`${path}\` can't be read: ${reason}`,
    why: "Nothing is compiled of what can't be read whole.",
    bad: { command: "mcpc check no-such-file.mcp" },
    good,
  }),
  unwritable: defineEntry<{ path: string; reason: string }>("MC9002", {
    severity: "error",
    title: "output that can't be written",
    message: ({ path, reason }) => `\`${path}\` can't be written: ${reason}`,
    why: "A server's artifacts are written whole or not at all.",
    bad: { command: "mcpc compile policy.mcp --target=seccomp --out=/proc/nowhere" },
    good,
  }),
  notUtf8: defineEntry<{ path: string }>("MC9003", {
    severity: "error",
    title: "a file that is not UTF-8",
    message: ({ path }) => `\`${path}\` is not valid UTF-8`,
    why: "A text in another encoding would be read as other names than were written.",
    bad: { command: "mcpc check latin1.mcp" },
    good,
  }),
  unknownTarget: defineEntry<{ name: string; known: string }>("MC9004", {
    severity: "error",
    title: "an unknown target",
    message: ({ name, known }) => `there is no target \`${name}\`; there are ${known}`,
    why: "A misspelt target would be an artifact that is missing where it is needed.",
    bad: { command: "mcpc compile policy.mcp --target=dokcer" },
    good,
  }),
  badEnvironment: defineEntry<{ text: string; known: string }>("MC9005", {
    severity: "error",
    title: "an environment that can't be read",
    message: ({ text, known }) => `\`--env ${text}\` is not a list of KEY=VERSION; keys are ${known}`,
    why: "What a format means depends on the versions that read it.",
    bad: { command: "mcpc compile policy.mcp --target=docker --env dokcer=25" },
    good: { command: "mcpc compile policy.mcp --target=docker --env docker=20.10,compose=1.29" },
  }),
  badSnapshot: defineEntry<{ path: string; reason: string }>("MC9006", {
    severity: "error",
    title: "a host snapshot that does not fit",
    message: ({ path, reason }) => `the host snapshot \`${path}\` can't be used: ${reason}`,
    why: "With `--host` nothing is asked of this machine, so the snapshot must answer every question.",
    bad: { command: "mcpc check policy.mcp --host=stale.json" },
    good: {
      command: "mcpc check policy.mcp --emit=host > host.json && mcpc check policy.mcp --host=host.json",
    },
  }),
  stale: defineEntry<{ path: string; how: string }>("MC9007", {
    severity: "error",
    title: "an artifact that is not what the policy says",
    message: ({ path, how }) => `\`${path}\` ${how}`,
    why: "`--check` compares the artifacts on disk with what the policy compiles to now.",
    bad: { command: "mcpc compile --check policy.mcp --target=docker --out=sandbox   # after an edit" },
    good,
  }),
  usage: defineEntry<{ message: string }>("MC9008", {
    severity: "error",
    title: "a command line that can't be read",
    message: ({ message }) => message,
    why: "`mcpc help` lists the commands, and `mcpc help COMMAND` what each takes.",
    bad: { command: "mcpc compile --tagret=docker policy.mcp" },
    good,
  }),
  nothing: defineEntry<{ path: string }>("MC9009", {
    severity: "warning",
    title: "a policy without servers",
    message: ({ path }) => `\`${path}\` declares no server, so there is nothing to compile`,
    why: "Profiles and groups are for servers to use; servers of imported files are not compiled.",
    bad: { policy: "profile house <\n  net none;\n>" },
    good: { policy: "server fs <\n  net none;\n>" },
  }),
  unknownArtifact: defineEntry<{ path: string }>("MC9010", {
    severity: "error",
    title: "a file of no form that is known",
    message: ({ path }) =>
      `\`${path}\` is none of what can be read: a seccomp profile, a sandbox profile, a Dockerfile, a compose file, a command line of docker or systemd-run as JSON, a unit, a Kubernetes manifest`,
    why: "What a file is follows from its name, and where that says nothing from its text.",
    bad: { command: "mcpc verify policy.mcp notes.txt" },
    good: { command: "mcpc verify policy.mcp sandbox/fs/docker/compose.yaml" },
  }),
  badProof: defineEntry<{ path: string; reason: string }>("MC9011", {
    severity: "error",
    title: "a proof that can't be used",
    message: ({ path, reason }) => `\`${path}\` is no proof that can be used: ${reason}`,
    why: "A proof contains the policy that it is about, and is of one version.",
    bad: { command: "mcpc verify --proof package.json" },
    good: { command: "mcpc verify --proof sandbox/fs/docker/mcpc.proof.json" },
  }),
} as const;
