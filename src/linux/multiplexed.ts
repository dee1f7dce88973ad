/** Calls that i386 also has behind the number of another, which takes a selector as its first argument. */

/** One selector of a call that reaches others. */
export interface Selector {
  readonly call: "socketcall" | "ipc";
  readonly selector: bigint;
}

// In the order of linux/net.h, from 1.
const ofSocketcall =
  "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt " +
  "getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg";

const ofIpc: Readonly<Record<string, bigint>> = {
  semop: 1n,
  semget: 2n,
  semctl: 3n,
  semtimedop: 4n,
  msgsnd: 11n,
  msgrcv: 12n,
  msgget: 13n,
  msgctl: 14n,
  shmat: 21n,
  shmdt: 22n,
  shmget: 23n,
  shmctl: 24n,
};

/** By the name of the call that is reached (linux/net.h, linux/ipc.h). */
export const multiplexed: ReadonlyMap<string, Selector> = new Map<string, Selector>([
  ...ofSocketcall
    .split(" ")
    .map((name, at): [string, Selector] => [name, { call: "socketcall", selector: BigInt(at + 1) }]),
  ...Object.entries(ofIpc).map(([name, selector]): [string, Selector] => [name, { call: "ipc", selector }]),
]);
