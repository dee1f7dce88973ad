/** Operations and services that lead out of a sandbox, each with what it leads to. */

/** A way out: an operation as a whole, or one name of it. */
export interface Danger {
  readonly operation: string;
  readonly name?: { readonly space: string; readonly text: string };
  readonly because: string;
}

const service = (text: string, because: string): Danger => ({
  operation: "mach-lookup",
  name: { space: "global-name", text },
  because,
});

/** All that are known; from what published profiles refuse, and from escapes that were reported. */
export const dangers: readonly Danger[] = [
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
