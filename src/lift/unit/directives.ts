/**
 * Which directives there are, in which section, and since which release: Debian's 252 generated, newer ones by hand.
 *
 * Source: `systemd --dump-configuration-items`; systemd's NEWS; the "Added in version" notes of its manual pages.
 */
import { packedDirectives, tableRelease } from "./directives.generated.ts";

/** The last release whose directives are known here. */
export const lastRelease = 258;

/** A directive. */
export interface Directive {
  readonly since: number;
  /** What its value must be, where that is checked for every directive alike. */
  readonly kind?: "boolean" | "time";
}

const newer: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  Unit: {
    254: "ConditionMemoryPressure AssertMemoryPressure",
    256: "ConditionSecurity AssertSecurity",
    257: "ConditionVersion AssertVersion",
    258: "ConditionKernelModuleLoaded AssertKernelModuleLoaded",
  },
  Service: {
    253: "OpenFile MemoryZSwapMax StartupMemoryLow StartupMemoryHigh StartupMemoryMax StartupMemorySwapMax StartupMemoryZSwapMax ReloadSignal",
    254: "ImportCredential DelegateSubgroup RestartSteps RestartMaxDelaySec RestartMode MemoryPressureWatch MemoryPressureThresholdSec FileDescriptorStorePreserve RootEphemeral RootImagePolicy MountImagePolicy ExtensionImagePolicy MemoryKSM",
    255: "CoredumpReceive SetLoginEnvironment SurviveFinalKillSignal NFTSet",
    256: "MemoryZSwapWriteback PassFileDescriptorsToExec",
    257: "PrivatePIDs BindLogSockets ManagedOOMMemoryPressureDurationSec",
    258: "PrivateBPF DelegateNamespaces UserNamespacePath ExecReloadPost ProtectHostnameEx StateDirectoryQuota CacheDirectoryQuota LogsDirectoryQuota StateDirectoryAccounting CacheDirectoryAccounting LogsDirectoryAccounting BPFDelegateCommands BPFDelegateMaps BPFDelegatePrograms BPFDelegateAttachments",
  },
  Socket: {
    255: "PollLimitIntervalSec PollLimitBurst",
    256: "PassFileDescriptorsToExec",
    258: "AcceptFileDescriptors DeferTrigger DeferTriggerMaxSec PassPIDFD XAttrEntryPoint XAttrListen XAttrAccept",
  },
  Install: {},
};

/** Older than the first place in NEWS that names them. */
const earlier: Readonly<Record<string, number>> = {
  Accept: 1,
  After: 1,
  CapabilityBoundingSet: 1,
  Delegate: 218,
  DeviceAllow: 208,
  DevicePolicy: 208,
  Environment: 1,
  EnvironmentFile: 1,
  ExecStart: 1,
  Group: 1,
  InaccessiblePaths: 231,
  MaxConnections: 1,
  MemoryMax: 231,
  NoNewPrivileges: 187,
  PrivateNetwork: 1,
  PrivateTmp: 1,
  Restart: 1,
  RootDirectory: 1,
  StandardError: 1,
  StandardInput: 1,
  StandardOutput: 1,
  SystemCallFilter: 187,
  TimeoutStopSec: 1,
  Type: 1,
  User: 1,
  WantedBy: 1,
  WorkingDirectory: 1,
};

function unpacked(packed: string): readonly (readonly [string, Directive])[] {
  return packed
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", since = "1", kind] = line.split(" ");
      const of = kind === "b" ? { kind: "boolean" as const } : kind === "t" ? { kind: "time" as const } : {};
      return [name, { since: Math.min(Number(since), earlier[name] ?? tableRelease), ...of }];
    });
}

let tables: ReadonlyMap<string, ReadonlyMap<string, Directive>> | undefined;

/** The directives of a section; undefined for a section that is not known here. */
export function directivesOf(section: string): ReadonlyMap<string, Directive> | undefined {
  tables ??= new Map(
    Object.entries(packedDirectives).map(([name, packed]) => {
      const rows = Object.entries(newer[name] ?? {}).flatMap(([since, names]) =>
        names.split(" ").map((directive) => [directive, { since: Number(since) }] as const),
      );
      return [name, new Map<string, Directive>([...rows, ...unpacked(packed)])];
    }),
  );
  return tables.get(section);
}

/** Sections of other kinds of units, whose contents say nothing about a program. */
export const otherSections: ReadonlySet<string> = new Set([
  "Automount",
  "Mount",
  "Path",
  "Scope",
  "Slice",
  "Swap",
  "Timer",
]);

/** Old names, which systemd still reads (systemd.exec(5) of release 230; `config_parse_…` in load-fragment-gperf). */
export const aliases: Readonly<Record<string, string>> = {
  InaccessibleDirectories: "InaccessiblePaths",
  ReadOnlyDirectories: "ReadOnlyPaths",
  ReadWriteDirectories: "ReadWritePaths",
};

/** What gives a program something: held to be there even in a release that is said not to know it. */
export const widening: ReadonlySet<string> = new Set([
  "AmbientCapabilities",
  "BindLogSockets",
  "BindPaths",
  "BindReadOnlyPaths",
  "CacheDirectory",
  "CapabilityBoundingSet",
  "ConfigurationDirectory",
  "Environment",
  "EnvironmentFile",
  "ExecCondition",
  "ExecPaths",
  "ExecReload",
  "ExecReloadPost",
  "ExecStart",
  "ExecStartPost",
  "ExecStartPre",
  "ExecStop",
  "ExecStopPost",
  "ExtensionDirectories",
  "ExtensionImages",
  "Group",
  "IPAddressAllow",
  "ImportCredential",
  "JoinsNamespaceOf",
  "LoadCredential",
  "LoadCredentialEncrypted",
  "LogsDirectory",
  "MountAPIVFS",
  "MountImages",
  "NetworkNamespacePath",
  "OpenFile",
  "PAMName",
  "PassEnvironment",
  "PermissionsStartOnly",
  "ReadWritePaths",
  "RootDirectoryStartOnly",
  "RuntimeDirectory",
  "RuntimeRandomizedExtraSec",
  "SetCredential",
  "SetCredentialEncrypted",
  "StandardError",
  "StandardInput",
  "StandardOutput",
  "StateDirectory",
  "SupplementaryGroups",
  "UserNamespacePath",
]);
