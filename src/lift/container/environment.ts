/** What the meaning of a container depends on, and no file of it says. */

/** A machine with docker. */
export interface ContainerEnvironment {
  /** The release of docker: before 23 a build reads `.dockerignore` only, before 25 a read-only bind is not recursive. */
  readonly docker: { readonly major: number; readonly minor: number };
  /** Controllers of cgroups that docker can use: `memory`, `swap`, `pids`, `cpu`. A limit of one that is missing is dropped. */
  readonly controllers: ReadonlySet<string>;
  /** The text of a file of the host, undefined when there is none. */
  readonly read: (path: string) => string | undefined;
  /** The directory that the artifact lies in, or that the command is run from: absolute. */
  readonly directory: string;
  /** Where docker keeps volumes. */
  readonly dataRoot: string;
  /** Whether the host has a file system mounted somewhere below a path; when absent, that there is none is an assumption. */
  readonly hasMountsBelow?: (path: string) => boolean;
}

/** The defaults: docker 28 with cgroup v2 and all its controllers, in `/`, where there is no other file. */
export const defaultContainerEnvironment: ContainerEnvironment = {
  docker: { major: 28, minor: 0 },
  controllers: new Set(["memory", "swap", "pids", "cpu"]),
  read: () => undefined,
  directory: "/",
  dataRoot: "/var/lib/docker",
};
