/**
 * What a runtime brings into every sandbox, whatever the policy says: part of the environment that each claim is relative
 * to. Said here again, and not taken from the targets, which must not decide what they are measured by.
 */
import type { PathRule } from "../authority/path-rules.ts";
import { everyRight, type Rights, rights } from "../authority/paths.ts";

/** The floor of a runtime. */
export interface Floor {
  readonly files: readonly PathRule[];
  /** Variables that the runtime sets by itself. */
  readonly variables: readonly string[];
  /** Variables that may be there with nothing in them: what a client's configuration would put there is taken away. */
  readonly blanked: readonly string[];
  /** What may be done with the program's own files beside what is granted: an image is the program's, and executable. */
  readonly ownFiles: Rights;
  /** System calls that it makes inside the filter before the program starts. */
  readonly calls: readonly string[];
  /** Services of the system that every program needs to start: operations, with what they name. */
  readonly services: readonly string[];
  /** Whether denials are masks over what was there: then the system's own trees are taken to be what they were. */
  readonly masks: boolean;
  /** Where the private temporary directory lies, where that is a path of the host. */
  readonly temporary?: string;
  /** What a variable is set to that the policy sets to the temporary directory's path. */
  readonly temporaryValues: readonly string[];
}

const grant = (pattern: string, mask: Rights): PathRule => ({
  pattern,
  effect: { kind: "grant", rights: mask },
});

const none: Floor = {
  files: [],
  variables: [],
  blanked: [],
  ownFiles: 0,
  calls: [],
  services: [],
  masks: false,
  temporaryValues: [],
};

/** Devices that give nothing of the host away (devices.txt of the kernel's documentation). */
const harmlessDevices = ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts"].map((name) =>
  grant(`/dev/${name}`, everyRight),
);

/** systemd.exec(5): MountAPIVFS=, PrivateDevices=, ProtectProc=; the manager executes the program inside the filter. */
export const unitFloor: Floor = {
  ...none,
  files: [grant("/proc", everyRight), grant("/sys", rights.read | rights.exec), ...harmlessDevices],
  calls: ["execve"],
  masks: true,
  temporaryValues: ["/mcp-tmp"],
};

/** Masked and read-only paths of runc's default (OCI runtime-spec; moby's daemon/pkg/oci/defaults.go). */
const kernelFiles: readonly PathRule[] = [
  grant("/proc", rights.read | rights.write),
  grant("/sys", rights.read),
  ...["bus", "fs", "irq", "sys", "sysrq-trigger"].map(
    (name): PathRule => ({
      pattern: `/proc/${name}`,
      effect: { kind: "deny", rights: rights.write },
    }),
  ),
  ...["proc/acpi", "proc/kcore", "proc/keys", "proc/scsi", "proc/timer_list", "sys/firmware"].map(
    (name): PathRule => ({
      pattern: `/${name}`,
      effect: { kind: "deny", rights: everyRight },
    }),
  ),
];

const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/** What runc gives a container without privileges, and docker sets in its environment. */
export const containerFloor: Floor = {
  ...none,
  files: [...kernelFiles, ...harmlessDevices],
  variables: ["PATH", "HOSTNAME", "HOME"],
  blanked: [...proxies, ...proxies.map((name) => name.toLowerCase())],
  ownFiles: rights.read | rights.exec,
  masks: true,
};

/** The same, and what a kubelet adds: the address of the cluster's API, which a network policy may still close. */
export const podFloor: Floor = {
  ...containerFloor,
  variables: [
    ...containerFloor.variables,
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "KUBERNETES_SERVICE_PORT_HTTPS",
    "KUBERNETES_PORT",
    ...["", "_PROTO", "_PORT", "_ADDR"].map((end) => `KUBERNETES_PORT_443_TCP${end}`),
  ],
  blanked: [],
};

const sysctls =
  "hw.activecpu hw.byteorder hw.cachelinesize hw.cpufamily hw.cputype hw.logicalcpu hw.logicalcpu_max hw.machine hw.memsize " +
  "hw.model hw.ncpu hw.pagesize hw.pagesize_compat hw.physicalcpu hw.physicalcpu_max kern.argmax kern.hostname " +
  "kern.maxfilesperproc kern.osproductversion kern.osrelease kern.ostype kern.osvariant_status kern.osversion " +
  "kern.secure_kernel kern.usrstack64 kern.version machdep.cpu.brand_string machdep.ptrauth_enabled " +
  "security.mac.lockdown_mode_state sysctl.proc_cputype vm.loadavg";

/** The directory that the launcher of a profile makes, with the letters that mktemp(1) replaces. */
export const profileTemporary = "/private/tmp/mcpc.XXXXXXXX";

/**
 * What a program on macOS needs to start, from profiles that are published and in production: dyld reads the root
 * directory, libc asks for users and notifications, and every program may ask about itself.
 */
export const profileFloor: Floor = {
  ...none,
  files: [{ pattern: "/", effect: { kind: "grant", rights: rights.read, alone: true } }],
  services: [
    "darwin-notification-post",
    "dynamic-code-generation",
    "syscall-unix",
    'ipc-posix-shm-read-data ipc-posix-name "apple.shm.notification_center"',
    'mach-lookup global-name "com.apple.system.notification_center"',
    'mach-lookup global-name "com.apple.system.opendirectoryd.libinfo"',
    "mach-task-name target self",
    // How many processes there may be is a limit, and what they execute is decided with the files.
    "process-fork",
    ...["codesignature", "dirtycontrol", "pidinfo", "rusage", "setcontrol"].map(
      (name) => `process-info-${name} target self`,
    ),
    "signal target self",
    "signal target same-sandbox",
    ...sysctls.split(" ").map((name) => `sysctl-read sysctl-name "${name}"`),
    ...["hw.optional.", "hw.perflevel"].map((name) => `sysctl-read sysctl-name-prefix "${name}"`),
  ],
  temporary: profileTemporary,
  temporaryValues: [profileTemporary],
};

/** A filter of system calls alone has no floor. */
export const filterFloor: Floor = none;
