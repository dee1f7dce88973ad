import { coversPath, isWithin, reachesInto } from "../../host/patterns.ts";
import { atLeast } from "../../policy/environment.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { containerFloor } from "../floor.ts";
import { printProfile } from "../seccomp/profile.ts";
import { missingFloor, narrowedCalls } from "../shared/calls.ts";
import { apiGaps, futureDenies, imageProgramGaps, mayHoldSockets, namesExec } from "../shared/files.ts";
import { mountsOf } from "../shared/mounts.ts";
import { couldListen, openNetworkItems } from "../shared/network.ts";
import { answer, defineTarget, exact, type Gap, type OutputFile, type TargetContext } from "../target.ts";
import { printCompose } from "./compose.ts";
import { printDockerfile, printDockerignore } from "./dockerfile.ts";
import { leadsOut, lowerDocker, mountedGrants } from "./lower.ts";
import type { DockerModel } from "./model.ts";
import { dockerRun } from "./run.ts";

/** Mounts that can't be made noexec: writable ones, and single files. */
function execGaps(server: ServerIr): readonly Gap[] {
  const gaps: Gap[] = [];
  for (const mount of mountsOf(server.files, mountedGrants(server))) {
    const possible = mount.mode === "ro" && (mount.type === "directory" || mount.type === "absent");
    if (mount.exec || mount.mode === "mask" || possible || mount.hold || mount.type === "device") continue;
    const what = mount.mode === "rw" ? "mounted writable" : "mounted as a single file";
    const message = `what is ${what} can't be made noexec there: files in \`${mount.path}\` could be executed`;
    const { origin } = mount.grant;
    gaps.push(
      namesExec(server)
        ? { kind: "residual", item: "files.exec", message, origin }
        : { kind: "soft", message, origin },
    );
  }
  return [...gaps, ...copiedGaps(server), ...imageProgramGaps(server)];
}

/** What is copied into an image is executable there, whatever is denied of it. */
function copiedGaps(server: ServerIr): readonly Gap[] {
  if (server.image) return [];
  const own = server.files.grants.filter(({ by }) => by === "run");
  return server.files.denies
    .filter(({ access, pattern }) => {
      const reaches = own.some(({ path }) => coversPath(pattern, path) || reachesInto(pattern, path));
      return access === "exec" && reaches;
    })
    .map(({ pattern, origin }) => ({
      kind: "residual",
      item: "files.exec",
      message: `the program's files are copied into the image, and what of them matches \`${pattern}\` could be executed there`,
      origin,
    }));
}

/** A volume that an image declares is anonymous and writable, in a read-only root too, and nothing takes it away. */
function declaredVolumes(): readonly Gap[] {
  const message = "that the image declares no `VOLUME`, which docker would make writable";
  return [{ kind: "companion", message }];
}

function openHelp(server: ServerIr, does: string): string {
  return `\`accept docker: ${openNetworkItems(server).join(", ")};\` ${does}`;
}

/** What comes with a network that leads out: every peer, and others that reach whatever port is opened. */
function openNetworkGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  if (!leadsOut(server, context)) return [];
  const origin = server.network.origins[0];
  const at = origin === undefined ? {} : { origin };
  const connect = "the container has a network without a list of hosts: every connection leads out";
  const listen = "whatever port the program opens, the host and its other containers reach";
  return [
    { kind: "residual", item: "net.connect", message: connect, ...at },
    ...(couldListen(server)
      ? [{ kind: "residual", item: "net.listen", message: listen, ...at } as const]
      : []),
  ];
}

function connectGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const { any, connect, origins } = server.network;
  if (leadsOut(server, context)) return openNetworkGaps(server, context);
  if (!any && connect.length === 0) return [];
  return [
    {
      kind: "slack",
      message: "docker knows no list of hosts, so the container gets no network at all",
      help: openHelp(server, "gives it a network that leads anywhere instead"),
      ...(origins[0] !== undefined && { origin: origins[0] }),
    },
  ];
}

function listenGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const [first] = server.network.listen;
  if (!first || leadsOut(server, context)) return [];
  return [
    {
      kind: "slack",
      message:
        "a published port needs a network that leads out, so the container gets none and listens for nobody",
      help: openHelp(server, "publishes the port and opens the way out that comes with it"),
      origin: first.origin,
    },
  ];
}

function userGaps(server: ServerIr): readonly Gap[] {
  const { user } = server;
  if (user.kind === "dynamic") {
    const message = "docker has no user that is new at each start";
    return [{ kind: "residual", item: "user", message, help: "write `user UID:GID`", origin: user.origin }];
  }
  if (user.kind === "name" && user.uid === undefined) {
    const message = `the user \`${user.name}\` is unknown on this host, so its number can't be written`;
    return [{ kind: "residual", item: "user", message, help: "write `user UID:GID`", origin: user.origin }];
  }
  return [];
}

