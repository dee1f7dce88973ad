/** From the IR to a container's configuration. */
import { isWithin } from "../../host/patterns.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { notAnArgument, notAPath } from "../escape/text.ts";
import { seccompProfile } from "../seccomp/profile.ts";
import { dataGrants, imagePrograms } from "../shared/files.ts";
import { type Mount, mountsOf } from "../shared/mounts.ts";
import { acceptsOpenNetwork } from "../shared/network.ts";
import type { Lowered, TargetContext, Unrepresentable } from "../target.ts";
import { containerImage } from "./image.ts";
import type { ContainerMount, DockerModel } from "./model.ts";

/** Who runs a container when nobody is named: an unprivileged user that owns nothing. */
const nobody = "65532:65532";

/** uid:gid, always both: a uid alone means gid 0. */
export function containerUser(server: ServerIr): string {
  const { user } = server;
  if (user.kind === "ids") return `${user.uid}:${user.gid}`;
  if (user.kind === "name" && user.uid !== undefined && user.gid !== undefined)
    return `${user.uid}:${user.gid}`;
  if (user.kind === "any" && user.owner)
    return `${user.owner.uid}:${user.owner.gid === 0 ? user.owner.uid : user.owner.gid}`;
  return nobody;
}

/** Grants that are mounted: the policy's own, except programs to execute, which are the base image's. */
export function mountedGrants(server: ServerIr) {
  const programs = imagePrograms(server);
  return dataGrants(server).filter((grant) => !programs.includes(grant));
}

function containerMount(mount: Mount): ContainerMount {
  const directory = mount.type === "directory" || mount.type === "absent";
  if (mount.mode === "mask") return { kind: "mask", path: mount.path, directory };
  if (mount.mode === "ro" && directory) return { kind: "volume", path: mount.path, exec: mount.exec };
  return { kind: "bind", path: mount.path, readOnly: mount.mode === "ro" };
}

/** Denied files inside the program, which a build may have copied, and inside the image's programs: masked like any other. */
function programMasks(server: ServerIr, mounted: readonly ContainerMount[]): ContainerMount[] {
  const copied = [...server.files.grants.filter((grant) => grant.by === "run"), ...imagePrograms(server)];
  const matches = [
    ...server.files.denies.filter((deny) => deny.access === "all").flatMap((deny) => deny.matches),
    ...server.files.credentials.flatMap((credential) => credential.matches),
  ];
  return matches
    .filter((match) => copied.some((grant) => isWithin(match.path, grant.path)))
    .filter((match) => !mounted.some((m) => isWithin(match.path, m.path)))
    .map((match) => ({ kind: "mask", path: match.path, directory: match.type === "directory" }));
}

/** Sockets inside mounted trees are masked: reading a tree is not connecting to what listens there. */
function socketMasks(server: ServerIr, mounted: readonly ContainerMount[]): ContainerMount[] {
  const granted = new Set(server.unix.map((socket) => socket.path));
  return server.files.sockets
    .filter((path) => !granted.has(path) && mounted.some((m) => m.kind !== "mask" && isWithin(path, m.path)))
    .filter((path) => !mounted.some((m) => m.kind === "mask" && isWithin(path, m.path)))
    .map((path) => ({ kind: "mask", path, directory: false }));
}

function containerMounts(server: ServerIr): readonly ContainerMount[] {
  const data = mountsOf(server.files, mountedGrants(server)).map(containerMount);
  const sockets: ContainerMount[] = server.unix.map(({ path }) => ({ kind: "bind", path, readOnly: true }));
  const all = [...data, ...sockets, ...socketMasks(server, data), ...programMasks(server, data)];
  const byPath = new Map(all.map((mount) => [mount.path, mount]));
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function checkStrings(server: ServerIr, mounts: readonly ContainerMount[]): Unrepresentable[] {
  const out: Unrepresentable[] = [];
  const refuse = (
    what: string,
    text: string,
    reason: string | undefined,
    origin: number | undefined,
  ): void => {
    if (reason !== undefined) out.push({ what, text, reason, ...(origin !== undefined && { origin }) });
  };
  for (const mount of mounts) {
    const { path } = mount;
    const grant = server.files.grants.find((g) => isWithin(path, g.path));
    const split =
      mount.kind === "mask" && mount.directory && path.includes(":")
        ? "docker ends the path of a tmpfs at a colon"
        : undefined;
    const root = path === "/" ? "docker mounts nothing at the root" : undefined;
    refuse("the path", path, notAPath(path) ?? split ?? root, grant?.origin);
  }
  for (const word of server.program?.argv ?? [])
    refuse("the word of `run`", word, notAnArgument(word), server.program?.origin);
  for (const { value, name, origin } of server.environment) {
    refuse("the value of", name, value === undefined ? undefined : notAnArgument(value), origin);
  }
  return out;
}

function publishedPorts(server: ServerIr): DockerModel["ports"] {
  return server.network.listen.flatMap(({ address, ports, protocol }) => {
    const out: { address: string; port: number; protocol: "tcp" | "udp" }[] = [];
    for (let port = ports.from; port <= ports.to; port++) out.push({ address, port, protocol });
    return out;
  });
}

/** Whether the container is given a network that leads out: only if the policy grants something of it, and accepts that. */
export function leadsOut(server: ServerIr, context: TargetContext): boolean {
  const { any, connect, listen } = server.network;
  return (any || connect.length > 0 || listen.length > 0) && acceptsOpenNetwork(server, context);
}

/** Lowers a server. */
export function lowerDocker(server: ServerIr, context: TargetContext): Lowered<DockerModel> {
  const { image, unrepresentable } = containerImage(server, context);
  const mounts = containerMounts(server);
  const problems = [...unrepresentable, ...checkStrings(server, mounts)];
  if (problems.length > 0) return { ok: false, unrepresentable: problems };
  const { memory, processes, files, cpu } = server.limits;
  const bridge = leadsOut(server, context);
  const model: DockerModel = {
    server: server.name,
    image,
    ...(server.program && { command: server.program.argv }),
    workingDirectory: server.program?.workingDirectory ?? "/",
    user: containerUser(server),
    mounts,
    ...(server.tmp && { tmpBytes: server.tmp.bytes }),
    network: bridge ? "bridge" : "none",
    ports: bridge ? publishedPorts(server) : [],
    environment: server.environment.map(({ name, value }) => ({
      name,
      ...(value !== undefined && { value }),
    })),
    limits: {
      ...(memory && { memory: memory.value }),
      ...(processes && { processes: processes.value }),
      ...(files && { files: files.value }),
      ...(cpu && { cpu: cpu.value }),
    },
    seccomp: seccompProfile(server.systemCalls, context.environment),
    location: context.location,
  };
  return { ok: true, model };
}
