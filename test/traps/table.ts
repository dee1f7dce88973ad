/**
 * Ways in which the formats that we emit fail open without a word: a setting that is ignored, overridden or undone, and
 * nothing that says so. Each was measured on Debian 12 (systemd 252, docker 20.10, docker-compose 1.29, runc 1.1, Linux
 * 6.18) or is documented by its project. `docker …` are findings about docker's mounts, environment and life.
 */

/** A target of this project. */
type TargetName = "docker" | "kubernetes" | "sb" | "seccomp" | "systemd";

/** A trap: what fails open, and which targets have a test for it. */
export interface Trap {
  readonly says: string;
  /** Targets with a test, or why none is concerned. */
  readonly concerns: readonly [TargetName, ...TargetName[]] | { readonly nobody: string };
}

const notEmitted = (what: string) => ({ nobody: `${what} is not a target` });

/** All of them. */
export const traps = {
  "1": {
    says: "TemporaryFileSystem=/ beside settings that remount the root is dropped, and the whole host is visible",
    concerns: ["systemd"],
  },
  "2": {
    says: "with RootDirectory=, paths without `+` mean the host's, so that nothing is restricted inside",
    concerns: ["systemd"],
  },
  "3": {
    says: "NoExecPaths=/ does not reach what is mounted below, nor the implied /tmp and /dev/shm",
    concerns: ["systemd"],
  },
  "4": { says: "memfd_create makes an executable file that no noexec mount covers", concerns: ["systemd"] },
  "5": {
    says: "ProtectSystem=strict leaves homes, /run/user, /dev and /dev/shm writable",
    concerns: ["systemd"],
  },
  "6": {
    says: "a list of system calls whose first line is a deny is a deny-list: everything else is allowed",
    concerns: ["systemd"],
  },
  "7": { says: "an allow-list of system calls is silently joined by all of @default", concerns: ["systemd"] },
  "8": {
    says: "unknown names in SystemCallFilter= are ignored, an empty line resets it, and errnos of allowed calls mean nothing",
    concerns: ["systemd"],
  },
  "9": {
    says: "a misspelt key, a value out of its list or a path that is not normalised is ignored, and the unit starts",
    concerns: ["systemd"],
  },
  "10": {
    says: "SocketBindDeny=, RestrictNetworkInterfaces= and RestrictFileSystems= do nothing in builds without BPF",
    concerns: ["systemd"],
  },
  "11": {
    says: "limits and IPAddressDeny= are not enforced where a cgroup controller or BPF is missing",
    concerns: ["systemd"],
  },
  "12": {
    says: "RuntimeMaxSec= has no effect on Type=oneshot, and WorkingDirectory=- falls back to /",
    concerns: ["systemd"],
  },
  "13": {
    says: "a network namespace does not cut sockets of the file system: the manager, the journal, the bus",
    concerns: ["systemd"],
  },
  "14": { says: "commands with `+`, `!` or `!!` run outside of the sandbox", concerns: ["systemd"] },
  "15": { says: "a path with `-` that is missing is left out in silence", concerns: ["systemd"] },
  "16": {
    says: "MemoryDenyWriteExecute= kills V8, which tempts to take the filter out altogether",
    concerns: ["systemd"],
  },
  "17": {
    says: "before systemd 257 a unit has no PID namespace: processes of its user outside can be signalled",
    concerns: ["systemd"],
  },
  "18": {
    says: "the manager adds variables to every environment, and only UnsetEnvironment= takes them out",
    concerns: ["systemd"],
  },
  "19": {
    says: "an empty seccomp profile confines nothing, and any profile replaces the default one with its masks",
    concerns: ["docker", "kubernetes", "seccomp"],
  },
  "20": {
    says: "a call that is allowed and then refused is allowed, and unknown names are skipped",
    concerns: ["docker", "kubernetes", "seccomp"],
  },
  "21": {
    says: "a read-only mount is not recursive: what the host mounted below stays writable",
    concerns: ["docker", "kubernetes"],
  },
  "22": {
    says: "an image's VOLUME is writable under a read-only root, and its ONBUILD, HEALTHCHECK and ENTRYPOINT run",
    concerns: ["docker"],
  },
  "23": {
    says: "a read-only root leaves /dev/shm and /dev/mqueue writable",
    concerns: ["docker", "kubernetes"],
  },
  "24": { says: "a user without a group has group 0", concerns: ["docker", "kubernetes"] },
  "25": {
    says: "a limit of memory alone allows as much swap again, and some limits are discarded with a warning",
    concerns: ["docker"],
  },
  "26": {
    says: "an `internal` network still reaches every service of the host by the bridge's address",
    concerns: ["docker"],
  },
  "27": {
    says: "low ports need no capability in docker, so that dropping it denies nothing",
    concerns: ["docker"],
  },
  "28": { says: "the short form of a bind mount makes a missing directory, as root", concerns: ["docker"] },
  "29": {
    says: "the later of two keys in --mount wins, so that a comma in a path changes the mount; `no-new-privileges:false` is taken",
    concerns: ["docker"],
  },
  "30": {
    says: "nproc counts a user's processes on the whole host, and node hangs under a too small limit of processes",
    concerns: ["docker"],
  },
  "31": { says: "docker and compose have no limit of run time", concerns: ["docker"] },
  "32": {
    says: "gVisor ignores the seccomp profile unless it is told otherwise",
    concerns: ["docker", "kubernetes"],
  },
  "33": {
    says: "podman's `kube play` ignores a container's Localhost profile and makes memory volumes executable",
    concerns: notEmitted("podman"),
  },
  "34": { says: "crun refuses hybrid cgroups", concerns: { nobody: "it refuses, so nothing opens" } },
  "35": { says: "a launcher that root starts keeps root's rights over files", concerns: ["sb"] },
  "36": { says: "descriptors that the launcher was given stay open inside", concerns: ["sb"] },
  "37": {
    says: "bubblewrap's own directories are writable and executable",
    concerns: notEmitted("bubblewrap"),
  },
  "38": { says: "a later rule undoes an earlier one", concerns: ["sb"] },
  "39": {
    says: "bubblewrap allows user namespaces inside, and sets no limits",
    concerns: notEmitted("bubblewrap"),
  },
  "40": {
    says: "network policies add up, may be enforced by nothing, and an empty or missing list allows everything",
    concerns: ["kubernetes"],
  },
  "41": {
    says: "a pod's Localhost profile holds for its pause container too, and a missing one was run without",
    concerns: ["kubernetes"],
  },
  "42": {
    says: "unknown fields are dropped by old servers, and a pod has no limit of files, processes or I/O",
    concerns: ["kubernetes"],
  },
  "docker a": {
    says: "`:ro`, `readonly` or `read_only` on a noexec volume takes noexec, nosuid and nodev away",
    concerns: ["docker"],
  },
  "docker b": { says: "`noexec` without `ro` in a bind volume's options is ignored", concerns: ["docker"] },
  "docker c": {
    says: "saving by renaming, on the host, moves a masked file out from under its mask",
    concerns: ["docker"],
  },
  "docker d": {
    says: "a plain read-only bind leaves the host's mounts below it writable",
    concerns: ["docker"],
  },
  "docker e": {
    says: "the default profile allows memfd_create, which gets round noexec",
    concerns: ["docker"],
  },
  "docker 1": {
    says: "a volume keeps its old options, ignores misspelt ones, takes relative devices and copies the image's files up",
    concerns: ["docker"],
  },
  "docker 2": {
    says: "a mask over what does not exist makes it on the host, and over a symlink lands elsewhere",
    concerns: ["docker"],
  },
  "docker 3": { says: "a writable mount inside a noexec one is executable", concerns: ["docker"] },
  "docker 4": {
    says: "a mount at its own path may hide what it lies over: the root, /proc, a program below /tmp",
    concerns: ["docker"],
  },
  "docker 5": {
    says: "files are written as the container's user, whoever owns the directory",
    concerns: ["docker"],
  },
  "docker 6": { says: "a tmpfs has no size unless it is given one", concerns: ["docker"] },
  "docker 7": {
    says: "a mounted file keeps its old content after a rename on the host",
    concerns: { nobody: "what is seen or lost was granted: nothing that the policy denies opens" },
  },
  "docker 8": {
    says: "a required variable breaks every service of its file, and compose fills variables from a .env file",
    concerns: ["docker"],
  },
  "docker 9": {
    says: "the client's proxies, with their passwords, are added to the environment",
    concerns: ["docker"],
  },
  "docker 10": {
    says: "files can be made in /dev/mqueue under every hardening, and processes of a shared namespace be seen",
    concerns: ["docker"],
  },
  "docker 11": {
    says: "nothing makes an image's root noexec, and memory files run from anywhere",
    concerns: ["docker"],
  },
  "docker 12": { says: "a limit that is not set, or set under another name, is none", concerns: ["docker"] },
  "docker 13": {
    says: "a container outlives its client when it is restarted, not removed, or has no standard input to end",
    concerns: ["docker"],
  },
} as const satisfies Readonly<Record<string, Trap>>;

/** The number of a trap. */
export type TrapId = keyof typeof traps;
