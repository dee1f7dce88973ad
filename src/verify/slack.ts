/** Slack: what a policy grants and its artifact denies, with an operation of each slice that shows it. */
import type { Authority } from "../authority/authority.ts";
import { always, BudgetExceeded, countOf, never, type Root, without } from "../authority/bdd.ts";
import { argumentField, leastCall } from "../authority/calls.ts";
import { leastPeer, policyNetwork } from "../authority/network.ts";
import { fileOutside } from "../authority/paths.ts";
import { policyFiles } from "../authority/policy.ts";
import type { ServerIr } from "../policy/ir.ts";
import { grantedCalls, permittedCalls, remembered, type Workspace } from "./decide.ts";
import type { Slice, Witness } from "./witness.ts";

/** What a policy grants and its artifact denies. */
export interface Slack {
  /** The least operation of it. */
  readonly witness: Witness;
  /** How much there is, where that is a number: system calls of which something is denied, peers, variables. */
  readonly count?: bigint;
}

type Finder = (authority: Authority, server: ServerIr, space: Workspace) => Slack | undefined;

// What a call is before its arguments: entry and number.
const bitsOfCall = argumentField(0).level;

const known = new WeakMap<Workspace, Map<Root, Slack>>();

/** A set of calls as slack. Several artifacts hold the same filter, so that each set is described once. */
function callsIn(root: Root, space: Workspace): Slack | undefined {
  if (root === never) return undefined;
  const found = known.get(space) ?? new Map<Root, Slack>();
  known.set(space, found);
  return remembered(found, root, () => {
    const call = leastCall(space.calls, root);
    if (call === undefined) throw new RangeError("a set of calls that has none");
    return { witness: { slice: "syscalls", call }, count: countOf(space.calls, root, bitsOfCall) };
  });
}

const finders: Readonly<Partial<Record<Slice, Finder>>> = {
  // What a program and its runtime need may be an image's own there.
  files: ({ files: machine }, { files }) => {
    const clauses = { ...files, grants: files.grants.filter(({ by }) => by === "clause") };
    const file = machine && fileOutside(policyFiles(clauses), machine);
    return file && { witness: { slice: "files", file } };
  },
  network: ({ network }, server, { network: bdd }) => {
    const root = without(bdd, policyNetwork(bdd, server.network), network?.(bdd) ?? always);
    const what = leastPeer(bdd, root);
    return what === undefined
      ? undefined
      : { witness: { slice: "network", what }, count: countOf(bdd, root) };
  },
  syscalls: (authority, server, space) => {
    const permitted = permittedCalls(authority, space) ?? always;
    const root = without(space.calls, grantedCalls(server, space, "soft"), permitted);
    return callsIn(root, space);
  },
  env: ({ environment }, server) => {
    if (!environment || environment === "any") return undefined;
    const lost = server.environment.filter(({ name }) => !environment.has(name));
    const [first] = lost;
    return first && { witness: { slice: "env", name: first.name }, count: BigInt(lost.length) };
  },
};

/** What the policy grants in a slice, as it is written, and the artifact denies; undefined when there is nothing. */
export function slackOf(
  slice: Slice,
  authority: Authority,
  server: ServerIr,
  space: Workspace,
): Slack | undefined {
  try {
    return finders[slice]?.(authority, server, space);
  } catch (error) {
    // What is denied in vain is news, and no danger.
    if (error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}
