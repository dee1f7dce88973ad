/**
 * Deputies: what acts with rights of its own for whoever reaches it, so that to reach it is to have those rights. All that is
 * known of ways out of a sandbox lies here, as data: sockets, system calls, and services of macOS.
 */

/** A socket or device of a daemon. */
export interface SocketDeputy {
  /** As in `accept all: deputy.NAME`. */
  readonly name: string;
  /** As people write them, and as they are when resolved: on macOS `/var` and `/tmp` are in `/private`. */
  readonly patterns: readonly string[];
  readonly authority: string;
}

/** Known daemons; each row's authority follows from the daemon's own documentation. */
export const socketDeputies: readonly SocketDeputy[] = [
  {
    name: "docker",
    patterns: [
      "/var/run/docker.sock",
      "/private/var/run/docker.sock",
      "/run/docker.sock",
      "/run/user/*/docker.sock",
      "/home/*/.docker/run/docker.sock",
      "/Users/*/.docker/run/docker.sock",
      "/root/.docker/run/docker.sock",
    ],
    authority: "the docker engine's: root on the host",
  },
  {
    name: "containerd",
    patterns: ["/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock"],
    authority: "containerd's: root on the host",
  },
  {
    name: "podman",
    patterns: ["/run/podman/podman.sock", "/run/user/*/podman/podman.sock"],
    authority: "podman's: any container with any mount of its user",
  },
  { name: "crio", patterns: ["/run/crio/crio.sock"], authority: "CRI-O's: root on the host" },
  {
    name: "dbus-system",
    patterns: ["/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket"],
    authority: "that of every service on the system bus",
  },
  {
    name: "dbus-session",
    patterns: ["/run/user/*/bus"],
    authority: "the session's: starting any program of the user through its services",
  },
  {
    name: "systemd",
    patterns: ["/run/systemd/private", "/run/systemd/journal/*", "/run/user/*/systemd/private"],
    authority: "systemd's: starting any unit",
  },
  {
    name: "ssh-agent",
    patterns: [
      "/tmp/ssh-*/agent.*",
      "/private/tmp/ssh-*/agent.*",
      "/private/tmp/com.apple.launchd.*/Listeners",
      "/private/var/run/com.apple.launchd.*/Listeners",
      "/run/user/*/keyring/ssh",
      "/run/user/*/ssh-agent*",
    ],
    authority: "the keys of the user's ssh agent",
  },
  {
    name: "gpg-agent",
    patterns: ["/run/user/*/gnupg/S.gpg-agent*"],
    authority: "the user's private GnuPG keys",
  },
  {
    name: "x11",
    patterns: ["/tmp/.X11-unix", "/tmp/.X11-unix/*", "/private/tmp/.X11-unix", "/private/tmp/.X11-unix/*"],
    authority: "the display's: every key typed and window shown",
  },
  { name: "wayland", patterns: ["/run/user/*/wayland-*"], authority: "the compositor's" },
  { name: "libvirt", patterns: ["/run/libvirt/libvirt-sock"], authority: "libvirt's: root on the host" },
  {
    name: "lxd",
    patterns: ["/var/snap/lxd/common/lxd/unix.socket", "/var/lib/lxd/unix.socket"],
    authority: "LXD's: root on the host",
  },
];

/** A call, with bits of an argument where only those matter: `(argument & mask) = value`, of its low 32 bits. */
export interface DeputyCall {
  readonly name: string;
  readonly argument?: { readonly index: number; readonly mask: bigint; readonly value: bigint };
}

/** System calls that do more than their number says. */
export interface CallDeputy {
  readonly name: string;
  readonly calls: readonly DeputyCall[];
  readonly authority: string;
  /** Whether it leads nowhere where no process outside can be reached. */
  readonly throughProcesses?: boolean;
}

const newUser = 0x10000000n;
const whole = 0xffffffffn;

