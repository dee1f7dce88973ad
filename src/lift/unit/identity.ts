/**
 * Who runs a unit, with what, and what of other processes is in reach.
 *
 * Source: systemd.exec(5), "User/Group Identity", "Capabilities", "Security", "Sandboxing"; `unit_patch_contexts` in
 * src/core/unit.c of systemd 252.
 */
import type { Identity, OutsideProcesses } from "../../authority/authority.ts";
import { callList } from "./call-list.ts";
import { familyList } from "./families.ts";
import { architecturesOf } from "./filters.ts";
import { namespaceFlags } from "./namespaces.ts";
import { reachesAbstractSockets } from "./network.ts";
import { flag, type Settings, wordIn } from "./settings.ts";
import { wordsOf } from "./words.ts";

/** Capabilities of include/uapi/linux/capability.h. */
const known =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
    .split(" ")
    .map((name) => `CAP_${name}`);

/**
 * A set of capabilities as a directive gives it: lists are joined, `~` takes away, and a list that names none, or stands
 * first, takes the place of what was there: so `~` alone, and `~` with an unknown name, is every capability.
 *
 * Source: `config_parse_capability_set` in src/core/load-fragment.c.
 */
function capabilitySet(settings: Settings, key: string, initial: ReadonlySet<string>): ReadonlySet<string> {
  let kept: ReadonlySet<string> = settings.wasEmptied(key) ? new Set() : initial;
  for (const at of settings.list(key)) {
    const inverted = at.value.startsWith("~");
    const words = wordsOf(inverted ? at.value.slice(1) : at.value).words.map((w) => w.toUpperCase());
    const unknown = words.find((name) => !known.includes(name));
    if (unknown !== undefined)
      settings.find(at, `systemd ignores \`${unknown}\`, a capability that it does not know`);
    const named = new Set(words.filter((name) => known.includes(name)));
    const others = known.filter((name) => !named.has(name));
    if (named.size === 0 || kept.size === initial.size) kept = inverted ? new Set(others) : named;
    else kept = inverted ? new Set([...kept].filter((n) => !named.has(n))) : new Set([...kept, ...named]);
  }
  return kept;
}

/** What other directives take out of the bounding set. */
const taken: Readonly<Record<string, readonly string[]>> = {
  PrivateDevices: ["CAP_MKNOD", "CAP_SYS_RAWIO"],
  ProtectClock: ["CAP_SYS_TIME", "CAP_WAKE_ALARM"],
  ProtectKernelLogs: ["CAP_SYSLOG"],
  ProtectKernelModules: ["CAP_SYS_MODULE"],
};

function boundingSet(settings: Settings): Identity["capabilities"] {
  const isSet =
    !settings.isOpenList("CapabilityBoundingSet") &&
    (settings.last("CapabilityBoundingSet") ?? settings.wasEmptied("CapabilityBoundingSet"));
  const set = isSet ? capabilitySet(settings, "CapabilityBoundingSet", new Set(known)) : undefined;
  const lost = new Set(Object.entries(taken).flatMap(([key, names]) => (flag(settings, key) ? names : [])));
  if (!set && lost.size === 0) return "all";
  return new Set([...(set ?? known)].filter((name) => !lost.has(name)));
}

/** Directives that set no-new-privileges where the unit has no privileges of its own. */
const needing = [
  "LockPersonality",
  "MemoryDenyWriteExecute",
  "PrivateDevices",
  "ProtectClock",
  "ProtectHostname",
  "ProtectKernelLogs",
  "ProtectKernelModules",
  "ProtectKernelTunables",
  "RestrictRealtime",
  "RestrictSUIDSGID",
];

/** Whether a list leaves a filter at all: of one that names only what is not known nothing may be left. */
function hasFilter(settings: Settings): boolean {
  const calls = callList(settings);
  const families = familyList(settings);
  return (
    (calls !== undefined && (calls.allows || calls.names.size > 0)) ||
    (families !== undefined && (families.allows || families.families.size > 0)) ||
    architecturesOf(settings) !== undefined ||
    namespaceFlags(settings) !== undefined
  );
}

/** Whether a program can't get more by executing. */
function hasNoNewPrivileges(settings: Settings, isRoot: boolean): boolean {
  if (flag(settings, "NoNewPrivileges") === true || isDynamic(settings)) return true;
  return !isRoot && (needing.some((key) => flag(settings, key) === true) || hasFilter(settings));
}

/** Whether the user is a new one, made for the unit. */
export function isDynamic(settings: Settings): boolean {
  return flag(settings, "DynamicUser") === true;
}

/** The user of a unit: root without User=. */
export function userOf(settings: Settings): Identity["user"] {
  const user = settings.last("User");
  if (!user) {
    if (settings.isOpen("User")) return { kind: "any" };
    return isDynamic(settings) ? { kind: "fresh" } : { kind: "ids", uid: 0, gid: 0 };
  }
  if (/^\d+$/.test(user.value)) {
    const group = settings.last("Group")?.value;
    // Without Group= it is the user's own, which only the machine knows.
    if (group === undefined || !/^\d+$/.test(group)) return { kind: "any" };
    return { kind: "ids", uid: Number(user.value), gid: Number(group) };
  }
  if (user.value.includes("%")) return { kind: "any" };
  return user.value === "root" ? { kind: "ids", uid: 0, gid: 0 } : { kind: "named", name: user.value };
}

const mayBeRoot = (user: Identity["user"]): boolean =>
  user.kind === "any" || (user.kind === "ids" && user.uid === 0);

/** Who runs a unit. */
export function identityOf(settings: Settings): Identity {
  const user = userOf(settings);
  const noNewPrivileges = hasNoNewPrivileges(settings, mayBeRoot(user));
  const bounding = boundingSet(settings);
  const ambient = settings.isOpenList("AmbientCapabilities")
    ? undefined
    : capabilitySet(settings, "AmbientCapabilities", new Set());
  const capabilities =
    ambient !== undefined && noNewPrivileges && !mayBeRoot(user)
      ? bounding === "all"
        ? ambient
        : new Set([...ambient].filter((name) => bounding.has(name)))
      : bounding;
  return { user, capabilities, noNewPrivileges };
}

/** What of processes outside is in reach. */
export function processesOf(settings: Settings, identity: Identity): OutsideProcesses {
  const { capabilities, user } = identity;
  const has = (name: string): boolean => capabilities === "all" || capabilities.has(name);
  const ownNamespace = flag(settings, "PrivatePIDs") === true;
  const hidden = wordIn(settings, "ProtectProc", ["noaccess", "invisible", "ptraceable", "default"]);
  const isHidden = typeof hidden === "string" && hidden !== "default";
  const out = new Set<"signal" | "trace" | "inspect" | "ipc">();
  const alone = user.kind === "fresh";
  if (!ownNamespace && (!alone || has("CAP_KILL"))) out.add("signal");
  if (!ownNamespace && (!alone || has("CAP_SYS_PTRACE"))) out.add("trace");
  if (!ownNamespace && (!isHidden || has("CAP_SYS_PTRACE"))) out.add("inspect");
  const shares = flag(settings, "PrivateIPC") !== true || settings.list("IPCNamespacePath").length > 0;
  if (shares || reachesAbstractSockets(settings)) out.add("ipc");
  return out;
}
