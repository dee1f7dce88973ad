/**
 * A concrete reading of containers: one question, one answer, by walking through the options and down one path. It shares
 * nothing with the lifters, so that each counterexample of the one is confirmed by the other.
 *
 * Source: Docker's reference of `docker run`; Compose specification.
 */
import {
  type Asked,
  type AskedMount,
  askedBy,
  type ContainerForm,
  type ContainerWorld,
  sizeIn,
  tidy,
} from "./container/asked.ts";
import { isCopied, lastUser, volumesIn } from "./container/copies.ts";
import { mayPass, type NamedCall } from "./seccomp.ts";

export type { ContainerForm, ContainerWorld } from "./container/asked.ts";

/** An operation on a path of the host. */
export type ContainerFileAccess = "read" | "write" | "exec" | "connect";

interface Securities {
  readonly noNewPrivileges: boolean;
  readonly seccomp: string | undefined;
  readonly bare: boolean;
}

function securities({ lists }: Asked): Securities {
  let noNewPrivileges = false;
  let seccomp: string | undefined;
  let bare = false;
  for (const option of lists.security) {
    const [, key = option, value = "true"] = /^([^=:]+)[=:](.*)$/s.exec(option) ?? [];
    if (key === "no-new-privileges") noNewPrivileges = /^(?:1|t|true)$/i.test(value);
    if (key === "seccomp") seccomp = value;
    if (option === "systempaths=unconfined") bare = true;
  }
  return { noNewPrivileges, seccomp, bare };
}

/** Whether a capability is in the set that the container begins with. */
function isHeld({ lists, on }: Asked, capability: string): boolean {
  if (on.has("privileged")) return true;
  const plain = (names: readonly string[]): string[] =>
    names.map((n) => n.toUpperCase().replace(/^CAP_/, ""));
  const [add, drop] = [plain(lists.capAdd), plain(lists.capDrop)];
  const name = capability.slice("CAP_".length);
  if (add.includes("ALL")) return !drop.includes(name);
  const usual =
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE";
  return (
    add.includes(name) || (usual.split(" ").includes(name) && !drop.includes("ALL") && !drop.includes(name))
  );
}

/** Whether it begins with any capability at all. */
const holdsSome = ({ lists, on }: Asked): boolean =>
  on.has("privileged") || lists.capAdd.length > 0 || !lists.capDrop.some((name) => /^all$/i.test(name));

/** Who runs it, as `uid:gid`; undefined where the image says it. */
export function containerUser(form: ContainerForm, world: ContainerWorld): string | undefined {
  const asked = askedBy(form, world);
  const named = asked.words.user || (asked.build && lastUser(world.read(asked.build.dockerfile) ?? ""));
  if (!named) return undefined;
  const [user = "", group = "0"] = named.replace(/\broot\b/g, "0").split(":");
  return `${Number(user)}:${Number(group)}`;
}

const isSurelyNobody = (user: string | undefined): boolean => user !== undefined && /^[1-9]/.test(user);

/** Whether the program may come to hold a capability. */
export function containerHolds(form: ContainerForm, world: ContainerWorld, capability: string): boolean {
  const asked = askedBy(form, world);
  const isNobody = isSurelyNobody(containerUser(form, world)) && securities(asked).noNewPrivileges;
  return isHeld(asked, capability) && (asked.on.has("privileged") || !isNobody);
}

/** Whether executing may give the program more. */
export function containerMayGain(form: ContainerForm, world: ContainerWorld): boolean {
  return !securities(askedBy(form, world)).noNewPrivileges;
}

const nodes = ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts"].map(
  (name) => `/dev/${name}`,
);
const masks =
  "/proc/acpi /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/sched_debug /proc/scsi /sys/firmware".split(
    " ",
  );
const fixed = "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger".split(" ");

function allMounts(asked: Asked): readonly AskedMount[] {
  const { bare } = securities(asked);
  const show = (at: string, readOnly: boolean): AskedMount => ({ at, source: at, readOnly, noexec: true });
  return [
    show("/proc", false),
    show("/sys", true),
    ...(bare ? [] : fixed.map((at) => show(at, true))),
    ...(bare ? [] : masks.map((at): AskedMount => ({ at, readOnly: true, noexec: true }))),
    ...nodes.map((at) => show(at, false)),
    ...(asked.words.ipc === "host" ? [show("/dev/shm", false), show("/dev/mqueue", false)] : []),
    ...asked.lists.devices.map((text) => {
      const [source = "", at = source] = text.split(":");
      return { at, source, readOnly: false, noexec: true };
    }),
    ...asked.mounts,
  ];
}

/** Whatever takes the walls down takes all of them down. */
function isOpen(form: ContainerForm, world: ContainerWorld): boolean {
  const undoing = ["CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_DAC_READ_SEARCH"];
  return undoing.some((name) => containerHolds(form, world, name));
}

/** Whether it sees processes of others, and by their `/proc` what they see. */
const seesOthers = ({ words }: Asked): boolean => /^(?:host$|container:)/.test(words.pid ?? "");

const under = (path: string, above: string): string | undefined =>
  above === "/"
    ? path.slice(1)
    : path === above
      ? ""
      : path.startsWith(`${above}/`)
        ? path.slice(above.length + 1)
        : undefined;

/** The mount in which a path of the view lies: of the deepest, the last. */
function mountAt(mounts: readonly AskedMount[], path: string): AskedMount | undefined {
  let found: AskedMount | undefined;
  for (const mount of mounts)
    if (under(path, mount.at) !== undefined && (!found || mount.at.length >= found.at.length)) found = mount;
  return found;
}

