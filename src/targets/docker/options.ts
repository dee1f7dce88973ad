/** Options that the compose file and the command line share. */
import { shortHash } from "../shared/hash.ts";

/**
 * Options of a local volume that binds a directory read-only, and unless something in it may be executed, noexec. `ro`
 * stands only here: said of the mount itself, docker drops noexec, nosuid and nodev. The host's mounts below it are not
 * visible, which a read-only bind mount would leave writable before docker 25.
 */
export function volumeOptions(exec: boolean): string {
  return exec ? "bind,ro,nosuid,nodev" : "bind,ro,noexec,nosuid,nodev";
}

/**
 * The name of such a volume. Docker keeps the options of a volume that exists, whatever is asked for, so the name
 * changes with them.
 */
export function volumeName(path: string, exec: boolean): string {
  return `mcpc-${shortHash(`${volumeOptions(exec)} ${path}`)}`;
}

/** An empty directory that nothing can be written to, over what is at a path. */
export function maskOptions(path: string): string {
  return `${path}:ro,noexec,nosuid,nodev,size=4k,mode=0555`;
}

/**
 * Where a container may write although its root is read-only, and `ipc: none` does not help: a file system of message
 * queues that anybody may make files in.
 */
export const writableOtherwise: readonly string[] = ["/dev/mqueue"];

/** Options of the private temporary directory. */
export function tmpfsOptions(bytes: number): string {
  return `rw,noexec,nosuid,nodev,size=${bytes},mode=1777`;
}

/** Proxies that docker's client configuration would pass on, with their passwords. */
export const blankedProxies: readonly string[] = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "FTP_PROXY",
  "NO_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "ftp_proxy",
  "no_proxy",
  "all_proxy",
];
