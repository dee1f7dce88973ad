/** What a policy or an artifact permits, slice by slice: the common ground on which the two are compared. */
import type { Bdd, Root } from "./bdd.ts";
import type { PathMachine } from "./paths.ts";

/** Upper bounds in the units of the IR; absent is unlimited. */
export interface LimitBounds {
  readonly memory?: number;
  readonly processes?: number;
  readonly files?: number;
  readonly cpu?: number;
  readonly io?: number;
  readonly time?: number;
  /** Bytes of the temporary directory. */
  readonly tmp?: number;
}

/** Who runs a program, and with what. */
export interface Identity {
  /** Numbers where they are written down; `fresh` a new unprivileged user; `caller` whoever starts it, and never root; `any` unknown. */
  readonly user:
    | { readonly kind: "ids"; readonly uid: number; readonly gid: number }
    | { readonly kind: "named"; readonly name: string }
    | { readonly kind: "fresh" | "caller" | "any" };
  /** Capabilities that the program may come to have; `all` of what the caller has. */
  readonly capabilities: ReadonlySet<string> | "all";
  readonly noNewPrivileges: boolean;
}

/** Variables: what each is set to, undefined for what is passed through; `any` where nothing clears the environment. */
export type Variables = ReadonlyMap<string, string | undefined> | "any";

/** Authorities over processes outside: none, or by name (`signal`, `trace`, `inspect`, `ipc`). */
export type OutsideProcesses = ReadonlySet<"signal" | "trace" | "inspect" | "ipc">;

/** How far from the host a program runs. */
export const isolationChain = ["process", "container", "kernel", "microvm"] as const;

/**
 * What is permitted. A slice that an artifact does not mediate is everything: `undefined` says so, and a comparison that needs
 * the slice from this artifact fails.
 */
export interface Authority {
  /** Paths of the host. */
  readonly files?: PathMachine;
  /** In a diagram of `createCallDiagram`. */
  readonly calls?: (bdd: Bdd) => Root;
  /** In a diagram of `createNetworkDiagram`. */
  readonly network?: (bdd: Bdd) => Root;
  /** Sockets of the file system that may be connected to: `read` stands for the right to connect. */
  readonly sockets?: PathMachine;
  readonly processes?: OutsideProcesses;
  /** Services of the system that have no slice of their own, as operations with what they are permitted for. */
  readonly services?: readonly string[];
  readonly environment?: Variables;
  readonly identity?: Identity;
  readonly limits?: LimitBounds;
  readonly isolation?: (typeof isolationChain)[number];
}