function unixGaps(server: ServerIr): readonly Gap[] {
  const live = mountedGrants(server).filter(mayHoldSockets);
  const [first] = server.unix;
  if (!first || live.length === 0) return [];
  const message =
    "sockets that appear later in a mounted directory could be connected to, since this server may use sockets";
  return [{ kind: "residual", item: "unix", message, origin: first.origin }];
}

const unlimited = (item: "limits.io" | "limits.time", limit: "io" | "time", message: string) =>
  answer("-", message, (server): readonly Gap[] => {
    const found = server.limits[limit];
    return found ? [{ kind: "residual", item, message, origin: found.origin }] : [];
  });

/** V8 and libuv start about ten threads, and a container of node's with fewer than six hangs. */
function processGaps(server: ServerIr): readonly Gap[] {
  const limit = server.limits.processes;
  if (!limit || limit.value >= 16 || server.runtime.name !== "node") return [];
  const message = `node needs about eleven threads, and hangs under a limit of ${limit.value} instead of failing`;
  return [{ kind: "slack", message, origin: limit.origin }];
}

function isolationGaps(server: ServerIr): readonly Gap[] {
  const { level, origin } = server.isolation;
  if (level === "process" || level === "container") return [];
  const at = origin === undefined ? {} : { origin };
  const message = `a container shares the host's kernel, and \`isolation ${level}\` asks for one of its own`;
  return [{ kind: "residual", item: "isolation", message, ...at }];
}

/** A program that is copied to a place below `/tmp` would lie under the temporary directory. */
function hiddenProgram(server: ServerIr): readonly Gap[] {
  const hidden = server.files.grants.find((grant) => grant.by === "run" && isWithin(grant.path, "/tmp"));
  if (!server.tmp || server.image || !hidden) return [];
  const message = `the program's \`${hidden.path}\` lies below \`/tmp\`, where the temporary directory would hide it`;
  return [
    {
      kind: "residual",
      message,
      help: "move the program elsewhere, or do without `tmp`",
      origin: server.tmp.origin,
    },
  ];
}

/** Denies in a build that knows no ignore file beside its Dockerfile. */
function denyGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const live = mountedGrants(server);
  const copied = atLeast(context.environment.docker, 23)
    ? []
    : server.files.grants.filter((grant) => grant.by === "run");
  return [...apiGaps(server), ...futureDenies(server, [...live, ...copied])];
}

function printDocker(model: DockerModel, context: TargetContext): readonly OutputFile[] {
  const { image } = model;
  const argv = dockerRun(model);
  const [command = "docker", ...args] = argv;
  const client = { argv, mcpServers: { [model.server]: { command, args } } };
  const build: readonly OutputFile[] =
    image.kind === "built"
      ? [
          { path: "Dockerfile", content: printDockerfile(model, image, context.header) },
          { path: ".dockerignore", content: printDockerignore(image, context.header) },
          { path: "Dockerfile.dockerignore", content: printDockerignore(image, context.header) },
        ]
      : [];
  return [
    ...build,
    { path: "compose.yaml", content: printCompose(model, context) },
    { path: "run.json", content: `${JSON.stringify(client, null, 2)}\n` },
    { path: "seccomp.json", content: printProfile(model.seccomp, context.environment) },
  ];
}

/** A container: Dockerfile, compose file, seccomp profile, and the `docker run` form. */
export const docker = defineTarget<DockerModel>({
  name: "docker",
  kind: "sandbox",
  platform: "linux",
  summary: "Dockerfile, compose file and `docker run` form, with a seccomp profile",
  floor: ({ environment }) => containerFloor(environment),
  answers: {
    files: answer("=", "bind mounts and noexec volumes in a read-only root", declaredVolumes),
    exec: answer("=", "read-only directories; not writable ones, nor single files", execGaps),
    deny: answer("=", "masks of what exists at start, with deny.future", denyGaps),
    tmp: answer("=", "tmpfs", hiddenProgram),
    "net.none": exact("no network, and no INET socket"),
    "net.loopback": exact("the container's own"),
    "net.connect": answer("<", "no network, until egress", connectGaps),
    "net.listen": answer("<", "none, until inbound", listenGaps),
    unix: answer("=", "existing sockets in granted trees are masked", unixGaps),
    "processes.other": exact("its own PID namespace"),
    syscalls: answer("=", "by the seccomp profile, above runc's floor", missingFloor),
    "syscalls.arguments": answer("<", "one comparison for each argument and rule", narrowedCalls),
    env: exact("by reference; the client's proxies are blanked"),
    identity: answer("=", "numeric uid and gid, no capabilities", userGaps),
    memory: exact("with swap"),
    processes: answer("=", "threads count", processGaps),
    cpu: exact(),
    io: unlimited("limits.io", "io", "docker limits I/O by device, and which device is not known"),
    descriptors: exact("ulimit"),
    time: unlimited("limits.time", "time", "docker has no limit of run time"),
    isolation: answer("=", "container", isolationGaps),
  },
  lower: lowerDocker,
  print: printDocker,
});
