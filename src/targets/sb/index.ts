import type { AcceptItem, ServerIr } from "../../policy/ir.ts";
import { dataGrants, protectedGaps } from "../shared/files.ts";
import { answer, defineTarget, exact, type Gap, notADimension, type TargetContext } from "../target.ts";
import { baseline } from "./baseline.ts";
import { lowerSandbox } from "./lower.ts";
import type { SandboxModel } from "./model.ts";
import { printSandbox } from "./print.ts";

const limit = (item: AcceptItem, name: "memory" | "processes" | "cpu" | "io", message: string) =>
  answer("-", message, (server): readonly Gap[] => {
    const found = server.limits[name];
    return found ? [{ kind: "residual", item, message, origin: found.origin }] : [];
  });

function tmpGaps(server: ServerIr): readonly Gap[] {
  if (!server.tmp) return [];
  const message = "the temporary directory has no size of its own: it can fill the disk";
  return [{ kind: "residual", item: "tmp.size", message, origin: server.tmp.origin }];
}

function loopbackGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const origin = server.network.origins[0];
  const at = origin === undefined ? {} : { origin };
  if (!server.network.loopback) return [];
  if (context.accepts("net.loopback")) {
    return [
      {
        kind: "residual",
        item: "net.loopback",
        message: "the loopback is the host's own, with every service on it",
        ...at,
      },
    ];
  }
  const help = "`accept sb: net.loopback;` gives the host's loopback instead";
  return [{ kind: "slack", message: "macOS has no private loopback, so none is given", help, ...at }];
}

function connectGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const { any, connect, origins } = server.network;
  const at = origins[0] === undefined ? {} : { origin: origins[0] };
  if (!any && connect.length === 0) return [];
  if (context.accepts("net.connect")) {
    return [
      {
        kind: "residual",
        item: "net.connect",
        message: "hosts can't be named: their ports are open to every host",
        ...at,
      },
    ];
  }
  const help = "`accept sb: net.connect;` opens the ports, to every host";
  return [
    {
      kind: "slack",
      message: "sandbox profiles know ports but no hosts, so no connection is allowed",
      help,
      ...at,
    },
  ];
}

function listenGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const [first] = server.network.listen;
  if (!first) return [];
  if (context.accepts("net.listen")) {
    const message = "listening can't be held to the loopback: the ports are open on every address";
    return [{ kind: "residual", item: "net.listen", message, origin: first.origin }];
  }
  const help = "`accept sb: net.listen;` opens the ports on every address";
  return [
    {
      kind: "slack",
      message: "listening on the loopback alone can't be said, so no port is opened",
      help,
      origin: first.origin,
    },
  ];
}

function userGaps(server: ServerIr): readonly Gap[] {
  const { user } = server;
  if (user.kind === "any") return [];
  const message = "the server runs as whoever starts it, and never as root; a launcher can't switch users";
  return [{ kind: "residual", item: "user", message, origin: user.origin }];
}

function isolationGaps(server: ServerIr): readonly Gap[] {
  const { level, origin } = server.isolation;
  if (level === "process") return [];
  const message = `a sandboxed process is no \`${level}\``;
  return [{ kind: "residual", item: "isolation", message, ...(origin !== undefined && { origin }) }];
}

function imageGaps(server: ServerIr): readonly Gap[] {
  if (!server.image) return [];
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

/** What other programs obey can be made where nobody obeys it, and a directory with it renamed to where somebody does. */
function renamedGaps(server: ServerIr): readonly Gap[] {
  if (!server.tmp) return [];
  const message = (path: string): string =>
    `what other programs obey (\`.git/hooks\`, \`.vscode\` and the like) can be made in a directory that is moved to the temporary directory, and back to \`${path}\``;
  return protectedGaps(server, dataGrants(server), message);
}

/** A launcher script and a profile for macOS's sandbox-exec. The model is tested against published profiles. */
export const sb = defineTarget<SandboxModel>({
  name: "sb",
  kind: "sandbox",
  platform: "macos",
  summary:
    "macOS sandbox profile and a launcher script for sandbox-exec; the language is undocumented, and not tested on macOS",
  floor: () => baseline.map(({ rule, evidence }) => ({ kind: "rule", name: rule, note: evidence })),
  answers: {
    files: answer("=", "by resolved path", imageGaps),
    exec: exact("process-exec and file-map-executable"),
    deny: answer("=", "inside the allow, for what appears later too", renamedGaps),
    tmp: answer("-", "a private directory, without a size", tmpGaps),
    "net.none": exact(),
    "net.loopback": answer("-", "the host's loopback, or none", loopbackGaps),
    "net.connect": answer("<", "none, until egress", connectGaps),
    "net.listen": answer("<", "none: loopback alone can't be said", listenGaps),
    unix: exact("by path"),
    "processes.other": exact("except the runtime's named services"),
    syscalls: notADimension("Linux system calls do not exist there"),
    "syscalls.arguments": notADimension("Linux system calls do not exist there"),
    env: exact("the launcher clears it"),
    identity: answer("=", "the caller, never root", userGaps),
    memory: limit("limits.memory", "memory", "macOS enforces no limit of memory"),
    processes: limit("limits.processes", "processes", "a limit of processes would count all of the user's"),
    cpu: limit("limits.cpu", "cpu", "macOS has no share of CPU time"),
    io: limit("limits.io", "io", "macOS has no limit of I/O"),
    descriptors: exact("ulimit"),
    time: exact("the launcher"),
    isolation: answer("=", "process", isolationGaps),
  },
  lower: lowerSandbox,
  print: printSandbox,
});
