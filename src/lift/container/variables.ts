/**
 * The environment of a container's program.
 *
 * Source: Docker's reference of `docker run`, "Environment variables"; `CreateDaemonEnvironment` in
 * container/container_unix.go of moby; `permittedProxies` in cli/config/configfile/file.go of docker/cli.
 */
import type { Variables } from "../../authority/authority.ts";
import type { Draft } from "./settings.ts";

/** Proxies that the client's configuration passes on. */
const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/** Variables; undefined for values that come from elsewhere. */
export function variablesOf(draft: Draft): Variables {
  const out = new Map<string, string | undefined>();
  for (const name of ["PATH", "HOSTNAME", "HOME", ...(draft.terminal ? ["TERM"] : [])])
    out.set(name, undefined);
  for (const name of proxies) for (const spelling of [name, name.toLowerCase()]) out.set(spelling, undefined);
  for (const [name, value] of draft.image?.environment ?? []) out.set(name, value);
  for (const [name, value] of draft.environment) out.set(name, value);
  return out;
}
