import { atLeast } from "../../policy/environment.ts";
import type { CallGrant, Condition, FileGrant, ServerIr } from "../../policy/ir.ts";
import { unitFloor } from "../floor.ts";
import { inetFamilies } from "../shared/families.ts";
import { apiGaps, dataGrants, futureDenies, mayHoldSockets } from "../shared/files.ts";
import { couldListen, openNetworkItems } from "../shared/network.ts";
import { answer, defineTarget, exact, type Gap, type OutputFile, type TargetContext } from "../target.ts";
import { line, renderTemplate } from "../template.ts";
import { lowerSystemd } from "./lower.ts";
import type { SystemdModel } from "./model.ts";
import { hasHostNetwork, isKnownToSystemd } from "./settings.ts";

function fileGaps(server: ServerIr): readonly Gap[] {
  if (server.image) {
    const message = "the program is in an image, and this target runs on the host";
    return [
      {
        kind: "residual",
        message,
        help: "compile this server for docker or kubernetes",
        origin: server.image.origin,
      },
    ];
  }
  if (server.program && !server.program.executable) {
    const message = `the program \`${server.program.argv[0] ?? ""}\` was not found on this host, so it can't be started by its path`;
    return [
      { kind: "residual", message, help: "install it, or write its path", origin: server.program.origin },
    ];
  }
  return [];
}

/** Abstract sockets belong to the network, and filters of families do not tell them from others. */
function abstractGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const [socket] = server.unix;
  if (!socket || !hasHostNetwork(server, context)) return [];
  const message = "in the host's network the abstract sockets of all programs can be connected to";
  return [{ kind: "residual", item: "processes.other", message, origin: socket.origin }];
}

function signalGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  if (atLeast(context.environment.systemd, 257)) return [];
  const { user } = server;
  const fixed =
    user.kind === "ids" || user.kind === "name" || (user.kind === "any" && user.owner !== undefined);
  if (!fixed) return [];
  const message =
    "a process of the same user outside can be signalled before systemd 257, which has PrivatePIDs=";
  const origin =
    user.kind === "any"
      ? server.files.grants.find((g) => g.by === "clause" && g.access.includes("write"))?.origin
      : user.origin;
  return [{ kind: "residual", item: "processes.other", message, ...(origin !== undefined && { origin }) }];
}

const processGaps = (server: ServerIr, context: TargetContext): readonly Gap[] => [
  ...signalGaps(server, context),
  ...abstractGaps(server, context),
];

/** Netlink that the C library asks for addresses: its family would bring every other protocol of the kernel's. */
function netlinkGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  if (!inetFamilies(server).includes("AF_NETLINK") || context.accepts("syscalls.arguments")) return [];
  return [
    {
      kind: "slack",
      message:
        "a family comes with all of its protocols, so netlink stays denied: the names and addresses of interfaces are not found",
      help: "`accept systemd: syscalls.arguments;` opens it, and all arguments of the calls that are granted",
    },
  ];
}

const netlinkFamily = "16";

/** Whether a grant compares what no directive does: of `socket` the family is compared, and netlink is left out. */
function comparesMore({ name, when }: CallGrant): boolean {
  if (!when || name === "socketpair") return false;
  if (name !== "socket") return true;
  const isNetlink = (all: readonly Condition[]): boolean =>
    all.some(({ argument, values }) => argument === 0 && values.includes(netlinkFamily));
  return when.some((all) => !isNetlink(all) && all.some(({ argument }) => argument !== 0));
}

function argumentGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const conditional = server.systemCalls.allow.filter(comparesMore);
  const firm = conditional.filter((grant) => grant.conditions === "firm");
  const soft = conditional.filter((grant) => grant.conditions === "soft");
  const names = (grants: typeof soft): string => grants.map((grant) => `\`${grant.name}\``).join(", ");
  const origin = firm[0]?.origins[0];
  return [
    ...(firm.length === 0
      ? []
      : [
          {
            kind: "residual" as const,
            item: "syscalls.arguments" as const,
            message: `no directive compares arguments of system calls: every argument of ${names(firm)} is open`,
            ...(origin !== undefined && { origin }),
          },
        ]),
    ...(soft.length === 0
      ? []
      : [
          {
            kind: "soft" as const,
            message: `no directive compares arguments of system calls: every argument of ${names(soft)} is open`,
          },
        ]),
    ...netlinkGaps(server, context),
  ];
}

