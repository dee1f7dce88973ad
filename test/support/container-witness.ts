/** Asks a container for the operation that one would want to read of it. */
import { holds } from "../../src/authority/bdd.ts";
import { bitOfCall, createCallDiagram } from "../../src/authority/calls.ts";
import { createNetworkDiagram, leastPeer } from "../../src/authority/network.ts";
import { type PathRule, ruleMachine } from "../../src/authority/path-rules.ts";
import { fileOutside, type PathMachine, rights } from "../../src/authority/paths.ts";
import {
  type ContainerEnvironment,
  defaultContainerEnvironment,
  type LiftedContainer,
} from "../../src/lift/container.ts";
import { systemCall } from "../../src/linux/index.ts";
import { floor } from "./container-policy.ts";

/** A profile that lets only a few calls through: sockets not among them. */
export const closedProfile = JSON.stringify({
  defaultAction: "SCMP_ACT_ERRNO",
  syscalls: [{ names: ["read", "write", "exit_group"], action: "SCMP_ACT_ALLOW" }],
});
const socketProfile = closedProfile.replace('"read"', '"read","socket","connect"');

/** A machine with some files, in `/srv/app`. */
export function environmentWith(
  files: Readonly<Record<string, string>> = {},
  more: Partial<ContainerEnvironment> = {},
): ContainerEnvironment {
  const all: Readonly<Record<string, string>> = {
    "/srv/app/closed.json": closedProfile,
    "/srv/app/sockets.json": socketProfile,
    "/srv/app/empty.json": "{}",
    ...files,
  };
  return { ...defaultContainerEnvironment, directory: "/srv/app", read: (path) => all[path], ...more };
}

/** The findings, a line each. */
export function messages({ findings }: LiftedContainer): string {
  return findings.map(({ line, message }) => `${line}: ${message}`).join("\n");
}

function beyond(
  machine: PathMachine | undefined,
  granted: readonly string[],
  mask: number,
): string | undefined {
  if (!machine) return "everything";
  const rules = granted.map((pattern): PathRule => ({ pattern, effect: { kind: "grant", rights: mask } }));
  const found = fileOutside(machine, ruleMachine([...floor, ...rules]));
  return found && `${found.right} ${found.path}`;
}

/** A file operation beyond the floor, and reading what is granted. */
export function fileBeyond(
  { authority }: LiftedContainer,
  ...granted: readonly string[]
): string | undefined {
  return beyond(authority.files, granted, rights.read);
}

/** The same, where reading and executing is granted. */
export function writeBeyond(
  { authority }: LiftedContainer,
  ...granted: readonly string[]
): string | undefined {
  return beyond(authority.files, granted, rights.read | rights.exec);
}

/** A socket that may be connected to. */
export function socketBeyond({ authority }: LiftedContainer): string | undefined {
  return beyond(authority.sockets, [], rights.read);
}

/** A peer that is reached. */
export function peerOf({ authority }: LiftedContainer): string | undefined {
  if (!authority.network) return "everything";
  const bdd = createNetworkDiagram();
  return leastPeer(bdd, authority.network(bdd));
}

/** Whether a call gets through. */
export function permitsNamed(
  { authority }: LiftedContainer,
  name: string,
  words: readonly bigint[] = [],
): boolean {
  const bdd = createCallDiagram();
  const number = systemCall(name)?.numbers.x86_64;
  if (number === undefined || !authority.calls) return true;
  return holds(bdd, authority.calls(bdd), bitOfCall({ entry: "x86_64", number, words }));
}
