/** What a policy permits, as sets: its files as a machine over paths. The other slices stand beside their kinds. */
import type { Access, ServerIr } from "../policy/ir.ts";
import { type PathRule, ruleMachine } from "./path-rules.ts";
import { everyRight, type PathMachine, type Rights, rights } from "./paths.ts";

/** Rights of a list of accesses. */
export function rightsOf(access: readonly Access[]): Rights {
  return access.reduce((mask, name) => mask | rights[name], 0);
}

/** The rules of a policy's files, as written: soft denials deny too. */
export function policyFileRules(files: ServerIr["files"]): readonly PathRule[] {
  return [
    ...files.grants.map(
      ({ path, access, type }): PathRule => ({
        pattern: path,
        // Below a file there is nothing; what is absent may become a directory.
        effect: {
          kind: "grant",
          rights: rightsOf(access),
          alone: type !== "directory" && type !== "absent",
        },
      }),
    ),
    ...files.credentials.map(({ pattern }): PathRule => ({ pattern, effect: { kind: "shield" } })),
    ...files.denies.map(
      ({ pattern, access }): PathRule => ({
        pattern,
        effect: { kind: "deny", rights: access === "all" ? everyRight : rights[access] },
      }),
    ),
  ];
}

/** The machine of a policy's files. */
export function policyFiles(files: ServerIr["files"]): PathMachine {
  return ruleMachine(policyFileRules(files));
}