function unknownCalls(server: ServerIr, context: TargetContext): readonly Gap[] {
  return server.systemCalls.allow.flatMap((grant): Gap[] => {
    const origin = grant.origins.find((o) => !context.policy.clauses[o]?.source.startsWith("std:"));
    if (origin === undefined || isKnownToSystemd(grant.name)) return [];
    return [
      {
        kind: "slack",
        message: `systemd does not know the system call \`${grant.name}\`, so it stays denied`,
        origin,
      },
    ];
  });
}

/** systemd itself executes the program inside the filter. */
function missingExecve(server: ServerIr): readonly Gap[] {
  if (server.systemCalls.allow.some((grant) => grant.name === "execve" && !grant.when)) return [];
  const message = "systemd itself needs `execve` inside the filter to start the program";
  return [{ kind: "residual", message, help: "grant `execve`" }];
}

/** A drop-in confines a unit that somebody else writes. */
function foreignUnit(server: ServerIr): readonly Gap[] {
  if (server.program) return [];
  const message =
    "that no command of the unit has the prefix `+`, `!` or `!!`, which takes it out of the sandbox, that the unit has no JoinsNamespaceOf=, and that it hands the server no open file (StandardInput=, StandardOutput=, StandardError=, sockets)";
  return [{ kind: "companion", message }];
}

function managerEnvironment(): readonly Gap[] {
  const message =
    "that the manager adds no variables (`systemctl set-environment`, `DefaultEnvironment=`), which every service gets";
  return [{ kind: "companion", message }];
}

function connectGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const { any, connect, origins } = server.network;
  const at = origins[0] === undefined ? {} : { origin: origins[0] };
  if (!any && connect.length === 0) return [];
  if (hasHostNetwork(server, context)) {
    const message = "the unit has the host's network: every connection leads out";
    const listen = "the unit has the host's network: it may listen on every free port and address";
    return [
      { kind: "residual", item: "net.connect", message, ...at },
      ...(couldListen(server)
        ? [{ kind: "residual", item: "net.listen", message: listen, ...at } as const]
        : []),
    ];
  }
  const help = `\`accept systemd: ${openNetworkItems(server).join(", ")};\` gives it the host's network instead`;
  return [
    {
      kind: "slack",
      message:
        "systemd knows no list of hosts and ports, so the unit gets a network of its own that leads nowhere",
      help,
      ...at,
    },
  ];
}

function listenGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const udp = server.network.listen.find(({ protocol }) => protocol === "udp");
  if (!udp || hasHostNetwork(server, context)) return [];
  return [
    {
      kind: "slack",
      message: "systemd-socket-proxyd forwards TCP only, so nobody reaches this UDP port",
      origin: udp.origin,
    },
  ];
}

/** What is bound and may change: data, and the program itself. What the system installs is the system's. */
const liveGrants = (server: ServerIr): readonly FileGrant[] => [
  ...dataGrants(server),
  ...server.files.grants.filter(({ by }) => by === "run"),
];

function unixGaps(server: ServerIr): readonly Gap[] {
  const [first] = server.unix;
  if (!first || !dataGrants(server).some(mayHoldSockets)) return [];
  const message =
    "sockets that appear later in a bound directory could be connected to, since this server may use sockets";
  return [{ kind: "residual", item: "unix", message, origin: first.origin }];
}

function userGaps(server: ServerIr): readonly Gap[] {
  const { user } = server;
  if (user.kind !== "dynamic") return [];
  const written = server.files.grants.find(
    (grant) => grant.by === "clause" && grant.access.includes("write") && grant.type === "directory",
  );
  if (!written) return [];
  const message = `a user that is new at each start can't own \`${written.path}\`, which it should write`;
  return [{ kind: "residual", message, help: "write `user UID:GID`", origin: user.origin }];
}

