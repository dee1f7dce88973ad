/** Slack: what a policy grants and its artifact denies, with an operation of each slice that shows it. */
import type { Authority } from "../authority/authority.ts";
import { always, BudgetExceeded, without } from "../authority/bdd.ts";
import { leastCall } from "../authority/calls.ts";
import { leastPeer, policyNetwork } from "../authority/network.ts";
import { fileOutside } from "../authority/paths.ts";
import { policyFiles } from "../authority/policy.ts";
import type { ServerIr } from "../policy/ir.ts";
import { grantedCalls, permittedCalls, type Workspace } from "./decide.ts";
import type { Slice, Witness } from "./witness.ts";

type Finder = (authority: Authority, server: ServerIr, space: Workspace) => Witness | undefined;

const finders: Readonly<Partial<Record<Slice, Finder>>> = {
  // What a program and its runtime need may be an image's own there.
  files: ({ files: machine }, { files }) => {
    const clauses = { ...files, grants: files.grants.filter(({ by }) => by === "clause") };
    const file = machine && fileOutside(policyFiles(clauses), machine);
    return file && { slice: "files", file };
  },
  network: ({ network }, server, { network: bdd }) => {
    const root = without(bdd, policyNetwork(bdd, server.network), network?.(bdd) ?? always);
    const what = leastPeer(bdd, root);
    return what === undefined ? undefined : { slice: "network", what };
  },
  syscalls: (authority, server, space) => {
    const permitted = permittedCalls(authority, space) ?? always;
    const call = leastCall(space.calls, without(space.calls, grantedCalls(server, space, "soft"), permitted));
    return call && { slice: "syscalls", call };
  },
  env: ({ environment }, server) => {
    if (!environment || environment === "any") return undefined;
    const lost = server.environment.find(({ name }) => !environment.has(name));
    return lost && { slice: "env", name: lost.name };
  },
};

/** An operation of a slice that the policy grants as it is written, and the artifact denies; undefined when there is none. */
export function slackOf(
  slice: Slice,
  authority: Authority,
  server: ServerIr,
  space: Workspace,
): Witness | undefined {
  try {
    return finders[slice]?.(authority, server, space);
  } catch (error) {
    // What is denied in vain is news, and no danger.
    if (error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}
