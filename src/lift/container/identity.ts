/**
 * Who runs a container, with what.
 *
 * Source: `TweakCapabilities` in oci/caps/utils.go and `DefaultCapabilities` in oci/caps/defaults.go of moby; `GetExecUser` of
 * moby/sys/user; capabilities(7), "Transformation of capabilities during execve()".
 */
import type { Identity } from "../../authority/authority.ts";
import { type Draft, find } from "./settings.ts";
import { wholeOf } from "./values.ts";

/** Of include/uapi/linux/capability.h. */
const known: ReadonlySet<string> = new Set(
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE".split(
    " ",
  ),
);

const usual =
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split(
    " ",
  );

/** With one of these a program undoes its mounts, or reaches what lies below them (capabilities(7)). */
export const undoing: readonly string[] = [
  "CAP_SYS_ADMIN",
  "CAP_SYS_MODULE",
  "CAP_SYS_RAWIO",
  "CAP_DAC_READ_SEARCH",
];

function named(draft: Draft, list: Draft["capAdd"]): readonly string[] {
  return list.flatMap(({ value, line }) => {
    const name = value.trim().toUpperCase().replace(/^CAP_/, "");
    if (known.has(name) || name === "ALL") return [name];
    find(draft, line, `docker refuses the capability \`${value}\`, which it does not know`);
    return [];
  });
}

/** The bounding set; `ALL` among those that are added outdoes `ALL` among those that are dropped. */
function bounding(draft: Draft): Identity["capabilities"] {
  if (draft.privileged) return "all";
  const [add, drop] = [named(draft, draft.capAdd), named(draft, draft.capDrop)];
  const kept = add.includes("ALL")
    ? [...known].filter((name) => !drop.includes(name))
    : [...(drop.includes("ALL") ? [] : usual.filter((name) => !drop.includes(name))), ...add];
  return new Set(kept.map((name) => `CAP_${name}`));
}

const idOf = (text: string): number | undefined => {
  const id = text === "root" ? 0 : wholeOf(text);
  return id !== undefined && id >= 0 && id < 2 ** 31 ? id : undefined;
};

/** A user as `-u` and USER name it: a number alone is of group 0. */
export function userNamed(text: string): Identity["user"] {
  const [name = "", group, ...rest] = text.split(":");
  const uid = idOf(name);
  const gid = group === undefined || group === "" ? 0 : idOf(group);
  if (text === "" || rest.length > 0) return { kind: "any" };
  if (uid !== undefined && gid !== undefined) return { kind: "ids", uid, gid };
  return uid === undefined && group === undefined ? { kind: "named", name } : { kind: "any" };
}

function userOf(draft: Draft): Identity["user"] {
  const { user, image } = draft;
  if (user && user.value !== "") return userNamed(user.value);
  if (image?.user !== undefined) return userNamed(image.user);
  find(draft, user?.line ?? 1, "no user is named, so it is the image's: root, where the image names none");
  return { kind: "any" };
}

/** Who runs it; a user that is not root has its capabilities only by executing, which no-new-privileges stops. */
export function identityOf(draft: Draft, noNewPrivileges: boolean): Identity {
  const user = userOf(draft);
  const isSurelyNobody = user.kind === "ids" && user.uid !== 0;
  const held = bounding(draft);
  return {
    user,
    capabilities: isSurelyNobody && noNewPrivileges && held !== "all" ? new Set<string>() : held,
    noNewPrivileges,
  };
}

/** Whether a program may come to be root. */
export function mayBeRoot({ user, capabilities }: Identity): boolean {
  return !(user.kind === "ids" && user.uid !== 0) || capabilities === "all" || capabilities.size > 0;
}