function ioGaps(server: ServerIr): readonly Gap[] {
  const { io } = server.limits;
  if (!io) return [];
  const message = "systemd limits I/O by device, and which device is not known";
  return [{ kind: "residual", item: "limits.io", message, origin: io.origin }];
}

function isolationGaps(server: ServerIr): readonly Gap[] {
  const { level, origin } = server.isolation;
  if (level === "process") return [];
  const message = `a unit's process is no \`${level}\``;
  return [{ kind: "residual", item: "isolation", message, ...(origin !== undefined && { origin }) }];
}

function tmpGaps(server: ServerIr): readonly Gap[] {
  const below = server.files.grants.find((g) => /^\/(?:var\/)?tmp(?:\/|$)/.test(g.path));
  if (!below) return [];
  const message = `\`${below.path}\` lies below \`/tmp\`, which is cut off whole so that nothing in it has no size`;
  return [{ kind: "residual", message, help: "move it elsewhere", origin: below.origin }];
}

function printSystemd(model: SystemdModel, context: TargetContext): readonly OutputFile[] {
  const header = context.header.map(line);
  const units = model.units.map(({ path, sections }) => ({
    path,
    content: renderTemplate("unit", {
      header,
      sections: sections.map(({ name, settings }) => ({
        name: line(name),
        lines: settings.map((s) => line(`${s.name}=${s.value}`)),
      })),
    }),
  }));
  const tmpfiles = [...context.header.map((text) => `# ${text}`), ...model.tmpfiles].join("\n");
  const [command = "systemd-run", ...args] = model.run ?? [];
  return [
    ...units,
    { path: "mcpc-tmpfiles.conf", content: `${tmpfiles}\n` },
    ...(model.run
      ? [{ path: "run.json", content: `${JSON.stringify({ argv: [command, ...args] }, null, 2)}\n` }]
      : []),
  ];
}

/** Unit files for the system manager; a user's manager ignores what needs privilege. */
export const systemd = defineTarget<SystemdModel>({
  name: "systemd",
  kind: "sandbox",
  platform: "linux",
  summary: "a hardened unit of the system manager, with a socket; a drop-in where the policy has no `run`",
  floor: unitFloor,
  answers: {
    files: answer("=", "an empty root, and what is bound into it", fileGaps),
    exec: exact("NoExecPaths and ExecPaths"),
    deny: answer("=", "InaccessiblePaths of what exists at start, with deny.future", (server) => [
      ...apiGaps(server),
      ...futureDenies(server, liveGrants(server)),
    ]),
    tmp: answer("=", "TemporaryFileSystem", tmpGaps),
    "net.none": exact("PrivateNetwork, and no INET socket"),
    "net.loopback": exact("its own"),
    "net.connect": answer("<", "none, until egress", connectGaps),
    "net.listen": answer("=", "systemd-socket-proxyd in its network", listenGaps),
    unix: answer("=", "existing sockets in granted trees are masked", unixGaps),
    "processes.other": answer("=", "with a user of its own; PrivatePIDs from 257", processGaps),
    syscalls: answer("=", "the list alone, without @default", (server, context) => [
      ...missingExecve(server),
      ...unknownCalls(server, context),
    ]),
    "syscalls.arguments": answer("-", "families, namespaces and personality only", argumentGaps),
    env: answer("=", "if the manager adds nothing of its own", managerEnvironment),
    identity: answer("=", "DynamicUser, or the owner of what is written", userGaps),
    memory: exact("cgroup v2"),
    processes: exact("cgroup v2"),
    cpu: exact("cgroup v2"),
    io: answer("-", "by device only", ioGaps),
    descriptors: exact(),
    time: exact("RuntimeMaxSec"),
    isolation: answer("=", "process", (server) => [...isolationGaps(server), ...foreignUnit(server)]),
  },
  lower: lowerSystemd,
  print: printSystemd,
});
