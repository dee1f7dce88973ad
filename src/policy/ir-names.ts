/** What of the IR programs need without its schema, which costs them a schema library at start. */

/** The version of the IR's schema; a reader refuses another. */
export const irVersion = 1;

/** What may be accepted of a target: each denotes a tabled set of operations that it may then permit. */
export const acceptItems = [
  "files.deny",
  "files.exec",
  "deny.future",
  "tmp.size",
  "net.loopback",
  "net.connect",
  "net.listen",
  "unix",
  "processes.other",
  "syscalls.arguments",
  "user",
  "limits.memory",
  "limits.processes",
  "limits.files",
  "limits.cpu",
  "limits.io",
  "limits.time",
  "isolation",
] as const;

/** An accept item: one of the table, or `deputy.NAME`. */
export type AcceptItem = (typeof acceptItems)[number] | `deputy.${string}`;
