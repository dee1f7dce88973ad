/** What the docker target says, before it is text: one container's configuration. */
import type { SeccompProfile } from "../seccomp/profile.ts";

/** A file or directory that is copied into the image, at its own path. */
export interface CopiedFile {
  /** Relative to the build context. */
  readonly source: string;
  readonly path: string;
}

/** Something of the host, or nothing, in the container's view. */
export type ContainerMount =
  /** A plain bind mount: a writable directory, or a file. */
  | { readonly kind: "bind"; readonly path: string; readonly readOnly: boolean }
  /** A read-only directory: a volume of the local driver, without the host's mounts below it. */
  | { readonly kind: "volume"; readonly path: string; readonly exec: boolean }
  /** An empty read-only directory, or `/dev/null` in place of a file. */
  | { readonly kind: "mask"; readonly path: string; readonly directory: boolean };

/** How the program comes to be in the container. */
export type ContainerImage =
  | {
      readonly kind: "built";
      readonly tag: string;
      readonly base: string;
      readonly context: string;
      readonly copies: readonly CopiedFile[];
      /** Patterns of what must not be copied, relative to the context. */
      readonly ignored: readonly string[];
    }
  | { readonly kind: "named"; readonly reference: string }
  /** The image is a required parameter: the name of the variable that holds it. */
  | { readonly kind: "parameter"; readonly variable: string };

/** The container of one server. */
export interface DockerModel {
  readonly server: string;
  readonly image: ContainerImage;
  /** argv; absent for an image's own entry point. */
  readonly command?: readonly string[];
  readonly workingDirectory: string;
  readonly user: string;
  readonly mounts: readonly ContainerMount[];
  readonly tmpBytes?: number;
  /** `none`, or a network that leads out. */
  readonly network: "none" | "bridge";
  /** Published ports: address, port, protocol. */
  readonly ports: readonly {
    readonly address: string;
    readonly port: number;
    readonly protocol: "tcp" | "udp";
  }[];
  readonly environment: readonly { readonly name: string; readonly value?: string }[];
  readonly limits: {
    readonly memory?: number;
    readonly processes?: number;
    readonly files?: number;
    /** Percent of one core. */
    readonly cpu?: number;
  };
  readonly seccomp: SeccompProfile;
  /** The directory that the artifacts will lie in. */
  readonly location: string;
}
