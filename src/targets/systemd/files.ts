/** The view of the file system: an empty root, and what is bound into it. */
import { isWithin } from "../../host/patterns.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { isApi } from "../shared/files.ts";
import { type Mount, mountsOf } from "../shared/mounts.ts";
import { unitBindPath, unitPath } from "./escape.ts";
import type { Setting } from "./model.ts";

/** Makes settings of values, and collects what can't be written. */
export interface SettingWriter {
  readonly add: (name: string, value: string) => void;
  /** Adds the value when it could be quoted, and remembers the reason when not. */
  readonly addEscaped: (
    name: string,
    escaped: { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string },
    of: { readonly what: string; readonly text: string; readonly origin?: number },
    around?: (value: string) => string,
  ) => void;
  readonly settings: readonly Setting[];
}

/** Mounts of everything that is granted, the program and its runtime too: the root is empty, and MountAPIVFS= brings the rest. */
export function unitMounts(server: ServerIr): readonly Mount[] {
  const grants = server.files.grants.filter(
    (grant) => !isApi(grant.path) && !(grant.by === "runtime" && grant.type === "absent"),
  );
  return mountsOf(server.files, grants);
}

/** A program that the policy names by a link, which is the name that it is started by. */
interface NamedByLink {
  readonly name: string;
  readonly path: string;
  readonly origin: number;
}

/**
 * Programs whose links are not seen: bound there too, from what the link led to when the policy was compiled and not from
 * the link, which may lead elsewhere by then. A link inside a mount is seen as it is.
 */
function namedByLink(server: ServerIr, mounts: readonly Mount[]): readonly NamedByLink[] {
  return server.files.grants.flatMap(({ path, type, requested, access, origin }) => {
    if (requested === undefined || type !== "file" || !access.includes("exec")) return [];
    const around = mounts.filter((mount) => isWithin(path, mount.path)).at(-1);
    const seen = isApi(requested) || mounts.some((mount) => isWithin(requested, mount.path));
    return around?.exec && around.mode !== "mask" && !seen ? [{ name: requested, path, origin }] : [];
  });
}

function bindLinks(links: readonly NamedByLink[], writer: SettingWriter): void {
  for (const { name, path, origin } of links) {
    const source = unitBindPath(path);
    const target = unitBindPath(name);
    if (!source.ok) continue;
    writer.addEscaped(
      "BindReadOnlyPaths",
      target,
      { what: "the path", text: name, origin },
      (value) => `${source.value}:${value}:norbind`,
    );
  }
}

function socketMasks(server: ServerIr, mounts: readonly Mount[]): readonly string[] {
  const granted = new Set(server.unix.map((socket) => socket.path));
  return server.files.sockets.filter(
    (path) => !granted.has(path) && mounts.some((m) => m.mode !== "mask" && isWithin(path, m.path)),
  );
}

/**
 * Where the temporary directory is: not /tmp, which DynamicUser= replaces by one without a size, and not below /run,
 * which MountAPIVFS= replaces by an empty one.
 */
export const temporaryDirectory = "/mcp-tmp";

/** Writes the directives of the view. */
export function writeFiles(server: ServerIr, root: string, writer: SettingWriter): void {
  const mounts = unitMounts(server);
  writer.add("RootDirectory", root);
  writer.add("MountAPIVFS", "yes");
  writer.add("PrivateMounts", "yes");
  writer.add("ProtectSystem", "strict");
  writer.add("ProtectHome", "no");
  for (const mount of mounts) {
    const of = { what: "the path", text: mount.path, origin: mount.grant.origin };
    if (mount.mode === "mask") {
      writer.addEscaped("InaccessiblePaths", unitPath(mount.path), of, (value) => value.replace(/^"/, '"+'));
      continue;
    }
    const name = mount.mode === "rw" ? "BindPaths" : "BindReadOnlyPaths";
    writer.addEscaped(name, unitBindPath(mount.path), of, (value) => `${value}:${value}:norbind`);
  }
  const links = namedByLink(server, mounts);
  bindLinks(links, writer);
  for (const socket of server.unix) {
    const of = { what: "the socket", text: socket.path, origin: socket.origin };
    writer.addEscaped(
      "BindReadOnlyPaths",
      unitBindPath(socket.path),
      of,
      (value) => `${value}:${value}:norbind`,
    );
  }
  for (const path of socketMasks(server, mounts)) {
    writer.addEscaped("InaccessiblePaths", unitPath(path), { what: "the socket", text: path }, (value) =>
      value.replace(/^"/, '"+'),
    );
  }
  if (server.tmp) {
    writer.add(
      "TemporaryFileSystem",
      `${temporaryDirectory}:size=${server.tmp.bytes},mode=1777,noexec,nosuid,nodev`,
    );
  }
  // What PrivateTmp= and PrivateDevices= would leave writable, without a size and executable.
  writer.add("InaccessiblePaths", "-+/tmp -+/var/tmp -+/dev/shm -+/dev/mqueue -+/dev/hugepages");
  // NoExecPaths=/ does not reach what is mounted below: each place is named.
  writer.add("NoExecPaths", "+/");
  for (const mount of mounts) {
    if (mount.exec || mount.mode === "mask") continue;
    const of = { what: "the path", text: mount.path, origin: mount.grant.origin };
    writer.addEscaped("NoExecPaths", unitPath(mount.path), of, (value) => value.replace(/^"/, '"+'));
  }
  for (const mount of mounts) {
    if (!mount.exec || mount.mode === "mask") continue;
    const of = { what: "the path", text: mount.path, origin: mount.grant.origin };
    writer.addEscaped("ExecPaths", unitPath(mount.path), of, (value) => value.replace(/^"/, '"+'));
  }
  for (const { name, origin } of links) {
    const of = { what: "the path", text: name, origin };
    writer.addEscaped("ExecPaths", unitPath(name), of, (value) => value.replace(/^"/, '"+'));
  }
}
