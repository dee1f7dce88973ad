/** Options that the compose file and the command line share. */
import { shortHash } from "../shared/hash.ts";

/**
 * Options of a local volume that binds a directory read-only and lets nothing in it be executed. `ro` stands only
 * here: said of the mount itself, docker drops noexec, nosuid and nodev. Submounts are not visible.
 */
export const noexecOptions = "bind,ro,noexec,nosuid,nodev";

/**
 * The name of such a volume. Docker keeps the options of a volume that exists, whatever is asked for, so the name
 * changes with them.
 */
export function volumeName(path: string): string {
  return `mcpc-${shortHash(`${noexecOptions} ${path}`)}`;
}

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