const may = ({ readOnly, noexec }: AskedMount, access: ContainerFileAccess): boolean =>
  (access !== "write" || !readOnly) && (access !== "exec" || !noexec);

function isInImage({ build }: Asked, world: ContainerWorld, path: string): boolean {
  if (!build) return false;
  const ignore =
    world.read(`${build.dockerfile}.dockerignore`) ?? world.read(tidy(".dockerignore", build.context));
  return isCopied(path, build.context, world.read(build.dockerfile) ?? "", ignore ?? "");
}

/** Whether a container permits an operation on a path of the host. */
export function containerPermitsFile(
  form: ContainerForm,
  world: ContainerWorld,
  access: ContainerFileAccess,
  path: string,
): boolean {
  const asked = askedBy(form, world);
  if (isOpen(form, world) || seesOthers(asked)) return true;
  const local = { name: "socket", words: [1n, 1n, 0n, 0n, 0n, 0n] };
  if (access === "connect" && !containerPermitsCall(form, world, local)) return false;
  const mounts = allMounts(asked);
  const seen = mounts.some((mount) => {
    const rest = mount.source === undefined ? undefined : under(path, mount.source);
    if (rest === undefined) return false;
    const at = rest === "" ? mount.at : `${mount.at}/${rest}`;
    return mountAt(mounts, at) === mount && may(mount, access);
  });
  return seen || ((access === "read" || access === "exec") && isInImage(asked, world, path));
}

/** Whether a call gets through the filter. */
export function containerPermitsCall(form: ContainerForm, world: ContainerWorld, call: NamedCall): boolean {
  const asked = askedBy(form, world);
  const { seccomp } = securities(asked);
  const text = seccomp === undefined ? undefined : world.read(tidy(seccomp, world.directory));
  return asked.on.has("privileged") || text === undefined || mayPass(text, call);
}

/** Whether the container reaches a peer: with any network but none it may reach each. */
export function containerReaches(form: ContainerForm, world: ContainerWorld): boolean {
  const asked = askedBy(form, world);
  const families = [2n, 10n, 17n, 21n, 40n, 43n];
  const makes = families.some((family) =>
    containerPermitsCall(form, world, { name: "socket", words: [family, 0n, 0n, 0n, 0n, 0n] }),
  );
  return (asked.words.network !== "none" && makes) || isOpen(form, world);
}

/** What of other processes is in reach. */
export function containerTouchesProcesses(form: ContainerForm, world: ContainerWorld): boolean {
  const asked = askedBy(form, world);
  const { ipc = "private", pid = "private" } = asked.words;
  return isOpen(form, world) || !["private", "none", ""].includes(ipc) || !["private", ""].includes(pid);
}

const proxies = /^(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY$/i;

/** What a variable may hold: a text, anything at all, or undefined when it is not there. */
export function containerVariable(
  form: ContainerForm,
  world: ContainerWorld,
  name: string,
): string | "any" | undefined {
  const { lists } = askedBy(form, world);
  const own = lists.environment.findLast((word) => word === name || word.startsWith(`${name}=`));
  if (own?.includes("=")) return own.slice(name.length + 1);
  const isThere = own !== undefined || lists.environment.includes("*") || proxies.test(name);
  return isThere || ["PATH", "HOSTNAME", "HOME"].includes(name) ? "any" : undefined;
}

/** Bytes that the container may store out of the host's sight. */
function stored(asked: Asked, form: ContainerForm, world: ContainerWorld): number {
  const volumes = asked.build ? volumesIn(world.read(asked.build.dockerfile) ?? "") : [];
  const has = (path: string): boolean => asked.mounts.some(({ at }) => at === path);
  if (!asked.on.has("read-only") || volumes.some((path) => !has(path))) return Number.POSITIVE_INFINITY;
  let total = has("/dev/mqueue") ? 0 : 819200;
  if (asked.words.ipc !== "none" && !has("/dev/shm"))
    total += sizeIn(asked.words["shm-size"] ?? "64m") || 2 ** 26;
  const user = containerUser(form, world);
  const isNobody = isSurelyNobody(user) && (securities(asked).noNewPrivileges || !holdsSome(asked));
  if ((!isNobody || asked.on.has("privileged")) && !has("/dev")) total += 2 ** 26;
  for (const { source, readOnly, bytes } of asked.mounts)
    if (source === undefined && !readOnly) total += bytes ?? Number.POSITIVE_INFINITY;
  return total;
}

/** An upper bound in the units of a policy; infinite when there is none. */
export function containerLimit(
  form: ContainerForm,
  world: ContainerWorld,
  name: "memory" | "processes" | "files" | "cpu" | "tmp",
): number {
  const asked = askedBy(form, world);
  const { words } = asked;
  const bound = (value: number): number => (value > 0 ? value : Number.POSITIVE_INFINITY);
  const unsaid = "0";
  switch (name) {
    case "memory": {
      const [memory, swap] = [sizeIn(words.memory ?? unsaid), sizeIn(words.swap ?? unsaid)];
      return memory > 0 && swap >= 0 ? swap || memory * 2 : Number.POSITIVE_INFINITY;
    }
    case "processes":
      return bound(Number(words.processes ?? unsaid));
    case "cpu":
      return bound(Number(words.cpus ?? unsaid)) * 100;
    case "files":
      return words.files === undefined || Number(words.files) < 0
        ? Number.POSITIVE_INFINITY
        : Number(words.files);
    case "tmp":
      return stored(asked, form, world);
  }
}
