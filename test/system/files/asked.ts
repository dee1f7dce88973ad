/** What a probe asks, and what the policy answers: what is handed from the world to the test. */

/** The rights that are probed. */
export type Right = "read" | "write" | "exec";

/** One probe. */
export interface Asked {
  readonly path: string;
  readonly right: Right;
  /**
   * By what the host's own is told from a mask, or from what an image has there: the hash of a file, or a name in a directory.
   * Without it whatever is there will do.
   */
  readonly evidence?: string;
  /** Whether the file can be executed and says so. */
  readonly runs: boolean;
  /** The host's own is a device. */
  readonly isDevice: boolean;
  /** Whether something is there that is open to everybody, so that without a sandbox nothing would deny it. */
  readonly isOpen: boolean;
  /** The answer of the reference evaluator, and the clause that decides. */
  readonly allowed: boolean;
  readonly because: string;
  /** Why the sandbox may answer otherwise: in words of the target's own. */
  readonly excuse?: string;
}

/** One example, ready to be started. */
export interface Prepared {
  readonly name: string;
  readonly server: string;
  /** Where its artifacts lie. */
  readonly artifacts: string;
  /** The list of probes, where the server's program would be. */
  readonly list: string;
  /** What the base image holds; for a container. */
  readonly image: string;
  readonly nodes: number;
  readonly asked: readonly Asked[];
}

/** What is asked of the world. */
export interface Order {
  readonly world: string;
  readonly target: "docker" | "systemd";
  readonly prober: string;
  readonly linked: string;
  readonly checkout: string;
  readonly names: readonly string[];
}
