/**
 * What only Seatbelt knows of starting a program: operations, Mach services, sysctls. From profiles that are published
 * and in production (Chromium, Firefox, WebKit, SwiftPM, Nix, Homebrew); none of it was measured on macOS by us.
 */

/**
 * Operations that `(deny default)` does not reach, since they carry an allow of their own (macOS 10.15's table). What
 * is needed of them is allowed again, filtered, below. `dynamic-code-generation` stays: V8 needs it.
 */
export const ownAllowOperations: readonly string[] = [
  "file-clone",
  "file-link",
  "file-map-executable",
  "iokit-get-properties",
  "mach-cross-domain-lookup",
  "nvram*",
  "process-info*",
  "process-info-codesignature",
  "socket-ioctl",
  "system-privilege",
];

/** A rule and why it stands. */
export interface BaselineRule {
  readonly rule: string;
  readonly evidence: string;
}

const sysctls = [
  "hw.activecpu",
  "hw.byteorder",
  "hw.cachelinesize",
  "hw.cpufamily",
  "hw.cputype",
  "hw.logicalcpu",
  "hw.logicalcpu_max",
  "hw.machine",
  "hw.memsize",
  "hw.model",
  "hw.ncpu",
  "hw.pagesize",
  "hw.pagesize_compat",
  "hw.physicalcpu",
  "hw.physicalcpu_max",
  "kern.argmax",
  "kern.hostname",
  "kern.maxfilesperproc",
  "kern.osproductversion",
  "kern.osrelease",
  "kern.ostype",
  "kern.osvariant_status",
  "kern.osversion",
  "kern.secure_kernel",
  "kern.usrstack64",
  "kern.version",
  "machdep.cpu.brand_string",
  "machdep.ptrauth_enabled",
  "security.mac.lockdown_mode_state",
  "sysctl.proc_cputype",
  "vm.loadavg",
];

/** What every program needs to start. */
export const baseline: readonly BaselineRule[] = [
  {
    rule: '(allow file-read-data file-read-metadata (literal "/"))',
    evidence: "dyld opens the root directory",
  },
  {
    rule: '(allow file-read-metadata (literal "/etc") (literal "/tmp") (literal "/var") (literal "/private"))',
    evidence: "looking through a symlink reads the link itself",
  },
  {
    rule: `(allow sysctl-read ${sysctls.map((name) => `(sysctl-name "${name}")`).join(" ")} (sysctl-name-prefix "hw.optional.") (sysctl-name-prefix "hw.perflevel"))`,
    evidence: "denials seen of node and python at start",
  },
  {
    rule: '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo") (global-name "com.apple.system.notification_center"))',
    evidence: "getpwuid and libnotify, in every published profile",
  },
  {
    rule: '(allow ipc-posix-shm-read-data (ipc-posix-name "apple.shm.notification_center"))',
    evidence: "libnotify",
  },
  { rule: "(allow signal (target self))", evidence: "abort and raise" },
  {
    rule: "(allow process-info-pidinfo process-info-setcontrol process-info-rusage process-info-dirtycontrol process-info-codesignature (target self))",
    evidence: "Firefox's content profile",
  },
];
