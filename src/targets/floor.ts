/**
 * The floor: what a runtime or supervisor itself puts into every sandbox, whatever the policy says. It is part of the
 * environment that each claim is relative to; a target masks or narrows of it what it can.
 */
import type { Environment } from "../policy/environment.ts";
import { runcFloor } from "./shared/calls.ts";
import type { FloorEntry } from "./target.ts";

const objects = (rows: Readonly<Record<string, string>>): readonly FloorEntry[] =>
  Object.entries(rows).map(([name, note]) => ({ kind: "object", name, note }));
const variables = (rows: Readonly<Record<string, string>>): readonly FloorEntry[] =>
  Object.entries(rows).map(([name, note]) => ({ kind: "variable", name, note }));

/** System calls that a runtime makes inside the filter before it starts the program: a policy must grant them. */
export function floorCalls(names: readonly string[], note: string): readonly FloorEntry[] {
  return names.map((name) => ({ kind: "call", name, note }));
}

/** What runc gives a container without privileges (OCI runtime-spec, config-linux.md, "Default Filesystems" and devices). */
export function containerFloor(environment: Environment): readonly FloorEntry[] {
  return [
    ...objects({
      "/": "the image, read-only: its own files, and copies of the program's; whatever is in it can be executed",
      "/proc": "of its own PID namespace; parts are masked or read-only (runtime-spec, maskedPaths)",
      "/sys": "read-only",
      "/dev": "null, zero, full, random, urandom, tty and pts; no device of the host",
      "/etc/hosts": "the container's own",
      "/etc/hostname": "the container's own",
      "/etc/resolv.conf": "the host's resolvers",
    }),
    ...variables({
      PATH: "the image's, unless the policy sets it",
      HOSTNAME: "the container's name",
      HOME: "by the user database of the image, unless the policy sets it",
    }),
    ...floorCalls(
      runcFloor({ environment }),
      "runc, before it starts the program; the policy's list must hold it",
    ),
  ];
}

/** What a kubelet adds to a container. */
export function podFloor(environment: Environment): readonly FloorEntry[] {
  return [
    ...containerFloor(environment),
    ...objects({ "/dev/termination-log": "writable; the kubelet reads it when the container ends" }),
    ...variables({
      "KUBERNETES_*": "the address of the cluster's API, which a network policy may still close",
    }),
  ];
}

/** What systemd gives a unit with an empty root and MountAPIVFS= (systemd.exec(5)). */
export function unitFloor(): readonly FloorEntry[] {
  return [
    ...objects({
      "/proc": "ProcSubset=pid and ProtectProc=invisible: its own processes",
      "/sys": "read-only",
      "/dev": "PrivateDevices=: null, zero, full, random, urandom, tty and pts",
      "/run": "empty",
    }),
    ...variables({ "INVOCATION_ID and others": "set by the manager, and unset again by the unit" }),
    ...floorCalls(["execve"], "systemd, after it has installed the filter"),
  ];
}
