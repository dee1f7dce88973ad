/** What of system calls several targets say alike. */

import { atLeast } from "../../policy/environment.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { seccompProfile } from "../seccomp/profile.ts";
import type { Gap, TargetContext } from "../target.ts";

/** Slack of a profile: granted arguments that the OCI format can't tell from denied ones. */
export function narrowedCalls(server: ServerIr, context: TargetContext): readonly Gap[] {
  return seccompProfile(server.systemCalls, context.environment).narrowed.map((grant) => ({
    kind: "slack",
    message: `some granted arguments of \`${grant.name}\` are denied: this format holds one comparison for each argument, and no inequality of 32 bits`,
    ...(grant.origins[0] !== undefined && { origin: grant.origins[0] }),
  }));
}

/** What runc calls inside the filter before it starts the program, with no-new-privileges. */
export function runcFloor(context: Pick<TargetContext, "environment">): readonly string[] {
  const base = ["close", "execve", "fstatfs", "getdents64", "openat"];
  return atLeast(context.environment.runc, 1, 2) ? [...base, "openat2", "statx"] : base;
}

/** Refuses a list that the runtime itself could not start under: runc hangs on one. */
export function missingFloor(server: ServerIr, context: TargetContext): readonly Gap[] {
  const granted = new Set(server.systemCalls.allow.filter((grant) => !grant.when).map((grant) => grant.name));
  const missing = runcFloor(context).filter((name) => !granted.has(name));
  if (missing.length === 0) return [];
  return [
    {
      kind: "residual",
      message: `runc itself needs ${missing.map((name) => `\`${name}\``).join(", ")} inside the filter before the program starts`,
      help: "grant the group `@runc-floor`, or use a target without such a floor",
    },
  ];
}
