import type { Scene } from "./scene.ts";
import { canary } from "./scene.ts";

/** Something that the attacker tries. */
export interface Attempt {
  readonly title: string;
  readonly attempt: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Whether the server may end by it: it was killed, which is a denial too. */
  readonly fatal?: true;
}

/** What the policy grants: it must work inside. */
export function granted(scene: Scene): readonly Attempt[] {
  return [
    { title: "read inside the project", attempt: "read", args: { path: `${scene.project}/README.md` } },
    { title: "list the project", attempt: "list", args: { path: scene.project } },
    { title: "write in the granted directory", attempt: "write", args: { path: `${scene.out}/granted.txt` } },
    { title: "a variable that was granted", attempt: "variable", args: { name: "GRANTED" } },
  ];
}

/**
 * `limits`: whether limits by cgroups are enforced; `calls`: whether arguments of system calls are.
 *
 * What the policy denies: it must fail inside, and succeed without the sandbox. Numbers are x86_64's.
 */
export function denied(
  scene: Scene,
  temporary: string,
  { limits, calls }: { readonly limits: boolean; readonly calls: boolean },
): readonly Attempt[] {
  const call = (title: string, ...words: unknown[]): Attempt => ({ title, attempt: "call", args: { words } });
  return [
    { title: "read ~/.ssh/id_rsa", attempt: "read", args: { path: `${scene.home}/.ssh/id_rsa` } },
    { title: "read a file beside the project", attempt: "read", args: { path: `${scene.app}/beside.txt` } },
    {
      title: "read a denied file in a denied directory",
      attempt: "read",
      args: { path: `${scene.project}/hidden/secret.txt` },
    },
    { title: "environments of processes outside, by /proc", attempt: "environments", args: { canary } },
    { title: "write to a read-only grant", attempt: "write", args: { path: `${scene.project}/new.txt` } },
    {
      title: "append to a file of a read-only grant",
      attempt: "append",
      args: { path: `${scene.project}/README.md` },
    },
    {
      title: "execute a file of a read-only grant",
      attempt: "execute",
      args: { path: `${scene.project}/tool` },
      // libuv gives up when it may fork and not wait.
      fatal: true,
    },
    { title: "map a file of a read-only grant", attempt: "map", args: { path: `${scene.project}/tool` } },
    {
      title: "execute what was copied to the temporary directory",
      attempt: "copy and execute",
      args: { path: `${scene.project}/tool`, to: `${temporary}/mcpc-test-tool` },
      fatal: true,
    },
    {
      title: "map what was copied to the temporary directory",
      attempt: "copy and map",
      args: { path: `${scene.project}/tool`, to: `${temporary}/mcpc-test-map` },
    },
    { title: "connect to a listener outside", attempt: "tcp", args: { host: "127.0.0.1", port: scene.port } },
    { title: "listen", attempt: "listen", args: {} },
    call("socket(AF_INET)", 41, 2, 1, 0),
    call("socket(AF_INET6)", 41, 10, 1, 0),
    call("socket(AF_UNIX)", 41, 1, 1, 0),
    call("unshare(CLONE_NEWUTS)", 272, 0x04000000),
    call("unshare(CLONE_NEWNET)", 272, 0x40000000),
    call("mount", 165, "none", "/mnt", "tmpfs", 0, 0),
    call("ptrace of a process outside", 101, 0x4206, scene.outsidePid, 0, 0),
    call("kill(0) of a process outside", 62, scene.outsidePid, 0),
    call("io_uring_setup", 425, 4, { bytes: 120 }),
    call("memfd_create", 319, "x", 0),
    call("keyctl", 250, 0, -3, 1),
    ...(calls ? [call("prctl(PR_SET_KEEPCAPS)", 157, 8, 1, 0, 0, 0)] : []),
    { title: "a variable that was not granted", attempt: "variable", args: { name: "UNGRANTED" } },
    ...(limits
      ? [
          { title: "a fork bomb", attempt: "forks", args: { count: 70 } },
          { title: "a memory hog", attempt: "memory", args: { bytes: 320 << 20 }, fatal: true } as const,
        ]
      : []),
    ...(scene.hasInt80
      ? [{ title: "i386 int 0x80", attempt: "int80", args: { words: [20] }, fatal: true } as const]
      : []),
  ];
}
