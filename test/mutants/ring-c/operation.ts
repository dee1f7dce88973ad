/** One operation that a server may try, as every evaluator can be asked about it; and those that a witness of a proof stands for. */
import { type Call, describeCall } from "../../../src/authority/calls.ts";
import { systemCall } from "../../../src/linux/index.ts";
import type { Witness } from "../../../src/verify/witness.ts";

/** A connection, or a port that is listened on. */
export interface Peer {
  readonly direction: "connect" | "listen";
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
}

/** What there may be too much of; bytes, numbers, percent of a core, milliseconds. */
export type Amount = "memory" | "processes" | "files" | "cpu" | "io" | "time" | "tmp";

export type Operation =
  | { readonly kind: "file"; readonly access: "read" | "write" | "exec"; readonly path: string }
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "call"; readonly call: Call }
  /** A variable with that value; without one, with anything in it. */
  | { readonly kind: "env"; readonly name: string; readonly value?: string }
  | { readonly kind: "peer"; readonly peer: Peer }
  | { readonly kind: "process"; readonly way: string }
  | { readonly kind: "service"; readonly text: string }
  | { readonly kind: "user"; readonly uid: number; readonly gid: number }
  | { readonly kind: "capability"; readonly name: string }
  | { readonly kind: "gain" }
  | { readonly kind: "amount"; readonly limit: Amount; readonly value: number };

/** In words, the same for the same operation. */
export function describeOperation(operation: Operation): string {
  switch (operation.kind) {
    case "file":
      return `${operation.access} ${operation.path}`;
    case "unix":
      return `unix ${operation.path}`;
    case "call":
      return `${operation.call.number}: ${describeCall(operation.call)}`;
    case "env":
      return `env ${operation.name}${operation.value === undefined ? "" : `=${operation.value}`}`;
    case "peer": {
      const { direction, protocol, address, port } = operation.peer;
      return `${direction} ${address} ${port}/${protocol}`;
    }
    case "process":
      return `${operation.way} of processes outside`;
    case "service":
      return operation.text;
    case "user":
      return `run as ${operation.uid}:${operation.gid}`;
    case "capability":
      return `use ${operation.name}`;
    case "gain":
      return "gain privileges by executing";
    case "amount":
      return `${operation.limit} ${operation.value}`;
  }
}

/** An address and a port as a proof says them. */
function peerIn(text: string): Peer | undefined {
  const [, direction, v6, v4, port, udp] =
    /^(connect|listen) (?:\[([^\]]+)\]|([\d.]+)):(\d+)(\/udp)?$/.exec(text) ?? [];
  if (direction !== "connect" && direction !== "listen") return undefined;
  return { direction, protocol: udp ? "udp" : "tcp", address: v6 ?? v4 ?? "", port: Number(port) };
}

const call = (name: string, ...words: readonly bigint[]): Operation => ({
  kind: "call",
  call: { entry: "x86_64", number: systemCall(name)?.numbers.x86_64 ?? 0, name, words },
});

/** What stands for all of a slice: some of what nobody grants. */
function samplesOf(slice: Witness["slice"]): readonly Operation[] {
  switch (slice) {
    case "files":
      return [{ kind: "file", access: "read", path: "/etc/shadow" }];
    case "sockets":
      return [{ kind: "unix", path: "/run/other.sock" }];
    case "syscalls":
      return [call("mount"), call("bpf")];
    case "network":
      return [
        { kind: "peer", peer: { direction: "connect", protocol: "tcp", address: "192.0.2.1", port: 81 } },
      ];
    case "env":
      return [{ kind: "env", name: "LD_PRELOAD" }];
    case "user":
      return [{ kind: "user", uid: 0, gid: 0 }];
    case "processes":
      return [{ kind: "process", way: "signal" }];
    default:
      return [];
  }
}

function ofUser(what: string): readonly Operation[] {
  const [, uid, gid] = /^run as (\d+):(\d+)$/.exec(what) ?? [];
  if (uid !== undefined) return [{ kind: "user", uid: Number(uid), gid: Number(gid) }];
  // Whoever it is, it may be root; or it is known, and its group is not.
  if (/^run as any/.test(what))
    return [
      { kind: "user", uid: 0, gid: 0 },
      { kind: "user", uid: 1001, gid: 0 },
    ];
  if (/^gain /.test(what)) return [{ kind: "gain" }];
  const [, name] = /^use (CAP_\w+)/.exec(what) ?? [];
  if (name !== undefined) return [{ kind: "capability", name }];
  return /any capability/.test(what) ? [{ kind: "capability", name: "CAP_SYS_ADMIN" }] : [];
}

function ofLimit(what: string): readonly Operation[] {
  const [, limit, own, most] = /^(\w+) (?:of (\S+)|without a limit), and not (\S+)$/.exec(what) ?? [];
  if (limit === undefined) return [];
  // Where there is no limit at all, any amount will do; the next whole one is not enough for what is rounded.
  const value = own === undefined ? Number(most) * 4 + 1_000_000 : Number(own);
  return [{ kind: "amount", limit: limit as Amount, value }];
}

/** The operations that a witness stands for: each of them is permitted if it is one. */
export function operationsOf(witness: Witness): readonly Operation[] {
  if ("everything" in witness) return samplesOf(witness.slice);
  switch (witness.slice) {
    case "files":
      return [{ kind: "file", access: witness.file.right, path: witness.file.path }];
    case "sockets":
      return [{ kind: "unix", path: witness.file.path }];
    case "syscalls":
      return [{ kind: "call", call: witness.call }];
    case "env": {
      const { name, value } = witness;
      return [{ kind: "env", name, ...(value !== undefined && { value }) }];
    }
    case "network": {
      const peer = peerIn(witness.what);
      return peer ? [{ kind: "peer", peer }] : [];
    }
    case "processes":
      return [{ kind: "process", way: witness.what.replace(/ .*/, "") }];
    case "services":
      return [{ kind: "service", text: witness.what }];
    case "user":
      return ofUser(witness.what);
    case "limits":
      return ofLimit(witness.what);
    case "isolation":
      return [];
  }
}
