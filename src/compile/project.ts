/** A policy with what it is compiled against: its place, the host, and the environment of its artifacts. */
import type { Host } from "../host/host.ts";
import type { Environment } from "../policy/environment.ts";
import type { ReadImport } from "../policy/load.ts";
import type { Source } from "../text/source.ts";

/** Everything that decides what a policy means. */
export interface Project {
  /** The policy's absolute path, and its text. */
  readonly main: { readonly path: string; readonly source: Source };
  /** What `./` means in the policy, and `~/`. */
  readonly root: string;
  readonly home: string;
  /** Directories, beside the root, that imports may lie in. */
  readonly include: readonly string[];
  readonly host: Host;
  readonly readImport: ReadImport;
  /** SHA-256 of a text, hexadecimal. */
  readonly hash: (text: string) => string;
  readonly environment: Environment;
  /** Where artifacts will lie when they are used: absolute, below it `<server>/<target>/`. */
  readonly location: string;
}