/** Known calls of this kind. Sources: io_uring(7), ptrace(2), pidfd_getfd(2), user_namespaces(7), ioctl_tty(2), bpf(2). */
export const callDeputies: readonly CallDeputy[] = [
  {
    name: "io-uring",
    calls: [{ name: "io_uring_setup" }],
    authority: "every operation of io_uring, past any filter of system calls",
  },
  {
    name: "trace",
    calls: ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"].map((name) => ({ name })),
    authority: "the memory and the open files of other processes",
    throughProcesses: true,
  },
  {
    name: "user-namespace",
    calls: [
      { name: "unshare", argument: { index: 0, mask: newUser, value: newUser } },
      { name: "clone", argument: { index: 0, mask: newUser, value: newUser } },
      { name: "clone3" },
    ],
    authority: "all capabilities in a namespace of its own: mounts, and the code of the kernel behind them",
  },
  {
    name: "terminal",
    calls: [0x5412n, 0x541cn].map((value) => ({ name: "ioctl", argument: { index: 1, mask: whole, value } })),
    authority: "typing into the terminal of whoever started it",
  },
  { name: "bpf", calls: [{ name: "bpf" }], authority: "programs inside the kernel" },
];

/** An operation of Seatbelt, or one name of it, that leads out of the sandbox. */
export interface ServiceDeputy {
  readonly operation: string;
  readonly name?: { readonly space: string; readonly text: string };
  readonly because: string;
}

const service = (text: string, because: string): ServiceDeputy => ({
  operation: "mach-lookup",
  name: { space: "global-name", text },
  because,
});

/** All that are known; from what published profiles refuse, and from escapes that were reported. */
export const serviceDeputies: readonly ServiceDeputy[] = [
  service("com.apple.coreservices.launchservicesd", "starts programs outside of the sandbox"),
  service("com.apple.lsd.modifydb", "changes which program opens what"),
  service("com.apple.CoreServices.coreservicesd", "starts programs outside of the sandbox"),
  service("com.apple.coreservices.appleevents", "tells other programs what to do"),
  service("com.apple.SecurityServer", "reads the keychain"),
  service("com.apple.securityd", "reads the keychain"),
  service("com.apple.securityd.xpc", "reads the keychain"),
  service("com.apple.secd", "reads the keychain"),
  service("com.apple.security.keychaind", "reads the keychain"),
  service("com.apple.security.agent", "asks the user for passwords"),
  service("com.apple.pasteboard.1", "reads and writes the clipboard"),
  service("com.apple.sysmond", "looks at every process"),
  service("com.apple.trustd.agent", "sends data out with checks of certificates"),
  { operation: "lsopen", because: "starts programs outside of the sandbox" },
  { operation: "appleevent-send", because: "tells other programs what to do" },
  { operation: "distributed-notification-post", because: "sends messages to other programs" },
  { operation: "job-creation", because: "starts programs outside of the sandbox" },
  { operation: "mach-register", because: "takes the place of a service" },
  { operation: "mach-priv-host-port", because: "rules the whole system" },
  { operation: "mach-priv-task-port", because: "rules other processes" },
  { operation: "mach-cross-domain-lookup", because: "reaches the services of other sessions" },
  { operation: "iokit-open", because: "talks to drivers" },
  { operation: "file-mknod", because: "makes devices" },
  { operation: "file-mount", because: "changes what is at a path" },
  { operation: "file-mount-update", because: "changes what is at a path" },
  { operation: "file-unmount", because: "changes what is at a path" },
  { operation: "file-issue-extension", because: "hands its files to other processes" },
  { operation: "sysctl-write", because: "changes settings of the kernel" },
  { operation: "nvram-set", because: "changes how the machine starts" },
  { operation: "system-kext-load", because: "runs code in the kernel" },
  { operation: "system-privilege", because: "uses privileges of root" },
  {
    operation: "sysctl-read",
    name: { space: "sysctl-name", text: "kern.proc.all" },
    because: "lists every process",
  },
  {
    operation: "sysctl-read",
    name: { space: "sysctl-name", text: "kern.procargs2" },
    because: "reads the arguments and environments of other processes",
  },
  {
    operation: "signal",
    name: { space: "target", text: "others" },
    because: "ends other programs",
  },
];
