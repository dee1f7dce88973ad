/** Checks of what a unit shows of the file system. */
import { bare, binds, everyService, pathLists, words } from "./systemd-service.ts";
import { firstOf } from "./trap.ts";

/** The root is an empty directory, and nothing lies over it. */
export const rootIsEmpty = everyService((service, { server }) => {
  if (service.value("RootDirectory") !== `/run/mcpc/${server.name}`) return "the root is the host's";
  if (service.value("MountAPIVFS") !== "yes") return "no /proc of its own";
  if (service.value("RootImage")) return "the root is an image's";
  const over = service.list("TemporaryFileSystem").map((value) => value.split(":")[0]);
  return over.find((path) => path !== "/mcp-tmp") && `a tmpfs at ${over}`;
});

/** Lists of paths are relative to the new root. */
export const pathsAreInTheRoot = everyService((service) =>
  firstOf(pathLists, (key) => {
    const outside = words(service, key).find((path) => !/^-?\+\//.test(path));
    return outside && `${key}=${outside} means the host's path`;
  }),
);

/** Everything that is mounted is noexec by name, unless it is granted to be executed. */
export const everyMountIsNoexec = everyService((service, { server }) => {
  const noexec = words(service, "NoExecPaths").map(bare);
  if (!noexec.includes("/")) return "the root is executable";
  const exec = words(service, "ExecPaths").map(bare);
  const granted = (path: string): boolean =>
    server.files.grants.some(
      (g) => g.access.includes("exec") && (g.path === path || path.startsWith(`${g.path}/`)),
    );
  const wrong = exec.find((path) => !granted(path));
  if (wrong !== undefined) return `${wrong} is executable`;
  const sockets = new Set(server.unix.map(({ path }) => path));
  const targets = [...binds(service, "BindPaths"), ...binds(service, "BindReadOnlyPaths")].map(
    (b) => b[1] ?? "",
  );
  const open = targets.find((path) => !sockets.has(path) && !noexec.includes(path) && !exec.includes(path));
  if (open !== undefined) return `${open} is mounted, and not noexec`;
  const tmpfs = service.list("TemporaryFileSystem").find((value) => !/[:,]noexec(?:,|$)/.test(value));
  if (tmpfs !== undefined) return `${tmpfs} is executable`;
  const hidden = words(service, "InaccessiblePaths").map(bare);
  return firstOf(["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"], (path) =>
    hidden.includes(path) ? undefined : `${path} is writable and executable`,
  );
});

/** What may be written is what the policy grants. */
export const nothingElseIsWritable = everyService((service, { server }) => {
  const fixed = { ProtectSystem: "strict", PrivateDevices: "yes", DevicePolicy: "closed", PrivateIPC: "yes" };
  const loose = Object.entries(fixed).find(([key, value]) => service.value(key) !== value);
  if (loose) return `${loose[0]}= is not ${loose[1]}`;
  const owned = ["StateDirectory", "CacheDirectory", "LogsDirectory", "RuntimeDirectory", "DeviceAllow"];
  const given = owned.find((key) => service.list(key).length > 0);
  if (given !== undefined) return `${given}= gives something of its own`;
  const targets = binds(service, "BindPaths").map((b) => b[1] ?? "");
  return targets.find(
    (path) =>
      !server.files.grants.some(
        (g) => g.access.includes("write") && (g.path === path || path.startsWith(`${g.path}/`)),
      ),
  );
});

/** Sockets of the file system are seen only where the policy names them, and their family only if it names one. */
export const hostSocketsAreHidden = everyService((service, { server }) => {
  const families = words(service, "RestrictAddressFamilies");
  if (families.length === 0) return "every family of sockets";
  if (families.includes("AF_UNIX") !== server.unix.length > 0) return `the families ${families}`;
  const granted = new Set([
    ...server.files.grants.map(({ path }) => path),
    ...server.unix.map(({ path }) => path),
    ...server.files.grants.flatMap(({ path }) =>
      server.files.denies.flatMap((d) => d.matches.map((m) => m.path)).filter((m) => m.startsWith(path)),
    ),
  ]);
  const seen = [...binds(service, "BindPaths"), ...binds(service, "BindReadOnlyPaths")].map(
    (b) => b[1] ?? "",
  );
  const odd = seen.find(
    (path) => ![...granted].some((g) => path === g || g.startsWith(`${path}/`) || path.startsWith(`${g}/`)),
  );
  if (odd !== undefined) return `${odd} is seen`;
  if (seen.some((path) => /^\/(?:var\/)?run(?:\/(?:systemd|dbus).*)?$/.test(path)))
    return "the manager's sockets";
  const named = new Set(server.unix.map(({ path }) => path));
  const hidden = words(service, "InaccessiblePaths").map(bare);
  return server.files.sockets.find(
    (path) => !named.has(path) && !hidden.some((h) => path === h || path.startsWith(`${h}/`)),
  );
});

/** Only what the manager itself would mount is masked where it exists; what is granted must be there. */
export const missingPathsFail = everyService((service) => {
  const own = new Set(["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/dev/hugepages"]);
  const lists = [...pathLists.flatMap((key) => words(service, key))];
  const maybe = lists.find((path) => path.startsWith("-") && !own.has(bare(path)));
  if (maybe !== undefined) return `${maybe} is left out when it is missing`;
  const bound = [...service.list("BindPaths"), ...service.list("BindReadOnlyPaths")];
  return (
    bound.find((value) => value.startsWith("-")) ??
    (/^-/.test(service.value("EnvironmentFile") ?? "") && "a file")
  );
});
