/**
 * The operations of Seatbelt: whose rules one falls back to, and what decides where nothing speaks of it.
 *
 * Source: the table of macOS 10.15's libsandbox as it was published; operations that only later systems have are marked,
 * and what they are without a rule is not known: they count as allowed.
 */

/** What decides an operation that no rule decides: its parent, or a default of its own. */
export type Fallback = "allow" | "deny" | "unknown" | { readonly parent: string };

const children: Readonly<Record<string, string>> = {
  default:
    "file* network* process* signal mach* ipc* sysctl* user-preference* iokit* system* lsopen appleevent-send " +
    "authorization-right-obtain distributed-notification-post device* hid-control pseudo-tty load-unsigned-code " +
    "generic-issue-extension qtn-user opendirectory-user-modify boot-arg-set fs-rename fs-snapshot*",
  "file*":
    "file-chroot file-ioctl file-issue-extension file-mknod file-mount file-revoke file-search file-unmount file-read* file-write*",
  "file-mount": "file-mount-update",
  "file-read*": "file-read-data file-read-metadata file-read-xattr",
  "file-write*":
    "file-write-acl file-write-create file-write-data file-write-finderinfo file-write-flags file-write-mode " +
    "file-write-owner file-write-times file-write-unlink file-write-xattr",
  "fs-snapshot*": "fs-snapshot-create fs-snapshot-delete fs-snapshot-revert",
  "network*": "network-inbound network-outbound",
  "network-inbound": "network-bind",
  "process*": "process-exec* process-fork process-codesigning-status*",
  "process-exec*": "process-exec-interpreter",
  "process-codesigning-status*": "process-codesigning-status-set process-codesigning-status-get",
  "process-info*":
    "process-info-pidinfo process-info-pidfdinfo process-info-listpids process-info-rusage process-info-setcontrol " +
    "process-info-dirtycontrol process-info-pidfileportinfo",
  "mach*":
    "mach-lookup mach-register mach-task-name mach-issue-extension mach-host* mach-priv* mach-per-user-lookup",
  "mach-host*": "mach-host-exception-port-set mach-host-special-port-set",
  "mach-priv*": "mach-priv-host-port mach-priv-task-port",
  "ipc*": "ipc-posix* ipc-sysv*",
  "ipc-posix*": "ipc-posix-sem* ipc-posix-shm* ipc-posix-issue-extension",
  "ipc-posix-sem*":
    "ipc-posix-sem-create ipc-posix-sem-open ipc-posix-sem-post ipc-posix-sem-unlink ipc-posix-sem-wait",
  "ipc-posix-shm*":
    "ipc-posix-shm-read-data ipc-posix-shm-write-create ipc-posix-shm-write-data ipc-posix-shm-write-unlink",
  "ipc-sysv*": "ipc-sysv-msg ipc-sysv-sem ipc-sysv-shm",
  "sysctl*": "sysctl-read sysctl-write",
  "user-preference*": "user-preference-read user-preference-write",
  "user-preference-read": "managed-preference-read",
  "iokit*": "iokit-open iokit-set-properties iokit-issue-extension",
  "nvram*": "nvram-get nvram-set nvram-delete",
  "device*": "device-camera device-microphone",
  "system*":
    "system-acct system-audit system-automount system-debug system-fsctl system-info system-kext* system-mac-label " +
    "system-nfssvc system-package-check system-reboot system-sched system-set-time system-socket " +
    "system-suspend-resume system-swap",
  "system-kext*": "system-kext-load system-kext-unload system-kext-query",
};

const own: Readonly<Record<"allow" | "deny" | "unknown", string>> = {
  allow:
    "file-link file-clone file-map-executable file-test-existence dynamic-code-generation process-info* " +
    "process-info-codesignature nvram* iokit-get-properties socket-ioctl system-privilege mach-cross-domain-lookup " +
    "darwin-notification-post syscall-unix",
  deny: "default file-write-setugid job-creation",
  unknown:
    "file-lock fs-quota* socket-option* socket-option-get socket-option-set necp-client-open mach-bootstrap " +
    "mach-derive-port mach-task-read mach-task-inspect mach-task-special-port* mach-kernel-endpoint iokit-open* " +
    "iokit-open-user-client iokit-open-service iokit-external-method system-mac-syscall system-fcntl " +
    "system-necp-client-action system-memorystatus-control syscall* syscall-mach syscall-mig",
};

function makeTable(): ReadonlyMap<string, Fallback> {
  const table = new Map<string, Fallback>();
  for (const [parent, names] of Object.entries(children))
    for (const name of names.split(" ")) table.set(name, { parent });
  for (const fallback of ["allow", "deny", "unknown"] as const)
    for (const name of own[fallback].split(" ")) table.set(name, fallback);
  return table;
}

/** Every operation by its name, with what decides it where no rule does. */
export const operations: ReadonlyMap<string, Fallback> = makeTable();

/** Names that stand for another, some of them for more than they say. */
const aliases: Readonly<Record<string, string>> = {
  "process-exec": "process-exec*",
  "sysctl-write": "sysctl*",
  "system-misc": "system*",
  "ipc-posix-sem": "ipc-posix-sem*",
  "ipc-posix-shm": "ipc-posix-shm*",
  "ipc-posix-shm-read*": "ipc-posix-shm-read-data",
  "file-unlink": "file-write-unlink",
  "managed-preference*": "managed-preference-read",
};

/** The operation that a name of a profile stands for; undefined when there is none. */
export function operationNamed(name: string): string | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name];
  return operations.has(name) ? name : undefined;
}

interface Chain {
  readonly names: readonly string[];
  readonly last: "allow" | "deny" | "unknown";
}

function findChain(operation: string): Chain {
  const names = [operation];
  for (;;) {
    const fallback = operations.get(names.at(-1) ?? "");
    if (typeof fallback !== "object") return { names, last: fallback ?? "unknown" };
    names.push(fallback.parent);
  }
}

const chains = new Map([...operations.keys()].map((name) => [name, findChain(name)]));
const chain = (operation: string): Chain => chains.get(operation) ?? findChain(operation);

/** An operation, and those that decide where it is not decided, up to the last. */
export const chainOf = (operation: string): readonly string[] => chain(operation).names;

/** What decides an operation in the end, where no rule of its chain does. */
export const defaultOf = (operation: string): "allow" | "deny" | "unknown" => chain(operation).last;
