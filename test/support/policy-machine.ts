/** What a policy grants with files, from its intermediate representation and by nothing else. */
import { ruleMachine } from "../../src/authority/path-rules.ts";
import { everyRight, type PathMachine, rights, unionOf } from "../../src/authority/paths.ts";
import type { ServerIr } from "../../src/policy/ir.ts";

const maskOf = (access: readonly (keyof typeof rights)[]): number =>
  access.reduce((mask, name) => mask | rights[name], 0);

/** The machine of a server; its temporary directory is its own, whatever the policy denies elsewhere. */
export function policyMachine({ files, tmp }: ServerIr, temporary: string): PathMachine {
  const granted = ruleMachine([
    // Reading the root directory itself is part of starting a program there.
    ...files.grants.map(({ path, access }) => ({
      pattern: path,
      effect: { kind: "grant" as const, rights: maskOf(access) },
    })),
    ...files.credentials.map(({ pattern }) => ({ pattern, effect: { kind: "shield" as const } })),
    ...files.denies.map(({ pattern, access }) => ({
      pattern,
      effect: { kind: "deny" as const, rights: access === "all" ? everyRight : rights[access] },
    })),
  ]);
  const own = ruleMachine([
    { pattern: temporary, effect: { kind: "grant", rights: rights.read | rights.write } },
  ]);
  return tmp ? unionOf([granted, own]) : granted;
}

/** A machine with reading `/` itself added: every program on macOS does that when it starts. */
export function withRoot(machine: PathMachine): PathMachine {
  const start = machine.id(machine.start);
  return {
    ...machine,
    rightsAt: (state) =>
      machine.rightsAt(state) | (state === machine.start || machine.id(state) === start ? rights.read : 0),
  };
}
