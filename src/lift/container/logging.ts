/**
 * Where what a container prints goes: docker hands it to a driver, past every network that the container has or has not.
 *
 * Source: docker's "Configure logging drivers".
 */
import { type Draft, find } from "./settings.ts";

/** Drivers that keep it on the host. */
const onHost: ReadonlySet<string> = new Set(["none", "local", "json-file", "journald"]);

/** Judges the driver that was chosen; docker has its own choice where none was. */
export function checkLogging(draft: Draft): void {
  const { logDriver } = draft;
  if (!logDriver) draft.assumptions.add("docker's own log driver keeps what the server prints on the host");
  else if (!onHost.has(logDriver.value))
    find(
      draft,
      logDriver.line,
      `what the server prints is handed to \`${logDriver.value}\`, which may send it to another host`,
      "network",
    );
}
