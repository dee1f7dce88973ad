/**
 * The environment of a unit's program.
 *
 * Source: systemd.exec(5), "Environment", "Environment Variables in Spawned Processes"; `build_environment` and
 * `exec_child` in src/core/execute.c: what the unit sets comes last but for UnsetEnvironment=.
 */
import type { Variables } from "../../authority/authority.ts";
import { isDynamic } from "./identity.ts";
import type { Reading } from "./paths.ts";
import type { Settings } from "./settings.ts";
import { resolved, wordsOf } from "./words.ts";

const isName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** What systemd sets by itself, where it may. */
function ambient(settings: Settings): readonly string[] {
  const given = (key: string): boolean => settings.list(key).length > 0 || settings.isOpenList(key);
  const type = settings.last("Type")?.value;
  const hasUser = settings.last("User") !== undefined || isDynamic(settings) || settings.isOpen("User");
  const login = hasUser || settings.release >= 255;
  const credentials = [
    "LoadCredential",
    "LoadCredentialEncrypted",
    "SetCredential",
    "SetCredentialEncrypted",
    "ImportCredential",
  ];
  return [
    "PATH",
    "LANG",
    "INVOCATION_ID",
    "SYSTEMD_EXEC_PID",
    "JOURNAL_STREAM",
    "TERM",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "MANAGERPID",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    ...(login ? ["USER", "LOGNAME", "HOME", "SHELL"] : []),
    ...(type === undefined || type.startsWith("notify") || given("WatchdogSec")
      ? ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"]
      : []),
    ...(credentials.some(given) ? ["CREDENTIALS_DIRECTORY"] : []),
    ...(settings.release >= 254 ? ["MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE"] : []),
    ...(["Runtime", "State", "Cache", "Logs", "Configuration"] as const).flatMap((kind) =>
      given(`${kind}Directory`) ? [`${kind.toUpperCase()}_DIRECTORY`] : [],
    ),
    ...(settings.release >= 254 && given("PIDFile") ? ["PIDFILE"] : []),
    ...(settings.release >= 254 && given("FileDescriptorStoreMax") ? ["FDSTORE"] : []),
    ...(settings.release >= 254 && given("LogNamespace") ? ["LOG_NAMESPACE"] : []),
  ];
}

/** Adds what Environment= sets; false when one of it has a name that is not known here. */
function addOwn({ settings, specifiers }: Reading, out: Map<string, string | undefined>): boolean {
  for (const at of settings.list("Environment")) {
    const { words, broken } = wordsOf(at.value, { escapes: true });
    if (broken) settings.find(at, "systemd ignores the rest: a quote or an escape is broken");
    for (const word of words) {
      const equals = word.indexOf("=");
      const name = equals === -1 ? word : word.slice(0, equals);
      if (name.includes("%")) return false;
      if (equals === -1 || !isName(name))
        settings.find(at, `systemd ignores \`${word}\`, which is no assignment`);
      else out.set(name, resolved(word.slice(equals + 1), specifiers));
    }
  }
  return true;
}

/** The variables of a unit; `any` where a file or a session brings more. */
export function variablesOf(reading: Reading): Variables {
  const { settings } = reading;
  const open = ["Environment", "EnvironmentFile", "PassEnvironment"].some((key) => settings.isOpenList(key));
  if (
    open ||
    settings.isOpen("PAMName") ||
    settings.list("EnvironmentFile").length > 0 ||
    settings.last("PAMName")
  )
    return "any";
  const out = new Map<string, string | undefined>(ambient(settings).map((name) => [name, undefined]));
  for (const at of settings.list("PassEnvironment"))
    for (const name of wordsOf(at.value).words) {
      if (name.includes("%")) return "any";
      if (isName(name)) out.set(name, undefined);
      else settings.find(at, `systemd ignores \`${name}\`, which is no name of a variable`);
    }
  if (!addOwn(reading, out)) return "any";
  for (const at of settings.list("UnsetEnvironment"))
    for (const word of wordsOf(at.value).words) {
      const equals = word.indexOf("=");
      if (equals === -1) out.delete(word);
      else if (out.get(word.slice(0, equals)) === word.slice(equals + 1)) out.delete(word.slice(0, equals));
    }
  return out;
}
