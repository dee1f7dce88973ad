/** Checks of a seccomp profile, for each target that emits one. */
import { systemCalls } from "../../src/linux/index.ts";
import { atLeast } from "../../src/policy/environment.ts";
import { type Check, edited, fileOf } from "../support/outputs.ts";
import { parseProfile } from "../support/seccomp-profile.ts";
import { firstOf, type TrapTest } from "./trap.ts";

const cloneCall = "clone";
/** CLONE_NEWTIME, and CLONE_NEWNS to CLONE_NEWNET (linux/sched.h). */
const namespaceFlags = 0x80n | 0x7e020000n;

/** An empty profile is none; what the runtime's default one masks must be masked here again. */
export const profileConfines: Check = (output) => {
  const profile = parseProfile(fileOf(output, "seccomp.json"));
  if (!profile.ok) return profile.problem;
  const { defaultAction, syscalls } = profile.value;
  if (defaultAction !== "SCMP_ACT_ERRNO") return `what is not named gets ${defaultAction}`;
  const allowed = syscalls.filter((rule) => rule.action === "SCMP_ACT_ALLOW");
  const open = (name: string): boolean => allowed.some((r) => r.names.includes(name) && r.args === undefined);
  for (const name of ["clone3", "socket", "personality", "setns", "unshare", "mount", "bpf"])
    if (open(name)) return `${name} is allowed with any arguments`;
  const { unix, network } = output.server;
  const inet =
    network.any || network.loopback || network.connect.length > 0 || network.listen.length > 0
      ? [2n, 10n, 16n]
      : [];
  const families = new Set([...(unix.length > 0 ? [1n] : []), ...inet]);
  return firstOf(allowed, ({ names, args = [] }) => {
    const first = args.find((a) => a.index === 0);
    if (names.includes("socket") && !(first?.valueTwo !== undefined && families.has(first.valueTwo)))
      return `a socket of family ${first?.valueTwo}`;
    if (!names.includes(cloneCall)) return undefined;
    return first === undefined || ((first.valueTwo ?? first.value) & namespaceFlags) !== 0n
      ? "clone may make namespaces"
      : undefined;
  });
};

/** One normalised entry: whatever the order of rules, and whichever of two a runtime takes, the meaning is one. */
export const profileIsNormal: Check = (output) => {
  const profile = parseProfile(fileOf(output, "seccomp.json"));
  if (!profile.ok) return profile.problem;
  // Docker before 23 does not read `defaultErrnoRet`: there the rule that repeats it is what holds.
  const isRead = atLeast(output.environment.docker, 23);
  const seen = new Map<string, string>();
  for (const rule of profile.value.syscalls) {
    if (isRead && rule.action === "SCMP_ACT_ERRNO" && rule.errnoRet === profile.value.defaultErrnoRet)
      return "a rule that does what the default does";
    const kind = rule.args === undefined ? rule.action : "conditional";
    const indexes = (rule.args ?? []).map((a) => a.index);
    if (new Set(indexes).size < indexes.length) return `two conditions on one argument of ${rule.names[0]}`;
    if (kind === "conditional" && rule.action !== "SCMP_ACT_ALLOW") return "a condition on a refusal";
    for (const name of rule.names) {
      if (!systemCalls().has(name)) return `${name} is no system call`;
      const key =
        kind === "conditional"
          ? JSON.stringify(rule.args, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v))
          : "";
      const before = seen.get(name);
      if (before !== undefined && (before !== "conditional" || kind !== "conditional"))
        return `${name} has a rule ${before}, and another, ${kind}`;
      if (seen.has(`${name} ${key}`)) return `${name} has the same rule twice`;
      seen.set(name, kind);
      seen.set(`${name} ${key}`, kind);
    }
  }
  return undefined;
};

/** Memory files get round noexec, and a descriptor of one is executed by execveat. */
export const profileDeniesMemoryFiles: Check = (output) => {
  const profile = parseProfile(fileOf(output, "seccomp.json"));
  if (!profile.ok) return profile.problem;
  const allowed = profile.value.syscalls.filter((r) => r.action === "SCMP_ACT_ALLOW").flatMap((r) => r.names);
  return firstOf(["memfd_create", "memfd_secret", "execveat"], (name) =>
    allowed.includes(name) ? `${name} is allowed` : undefined,
  );
};

const file = "seccomp.json";

/** The traps of profiles, for a target that emits one. */
export function profileTraps(policy: string): readonly TrapTest[] {
  return [
    {
      trap: "19",
      check: profileConfines,
      seeds: [
        { what: "an empty profile", policy, spoil: (o) => edited(o, file, /^[\s\S]*$/, "{}") },
        {
          what: "everything allowed",
          policy,
          spoil: (o) =>
            edited(o, file, '"defaultAction": "SCMP_ACT_ERRNO"', '"defaultAction": "SCMP_ACT_ALLOW"'),
        },
        {
          what: "socket for every family",
          policy,
          spoil: (o) =>
            edited(
              o,
              file,
              '"syscalls": [',
              '"syscalls": [\n{ "names": ["socket"], "action": "SCMP_ACT_ALLOW" },',
            ),
        },
        {
          what: "clone with CLONE_NEWUSER",
          policy,
          spoil: (o) =>
            edited(
              o,
              file,
              '"syscalls": [',
              `"syscalls": [\n{ "names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": ${0x10000011}, "op": "SCMP_CMP_EQ" }] },`,
            ),
        },
      ],
    },
    {
      trap: "20",
      check: profileIsNormal,
      seeds: [
        {
          what: "a refused call allowed too",
          policy,
          spoil: (o) =>
            edited(
              o,
              file,
              '"syscalls": [',
              '"syscalls": [\n{ "names": ["mount"], "action": "SCMP_ACT_ALLOW" },',
            ),
        },
        {
          what: "a misspelt call",
          policy,
          spoil: (o) =>
            edited(
              o,
              file,
              '"syscalls": [',
              '"syscalls": [\n{ "names": ["mont"], "action": "SCMP_ACT_ALLOW" },',
            ),
        },
        {
          what: "two conditions on one index",
          policy,
          spoil: (o) =>
            edited(
              o,
              file,
              '"syscalls": [',
              '"syscalls": [\n{ "names": ["kcmp"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 1, "op": "SCMP_CMP_NE" }, { "index": 0, "value": 2, "op": "SCMP_CMP_NE" }] },',
            ),
        },
      ],
    },
  ];
}
