/**
 * What is mounted where in a unit's view, before it is put in order.
 *
 * Source: src/core/namespace.c of systemd 252, `setup_namespace`; systemd.exec(5), "Sandboxing".
 */
import { type Bind, bindList, type ListedPath, pathList, type Reading, tmpfsList } from "./paths.ts";
import { flag, wordIn } from "./settings.ts";

/** The kinds of mounts, by priority: at one path the first wins (`MountMode` in src/core/namespace.c). */
export const modes = [
  "inaccessible",
  "image",
  "bind",
  "private-tmp",
  "private-dev",
  "host-dev",
  "sys",
  "proc",
  "readonly",
  "readwrite",
  "noexec",
  "exec",
  "tmpfs",
  "run",
  "implicit",
] as const;

/** A mount. */
export interface Entry {
  /** In the unit's view. */
  readonly path: string;
  readonly mode: (typeof modes)[number];
  /** What of the host a bind shows. */
  readonly source?: string;
  readonly readOnly?: boolean;
  /** The size of a tmpfs, where it has one. */
  readonly bytes?: number;
  /** Whether it may not be there, as nothing may be at its path or source. */
  readonly optional: boolean;
}

/** What decides about the mounts of a unit, and is not said in it. */
export interface MountContext {
  readonly reading: Reading;
  readonly dynamicUser: boolean;
  /** Whether something is at a path of the host when the unit starts. */
  readonly isPresent: (path: string) => boolean;
}

/** The root of the view: a directory of the host, an image, or the host's own. */
export type Root =
  | { readonly kind: "host" }
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "image" };

const entry = (path: string, mode: Entry["mode"], more: Partial<Entry> = {}): Entry => ({
  path,
  mode,
  optional: false,
  ...more,
});

/** ProtectSystem=, with what DynamicUser= implies. */
function systemEntries({ reading: { settings }, dynamicUser }: MountContext): readonly Entry[] {
  const level = dynamicUser ? "strict" : wordIn(settings, "ProtectSystem", ["full", "strict"]);
  if (level === undefined || level === false) return [];
  if (level === "strict") {
    const free = ["/proc", "/sys", "/dev", "/home", "/run/user", "/root"];
    return [entry("/", "readonly"), ...free.map((path) => entry(path, "implicit"))];
  }
  const kept = [
    "/usr",
    "/boot",
    "/efi",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    ...(level === "full" ? ["/etc"] : []),
  ];
  return kept.map((path) => entry(path, "readonly"));
}

/** ProtectHome=. */
function homeEntries({ reading: { settings }, dynamicUser }: MountContext): readonly Entry[] {
  const value = wordIn(settings, "ProtectHome", ["read-only", "tmpfs"]);
  const level = dynamicUser && (value === undefined || value === false) ? "read-only" : value;
  const homes = ["/home", "/run/user", "/root"];
  if (level === true) return homes.map((path) => entry(path, "inaccessible"));
  if (level === "read-only") return homes.map((path) => entry(path, "readonly"));
  return level === "tmpfs" ? homes.map((path) => entry(path, "tmpfs", { readOnly: true })) : [];
}

const kernelReadOnly = [
  "/proc/acpi",
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/mtrr",
  "/proc/scsi",
  "/proc/sys",
  "/proc/sysrq-trigger",
  "/sys",
];

/** ProtectKernel…= and ProtectControlGroups=, where the paths are there on every machine or may be passed over. */
function kernelEntries({ reading: { settings } }: MountContext): readonly Entry[] {
  const on = (key: string): boolean => flag(settings, key) === true;
  return [
    ...(on("ProtectKernelTunables") ? kernelReadOnly.map((path) => entry(path, "readonly")) : []),
    ...(on("ProtectKernelTunables") ? ["/proc/kallsyms", "/proc/kcore"] : []).map((path) =>
      entry(path, "inaccessible"),
    ),
    ...(on("ProtectKernelModules") ? ["/lib/modules", "/usr/lib/modules"] : []).map((path) =>
      entry(path, "inaccessible", { optional: true }),
    ),
    ...(on("ProtectKernelLogs") ? ["/proc/kmsg", "/dev/kmsg"] : []).map((path) =>
      entry(path, "inaccessible"),
    ),
    ...(settings.last("ProtectControlGroups") && flag(settings, "ProtectControlGroups") !== false
      ? [entry("/sys/fs/cgroup", "readonly")]
      : []),
  ];
}

