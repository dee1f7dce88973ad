/** From the IR to unit files. */

import { atLeast } from "../../policy/environment.ts";
import type { ServerIr } from "../../policy/ir.ts";
import type { Lowered, TargetContext, Unrepresentable } from "../target.ts";
import { checkSection, directives } from "./directives.ts";
import { type SettingWriter, temporaryDirectory, writeFiles } from "./files.ts";
import type { Setting, SystemdModel, UnitFile, UnitSection } from "./model.ts";
import {
  hasHostNetwork,
  neededControllers,
  writeCommand,
  writeEnvironment,
  writeHardening,
  writeIdentity,
  writeLimits,
  writeNetwork,
  writeSystemCalls,
} from "./settings.ts";

interface CollectingWriter extends SettingWriter {
  readonly settings: Setting[];
  readonly unrepresentable: Unrepresentable[];
}

function settingWriter(): CollectingWriter {
  const settings: Setting[] = [];
  const unrepresentable: Unrepresentable[] = [];
  return {
    settings,
    unrepresentable,
    add: (name, value) => {
      settings.push({ name, value });
    },
    addEscaped: (name, escaped, of, around = (value) => value) => {
      if (escaped.ok) settings.push({ name, value: around(escaped.value) });
      else unrepresentable.push({ ...of, reason: escaped.reason });
    },
  };
}

/** Everything that confines the process, without what starts it. */
function confinement(server: ServerIr, context: TargetContext): CollectingWriter {
  const writer = settingWriter();
  writeIdentity(server, writer);
  writeFiles(server, `/run/mcpc/${server.name}`, writer);
  writeHardening(server, context, writer);
  writeNetwork(server, context, writer);
  writeSystemCalls(server, writer);
  writeEnvironment(server, writer);
  writeLimits(server, writer);
  return writer;
}

const setting = (name: string, value: string): Setting => ({ name, value });

/** What refuses to start a unit whose limits would not be enforced. */
function assertControllers(server: ServerIr): readonly Setting[] {
  const controllers = neededControllers(server);
  return controllers.length === 0 ? [] : [setting("AssertControlGroupController", controllers.join(" "))];
}

function unitSection(server: ServerIr, description: string, more: readonly Setting[] = []): UnitSection {
  const settings = [setting("Description", description), ...assertControllers(server), ...more];
  return { name: "Unit", settings };
}

/** A socket that starts the server anew for each connection, with the connection as its standard input and output. */
function stdioUnits(server: ServerIr, service: readonly Setting[]): readonly UnitFile[] {
  const name = `mcp-${server.name}`;
  const stdio = [
    setting("StandardInput", "socket"),
    setting("StandardOutput", "socket"),
    setting("StandardError", "journal"),
  ];
  return [
    {
      path: `${name}.socket`,
      sections: [
        { name: "Unit", settings: [setting("Description", `MCP server ${server.name}: its socket`)] },
        {
          name: "Socket",
          settings: [
            setting("ListenStream", `/run/${name}.sock`),
            setting("SocketMode", "0600"),
            setting("Accept", "yes"),
            setting("MaxConnections", "16"),
          ],
        },
        { name: "Install", settings: [setting("WantedBy", "sockets.target")] },
      ],
    },
    {
      path: `${name}@.service`,
      sections: [
        unitSection(server, `MCP server ${server.name}`, [setting("CollectMode", "inactive-or-failed")]),
        { name: "Service", settings: [setting("Type", "exec"), ...stdio, ...service] },
      ],
    },
  ];
}

