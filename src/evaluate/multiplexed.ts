/** Calls of i386 that others are behind, with what selects those: by the numbers of linux/net.h and linux/ipc.h. */

const socketcall = [
  ...[
    "socket",
    "bind",
    "connect",
    "listen",
    "accept",
    "getsockname",
    "getpeername",
    "socketpair",
    "send",
    "recv",
  ],
  ...[
    "sendto",
    "recvfrom",
    "shutdown",
    "setsockopt",
    "getsockopt",
    "sendmsg",
    "recvmsg",
    "accept4",
    "recvmmsg",
  ],
  "sendmmsg",
];

// Four to each group of ten, with holes.
const ipc = [
  ...["", "semop", "semget", "semctl", "semtimedop", "", "", "", "", "", ""],
  ...["msgsnd", "msgrcv", "msgget", "msgctl", "", "", "", "", "", ""],
  ...["shmat", "shmdt", "shmget", "shmctl"],
];

/** What selects a call behind another; undefined where it is not behind that one. */
export function selectorOf(name: string, behind: string | undefined): bigint | undefined {
  const at =
    behind === "socketcall" ? socketcall.indexOf(name) + 1 : behind === "ipc" ? ipc.indexOf(name) : 0;
  return at > 0 ? BigInt(at) : undefined;
}
