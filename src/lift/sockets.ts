/** Whether a filter of system calls lets sockets be made, and be reached: readers of units, containers and pods ask alike. */
import { type Bdd, intersection, never, type Root, union } from "../authority/bdd.ts";
import { argumentField } from "../authority/calls.ts";
import { equal, lowBits } from "../authority/words.ts";
import { multiplexed } from "../linux/multiplexed.ts";
import { doorsOf, everywhere, throughDoors } from "./doors.ts";

/** Families whose packets leave, by IP or to the hypervisor: INET, INET6, PACKET, RDS, VSOCK and SMC (linux/socket.h). */
export const leading: readonly number[] = [2, 10, 17, 21, 40, 43];

/** AF_UNIX. */
export const local: readonly number[] = [1];

/** Calls that hide one that makes a socket, or that reaches it: i386's multiplexer, and IORING_OP_SOCKET, _BIND and _LISTEN. */
const hiding = ["socketcall", "io_uring_setup"] as const;

/**
 * All names that have a say in it: of a filter that is narrowed to them the same is answered. To list any call that i386
 * hides in socketcall may open that.
 */
export const socketNames: ReadonlySet<string> = new Set([
  ...[...multiplexed].flatMap(([name, { call }]) => (call === "socketcall" ? [name] : [])),
  ...hiding,
]);

/** The calls that make a socket of one of some families; the kernel looks at the low 32 bits of the argument. */
export function socketMaking(bdd: Bdd, families: readonly number[]): Root {
  const field = lowBits(argumentField(0), 32);
  const ofFamily = families.reduce((some, one) => union(bdd, some, equal(bdd, field, BigInt(one))), never);
  const direct = intersection(bdd, everywhere(bdd, "socket"), ofFamily);
  return union(bdd, direct, throughDoors(bdd, hiding.flatMap(doorsOf)));
}

/** Whether calls that get through make a socket of one of some families. */
export function makesSockets(bdd: Bdd, calls: Root, families: readonly number[]): boolean {
  return intersection(bdd, socketMaking(bdd, families), calls) !== never;
}

/**
 * Whether calls that get through give a socket an address, or listen on it. A UDP socket that has sent is reached by answers
 * alone.
 */
export function listens(bdd: Bdd, calls: Root): boolean {
  const all = throughDoors(bdd, ["bind", "listen", ...hiding].flatMap(doorsOf));
  return intersection(bdd, all, calls) !== never;
}
