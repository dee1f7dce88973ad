/**
 * The directives that this target uses: the section that each belongs to, and the systemd release that brought it.
 * From systemd's NEWS and its manual pages. A key in another section, or unknown to the release, is ignored by systemd
 * with a warning nobody reads; here it is a bug that stops the compile.
 */
import { atLeast, type Environment } from "../../policy/environment.ts";
import type { UnitSection } from "./model.ts";

/** Where a directive belongs, and since when. */
interface Directive {
  readonly section: UnitSection["name"];
  readonly since: number;
}

const inSection = (
  section: UnitSection["name"],
  rows: Readonly<Record<string, number>>,
): [string, Directive][] => Object.entries(rows).map(([name, since]) => [name, { section, since }]);

/** The table. */
export const directives: ReadonlyMap<string, Directive> = new Map([
  ...inSection("Unit", {
    After: 1,
    AssertControlGroupController: 224,
    AssertPathExists: 218,
    CollectMode: 236,
    Description: 1,
    JoinsNamespaceOf: 209,
    Requires: 1,
  }),
  ...inSection("Service", {
    AmbientCapabilities: 229,
    BindPaths: 233,
    BindReadOnlyPaths: 233,
    CPUQuota: 213,
    CacheDirectory: 235,
    CapabilityBoundingSet: 1,
    ConfigurationDirectory: 235,
    Delegate: 218,
    DeviceAllow: 208,
    DevicePolicy: 208,
    DynamicUser: 232,
    Environment: 1,
    EnvironmentFile: 1,
    ExecPaths: 248,
    ExecStart: 1,
    ExtensionDirectories: 251,
    ExtensionImages: 248,
    Group: 1,
    IPAddressAllow: 235,
    IPAddressDeny: 235,
    IPCNamespacePath: 248,
    ImportCredential: 254,
    InaccessiblePaths: 231,
    KeyringMode: 235,
    LimitCORE: 1,
    LimitNOFILE: 1,
    LoadCredential: 247,
    LoadCredentialEncrypted: 250,
    LockPersonality: 235,
    LogsDirectory: 235,
    MemoryDenyWriteExecute: 231,
    MemoryMax: 231,
    MemorySwapMax: 232,
    MountAPIVFS: 233,
    MountImages: 247,
    NetworkNamespacePath: 242,
    NoExecPaths: 248,
    NoNewPrivileges: 187,
    OpenFile: 253,
    PAMName: 1,
    PassEnvironment: 228,
    PrivateDevices: 209,
    PrivateIPC: 248,
    PrivateMounts: 239,
    PrivateNetwork: 1,
    PrivatePIDs: 257,
    PrivateTmp: 1,
    PrivateUsers: 232,
    ProcSubset: 247,
    ProtectClock: 245,
    ProtectControlGroups: 232,
    ProtectHome: 214,
    ProtectHostname: 242,
    ProtectKernelLogs: 244,
    ProtectKernelModules: 232,
    ProtectKernelTunables: 232,
    ProtectProc: 247,
    ProtectSystem: 214,
    ReadOnlyPaths: 231,
    ReadWritePaths: 231,
    RemoveIPC: 232,
    Restart: 1,
    RestrictAddressFamilies: 211,
    RestrictNamespaces: 233,
    RestrictRealtime: 231,
    RestrictSUIDSGID: 242,
    RootDirectory: 1,
    RootDirectoryStartOnly: 1,
    RootImage: 233,
    RuntimeDirectory: 211,
    RuntimeMaxSec: 229,
    SetCredential: 247,
    SetCredentialEncrypted: 250,
    StandardError: 1,
    StandardInput: 1,
    StandardOutput: 1,
    StateDirectory: 235,
    SupplementaryGroups: 1,
    SystemCallArchitectures: 209,
    SystemCallErrorNumber: 209,
    SystemCallFilter: 187,
    TasksMax: 227,
    TemporaryFileSystem: 238,
    TimeoutStopSec: 1,
    Type: 1,
    UMask: 1,
    UnsetEnvironment: 235,
    User: 1,
    WorkingDirectory: 1,
  }),
  ...inSection("Socket", {
    Accept: 1,
    FileDescriptorName: 227,
    ListenDatagram: 1,
    ListenStream: 1,
    MaxConnections: 1,
    SocketMode: 1,
  }),
  ...inSection("Install", { WantedBy: 1 }),
]);

/** Refuses a section that holds a directive of another one, or one that this release of systemd does not know. */
export function checkSection(section: UnitSection, environment: Environment): void {
  for (const { name } of section.settings) {
    const known = directives.get(name);
    if (known?.section !== section.name || !atLeast(environment.systemd, known.since)) {
      throw new Error(
        `${name}= was about to be written to [${section.name}] for systemd ${environment.systemd.major}`,
      );
    }
  }
}
