/** One operation that shows a difference, slice by slice, and how a person reads it. */
import { type Call, describeCall } from "../authority/calls.ts";
import type { FileWitness } from "../authority/paths.ts";

/** The slices in which an artifact is compared with its policy, in the order in which they are reported. */
export const slices = [
  "files",
  "sockets",
  "network",
  "syscalls",
  "processes",
  "services",
  "env",
  "user",
  "limits",
  "isolation",
] as const;

/** A slice of what may be done. */
export type Slice = (typeof slices)[number];

/** An operation in one of the slices; `everything` where the artifact does not mediate the slice at all. */
export type Witness =
  | { readonly slice: "files" | "sockets"; readonly file: FileWitness }
  | { readonly slice: "syscalls"; readonly call: Call }
  | { readonly slice: "env"; readonly name: string; readonly value?: string }
  | {
      readonly slice: "network" | "processes" | "services" | "user" | "limits" | "isolation";
      readonly what: string;
    }
  | { readonly slice: Slice; readonly everything: true };

const all: Readonly<Record<Slice, string>> = {
  files: "every file of the host",
  sockets: "every socket of the file system",
  network: "every connection",
  syscalls: "every system call",
  processes: "every process outside",
  services: "every service of the system",
  env: "every variable of whoever starts it",
  user: "run as anybody, root included",
  limits: "no limit at all",
  isolation: "no isolation",
};

/** A witness in the words of a question to `mcpc explain`, where there is one. */
export function describeWitness(witness: Witness): string {
  if ("everything" in witness) return all[witness.slice];
  switch (witness.slice) {
    case "files":
      return `${witness.file.right} ${witness.file.path}`;
    case "sockets":
      return `unix ${witness.file.path}`;
    case "syscalls":
      return describeCall(witness.call);
    case "env":
      return witness.value === undefined ? `env ${witness.name}` : `env ${witness.name}=${witness.value}`;
    default:
      return witness.what;
  }
}
