/**
 * Options of `--security-opt`, as the client and the daemon read them.
 *
 * Source: `parseSecurityOpts` and `parseSystemPaths` in cli/command/container/opts.go of docker/cli; `parseSecurityOpt` in
 * daemon/daemon_unix.go and `WithSeccomp` in daemon/seccomp_linux.go of moby.
 */

import { type Draft, find, type Said } from "./settings.ts";
import { booleanOf } from "./values.ts";

/** What the options come to. */
export interface Security {
  readonly noNewPrivileges: boolean;
  /** A file's path, `unconfined`, or undefined for docker's own profile. */
  readonly seccomp: Said<string> | undefined;
  /** Without the masks of /proc and /sys. */
  readonly bare: boolean;
}

function parts(option: string): readonly [string, string] | undefined {
  const mark = option.includes("=") ? "=" : ":";
  const at = option.indexOf(mark);
  return at === -1 || at === option.length - 1 ? undefined : [option.slice(0, at), option.slice(at + 1)];
}

const labels: ReadonlySet<string> = new Set(["label", "apparmor", "writable-cgroups"]);

/** Reads the options; of one that is said twice the last counts. */
export function securityOf(draft: Draft): Security {
  let noNewPrivileges = false;
  let bare = false;
  let seccomp: Said<string> | undefined;
  for (const { value: option, line } of draft.securityOptions) {
    const [key, value] = parts(option) ?? [option, undefined];
    const truth = value === undefined ? undefined : booleanOf(value);
    if (option === "systempaths=unconfined") bare = true;
    else if (option === "no-new-privileges") noNewPrivileges = true;
    else if (key === "no-new-privileges" && truth !== undefined) noNewPrivileges = truth;
    else if (key === "seccomp" && value !== undefined) {
      if (seccomp) find(draft, line, "a second seccomp profile: docker keeps only the last");
      seccomp = { value, line };
    } else if (key === "writable-cgroups" && truth !== undefined) {
      if (truth) find(draft, line, "the container may change its own limits", "limits");
    } else if (option !== "disable" && !(labels.has(key) && value !== undefined))
      find(draft, line, `docker refuses \`${option}\`, a security option that it does not know`);
    if (truth === false && key === "no-new-privileges")
      find(draft, line, `\`${option}\` takes no-new-privileges away again`);
  }
  return { noNewPrivileges, seccomp, bare };
}