/** A server in a network of its own, and for each port a proxy that joins it and owns the outer socket. */
function listeningUnits(
  server: ServerIr,
  context: TargetContext,
  service: readonly Setting[],
): readonly UnitFile[] {
  const name = `mcp-${server.name}`;
  const units: UnitFile[] = [
    {
      path: `${name}.service`,
      sections: [
        unitSection(server, `MCP server ${server.name}`),
        {
          name: "Service",
          settings: [
            setting("Type", "exec"),
            setting("StandardInput", "null"),
            setting("StandardOutput", "journal"),
            setting("StandardError", "journal"),
            ...service,
          ],
        },
        { name: "Install", settings: [setting("WantedBy", "multi-user.target")] },
      ],
    },
  ];
  // In the host's network the program's own socket is the outer one.
  if (hasHostNetwork(server, context)) return units;
  for (const { family, address, ports, protocol } of server.network.listen) {
    if (protocol !== "tcp") continue;
    for (let port = ports.from; port <= ports.to; port++) {
      const proxy = `${name}-${port}`;
      const outer = family === "ipv6" ? `[${address}]` : address;
      units.push(
        {
          path: `${proxy}.socket`,
          sections: [
            { name: "Unit", settings: [setting("Description", `MCP server ${server.name}: port ${port}`)] },
            { name: "Socket", settings: [setting("ListenStream", `${outer}:${port}`)] },
            { name: "Install", settings: [setting("WantedBy", "sockets.target")] },
          ],
        },
        {
          path: `${proxy}.service`,
          sections: [
            {
              name: "Unit",
              settings: [
                setting("Description", `MCP server ${server.name}: proxy of port ${port}`),
                setting("Requires", `${name}.service ${proxy}.socket`),
                setting("After", `${name}.service ${proxy}.socket`),
                setting("JoinsNamespaceOf", `${name}.service`),
              ],
            },
            {
              name: "Service",
              settings: [
                setting(
                  "ExecStart",
                  `/lib/systemd/systemd-socket-proxyd ${family === "ipv6" ? "[::1]" : "127.0.0.1"}:${port}`,
                ),
                setting("DynamicUser", "yes"),
                setting("PrivateNetwork", "yes"),
                setting("NoNewPrivileges", "yes"),
                setting("CapabilityBoundingSet", ""),
                setting("ProtectSystem", "strict"),
                setting("ProtectHome", "yes"),
                setting("PrivateDevices", "yes"),
                setting("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
                setting("SystemCallArchitectures", "native"),
                setting("SystemCallFilter", "@system-service"),
              ],
            },
          ],
        },
      );
    }
  }
  return units;
}

/**
 * What a drop-in resets before it sets it, so that what a unit says of it does not count: lists, which would be added
 * to, and settings that bring files, variables, devices, users or namespaces of their own. An empty value resets each
 * (systemd.exec(5), systemd.resource-control(5)).
 */
const resetDirectives: ReadonlySet<string> = new Set([
  "AmbientCapabilities",
  "BindPaths",
  "BindReadOnlyPaths",
  "CacheDirectory",
  "CapabilityBoundingSet",
  "ConfigurationDirectory",
  "DeviceAllow",
  "Environment",
  "EnvironmentFile",
  "ExecPaths",
  "ExtensionDirectories",
  "ExtensionImages",
  "Group",
  "IPAddressAllow",
  "IPAddressDeny",
  "IPCNamespacePath",
  "ImportCredential",
  "InaccessiblePaths",
  "LoadCredential",
  "LoadCredentialEncrypted",
  "LogsDirectory",
  "MountImages",
  "NetworkNamespacePath",
  "NoExecPaths",
  "OpenFile",
  "PAMName",
  "PassEnvironment",
  "ReadOnlyPaths",
  "ReadWritePaths",
  "RestrictAddressFamilies",
  "RootImage",
  "RuntimeDirectory",
  "SetCredential",
  "SetCredentialEncrypted",
  "StateDirectory",
  "SupplementaryGroups",
  "SystemCallArchitectures",
  "SystemCallFilter",
  "TemporaryFileSystem",
  "UnsetEnvironment",
  "User",
]);

function dropIn(
  server: ServerIr,
  service: readonly Setting[],
  { environment }: TargetContext,
): readonly UnitFile[] {
  const resets = [...resetDirectives]
    .filter((name) => atLeast(environment.systemd, directives.get(name)?.since ?? 1))
    .map((name) => setting(name, ""));
  const off = [setting("RootDirectoryStartOnly", "no"), setting("Delegate", "no")];
  const set = service.filter((s) => !(resetDirectives.has(s.name) && s.value === ""));
  const assert = assertControllers(server);
  // RuntimeMaxSec= does not hold for Type=oneshot, and a unit that starts again begins its time again.
  const once = server.limits.time ? [setting("Type", "exec"), setting("Restart", "no")] : [];
  return [
    {
      path: `${server.name}.service.d/50-mcpc.conf`,
      sections: [
        ...(assert.length === 0 ? [] : [{ name: "Unit" as const, settings: assert }]),
        { name: "Service", settings: [...resets, ...off, ...once, ...set] },
      ],
    },
  ];
}

/** The same as properties of a transient unit; only where no value needs quoting, which systemd-run does otherwise. */
function runForm(server: ServerIr, service: readonly Setting[]): readonly string[] | undefined {
  const argv = server.program && [
    server.program.executable ?? server.program.argv[0] ?? "",
    ...server.program.argv.slice(1),
  ];
  const properties = [...assertControllers(server), ...service.filter(({ name }) => name !== "ExecStart")];
  const plain = (value: string): string => value.replace(/"(\+?)([A-Za-z0-9/._@+=,:-]*)"/g, "$1$2");
  if (!argv || properties.some(({ value }) => /["'\\%$]/.test(plain(value)))) return undefined;
  return [
    "systemd-run",
    "--quiet",
    "--pipe",
    "--wait",
    "--collect",
    ...properties.map(({ name, value }) => `--property=${name}=${plain(value)}`),
    "--",
    ...argv,
  ];
}

/** The empty root, with the one mount point that systemd does not make itself. */
function rootDirectories(server: ServerIr): readonly string[] {
  const root = `/run/mcpc/${server.name}`;
  const paths = server.tmp ? [root, `${root}${temporaryDirectory}`] : [root];
  return paths.map((path) => `d ${path} 0755 root root -`);
}

/** Lowers a server. */
export function lowerSystemd(server: ServerIr, context: TargetContext): Lowered<SystemdModel> {
  const writer = confinement(server, context);
  if (server.program) writeCommand(server, writer);
  if (writer.unrepresentable.length > 0) return { ok: false, unrepresentable: writer.unrepresentable };
  const listening = server.network.listen.length > 0;
  const units = !server.program
    ? dropIn(server, writer.settings, context)
    : listening
      ? listeningUnits(server, context, writer.settings)
      : stdioUnits(server, writer.settings);
  for (const unit of units) for (const section of unit.sections) checkSection(section, context.environment);
  const run = listening ? undefined : runForm(server, writer.settings);
  return {
    ok: true,
    model: { units, tmpfiles: rootDirectories(server), ...(run && { run }) },
  };
}