/** Directories that systemd makes for the unit, and gives it. */
function ownDirectories({ reading, dynamicUser }: MountContext): readonly Entry[] {
  const places = {
    StateDirectory: "/var/lib",
    CacheDirectory: "/var/cache",
    LogsDirectory: "/var/log",
    RuntimeDirectory: "/run",
    ConfigurationDirectory: "/etc",
  };
  return Object.entries(places).flatMap(([key, above]) =>
    reading.settings.list(key).flatMap(({ value }) =>
      value.split(/\s+/).flatMap((word) => {
        const name = word.split(":")[0] ?? "";
        if (name === "" || name.includes("..")) return [];
        // Without a value for a specifier: any of them.
        const known = name.includes("%") ? above : `${above}/${name}`;
        const hidden = name.includes("%") ? above : `${above}/private/${name}`;
        const own = [entry(known, "bind", { source: known })];
        return dynamicUser && key !== "ConfigurationDirectory"
          ? [...own, entry(known, "bind", { source: hidden })]
          : own;
      }),
    ),
  );
}

const onList = (root: Root, { path, inRoot }: ListedPath): string | undefined => {
  if (root.kind === "host" || root.kind === "image" || inRoot) return path;
  // Without `+` it is the host's path: of effect only below the root.
  if (path === root.path) return "/";
  return path.startsWith(`${root.path}/`) ? path.slice(root.path.length) : undefined;
};

/** Lists of paths; each `-` counts as perhaps not there, unless something is known to be. */
function listEntries(context: MountContext, root: Root): readonly Entry[] {
  const { reading, isPresent } = context;
  const keys = {
    InaccessiblePaths: "inaccessible",
    ReadOnlyPaths: "readonly",
    ReadWritePaths: "readwrite",
    NoExecPaths: "noexec",
    ExecPaths: "exec",
  } as const;
  return Object.entries(keys).flatMap(([key, mode]) => {
    return pathList(reading, key).paths.flatMap((listed) => {
      const path = onList(root, listed);
      if (path === undefined) {
        const at = reading.settings.list(key).findLast(({ value }) => value.includes(listed.path));
        const message = `\`${listed.path}\` in \`${key}=\` is the host's path, outside of the unit's root: it has no effect without \`+\``;
        if (at) reading.settings.find(at, message);
        return [];
      }
      return [entry(path, mode, { optional: listed.optional && !isPresent(path) })];
    });
  });
}

const bound = ({ source, path, optional }: Bind, readOnly: boolean): Entry =>
  entry(path, "bind", { source, readOnly, optional });

/** Binds, and what else shows parts of the host or of images. */
function bindEntries({ reading }: MountContext): readonly Entry[] {
  const images = bindList(reading, "MountImages").binds;
  const writable = bindList(reading, "BindPaths");
  const readable = bindList(reading, "BindReadOnlyPaths");
  return [
    ...writable.binds.map((bind) => bound(bind, false)),
    ...readable.binds.map((bind) => bound(bind, true)),
    ...images.map(({ path }) => entry(path, "image", { optional: true })),
    ...(writable.unknown ? [entry(somewhere, "bind", { source: "/" })] : []),
    ...(readable.unknown ? [entry(somewhere, "bind", { source: "/", readOnly: true })] : []),
  ];
}

/** Where a bind lies whose path is not known: any of the host may be seen there, whatever covers it elsewhere. */
const somewhere = "/%";

/** Without what a path that is not known may take back: a place in it that may be written, or executed. */
function widened({ reading }: MountContext, entries: readonly Entry[]): readonly Entry[] {
  const isWritten = pathList(reading, "ReadWritePaths").unknown;
  const isExecuted = pathList(reading, "ExecPaths").unknown;
  return entries
    .filter(({ mode }) => !(isWritten && mode === "readonly") && !(isExecuted && mode === "noexec"))
    .map((one) => (isWritten && one.mode === "bind" ? { ...one, readOnly: false } : one));
}

/** The file systems of the kernel, the private ones, and those that MountAPIVFS= brings. */
function apiEntries({ reading: { settings }, dynamicUser }: MountContext, root: Root): readonly Entry[] {
  const mounts = flag(settings, "MountAPIVFS") ?? root.kind !== "host";
  const tmp = settings.last("PrivateTmp");
  const privateTmp = dynamicUser || flag(settings, "PrivateTmp") === true || tmp?.value === "disconnected";
  const privateDevices = flag(settings, "PrivateDevices") === true;
  return [
    ...(privateTmp ? [entry("/tmp", "private-tmp"), entry("/var/tmp", "private-tmp")] : []),
    ...(privateDevices ? [entry("/dev", "private-dev")] : mounts ? [entry("/dev", "host-dev")] : []),
    ...(mounts ? [entry("/proc", "proc"), entry("/sys", "sys"), entry("/run", "run")] : []),
  ];
}

/** All mounts of a unit. */
export function entriesOf(context: MountContext, root: Root): readonly Entry[] {
  return widened(context, [
    ...listEntries(context, root),
    ...bindEntries(context),
    ...tmpfsList(context.reading).map(({ path, ...more }) => entry(path, "tmpfs", more)),
    ...apiEntries(context, root),
    ...kernelEntries(context),
    ...systemEntries(context),
    ...homeEntries(context),
    ...ownDirectories(context),
  ]);
}
