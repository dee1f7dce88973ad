/** What a policy permits, as the slices of containers are compared with it, and the texts that are emitted for it. */
import { always, intersection, union, without } from "../../src/authority/bdd.ts";
import {
  type Call,
  createCallDiagram,
  describeCall,
  exempt,
  leastCall,
  policyCalls,
  possibleCalls,
} from "../../src/authority/calls.ts";
import {
  createNetworkDiagram,
  leastPeer,
  policyNetwork,
  possiblePeers,
} from "../../src/authority/network.ts";
import { type PathRule, ruleMachine } from "../../src/authority/path-rules.ts";
import {
  everyRight,
  type FileWitness,
  fileOutside,
  type PathMachine,
  type Rights,
  rights,
} from "../../src/authority/paths.ts";
import { compile } from "../../src/compile/compile.ts";
import { liftCompose } from "../../src/lift/compose.ts";
import {
  type ContainerEnvironment,
  defaultContainerEnvironment,
  type LiftedContainer,
} from "../../src/lift/container.ts";
import { liftDockerRun } from "../../src/lift/docker-run.ts";
import { liftDockerfile } from "../../src/lift/dockerfile.ts";
import type { ServerIr } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import { worldProject, worldRoot } from "./random-policies.ts";

const docker = targets.filter((target) => target.name === "docker");

/** A server, and the files that the target makes for it, by their names, and where they lie. */
export interface EmittedContainer {
  readonly server: ServerIr;
  readonly files: ReadonlyMap<string, string>;
  readonly directory: string;
}

/** Compiles a policy of the small world; undefined where the target refuses it. */
export function emittedContainer(text: string): EmittedContainer | undefined {
  const { artifacts, analysed } = compile(worldProject(text), docker);
  const [server] = [...analysed.values()][0]?.ir.servers ?? [];
  if (!server || artifacts.length === 0) return undefined;
  const prefix = `${server.name}/docker/`;
  return {
    server,
    files: new Map(artifacts.map((a) => [a.path.slice(prefix.length), a.content])),
    directory: `${worldRoot}/sandbox/${server.name}/docker`,
  };
}

/** The machine that the artifacts are for: there are no other files but they. */
export function ownEnvironment({ files, directory }: EmittedContainer): ContainerEnvironment {
  return {
    ...defaultContainerEnvironment,
    directory,
    read: (path) =>
      path.startsWith(`${directory}/`) ? files.get(path.slice(directory.length + 1)) : undefined,
  };
}

/** The compose form. */
export function composeForm(emitted: EmittedContainer): LiftedContainer {
  const [only, ...others] = liftCompose(emitted.files.get("compose.yaml") ?? "", ownEnvironment(emitted));
  if (!only || others.length > 0) throw new Error("a compose file is of one service");
  return only;
}

/** The argv of the `docker run` form. */
export function runArgv(emitted: EmittedContainer): readonly string[] {
  return (JSON.parse(emitted.files.get("run.json") ?? "") as { argv: readonly string[] }).argv;
}

/** The context that the compose file names. */
function contextOf({ files }: EmittedContainer): string {
  const [, text = '"/"'] = /"context": (".*")/.exec(files.get("compose.yaml") ?? "") ?? [];
  return (JSON.parse(text) as string).replaceAll("$$", "$");
}

/** The `docker run` form, with the image that its Dockerfile makes. */
export function runForm(emitted: EmittedContainer): LiftedContainer {
  const dockerfile = emitted.files.get("Dockerfile");
  const ignore = emitted.files.get("Dockerfile.dockerignore");
  const built =
    dockerfile === undefined
      ? undefined
      : liftDockerfile(dockerfile, ignore, { context: contextOf(emitted) });
  return liftDockerRun(runArgv(emitted), ownEnvironment(emitted), built?.image);
}

const grant = (pattern: string, mask: Rights): PathRule => ({
  pattern,
  effect: { kind: "grant", rights: mask },
});

/** What every container has: the kernel's own file systems, and harmless devices. */
export const floor: readonly PathRule[] = [
  grant("/proc", rights.read | rights.write),
  grant("/sys", rights.read),
  ...["null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts"].map((name) =>
    grant(`/dev/${name}`, everyRight),
  ),
];

const denied = { all: everyRight, write: rights.write, exec: rights.exec } as const;

/** What is mounted writable or alone, or copied, can be executed: the policies accept that. */
function maskOf({ access, type, by }: ServerIr["files"]["grants"][number]): Rights {
  const mask = access.reduce((all, name) => all | rights[name], 0);
  const isNoexec = !access.includes("write") && (type === "directory" || type === "absent") && by !== "run";
  return isNoexec ? mask : mask | rights.exec;
}

/** The policy's files: grants, credentials, and denies as they were matched, which is what a mount can hold. */
export function containerFiles({ files, unix }: ServerIr): PathMachine {
  return ruleMachine([
    ...files.credentials.flatMap(({ matches }) =>
      matches.map(({ path }): PathRule => ({ pattern: path, effect: { kind: "shield" } })),
    ),
    ...files.grants.flatMap((given) => {
      const mask = maskOf(given);
      return [
        grant(given.path, mask),
        ...(given.requested === undefined ? [] : [grant(given.requested, mask)]),
      ];
    }),
    ...files.denies
      .filter(({ access }) => access !== "exec")
      .flatMap(({ matches, access }) =>
        matches.map(
          ({ path }): PathRule => ({ pattern: path, effect: { kind: "deny", rights: denied[access] } }),
        ),
      ),
    ...unix.map(({ path }) => grant(path, rights.read | rights.exec)),
    ...floor,
  ]);
}

/** An operation that a container permits and the policy does not, in words; for some slices what it is. */
export interface ContainerExcess {
  readonly slice: string;
  readonly text: string;
  readonly file?: FileWitness;
  readonly variable?: string;
  readonly call?: Call;
}

type Lifted = Pick<LiftedContainer, "authority">;
type ExcessOf = (container: Lifted, server: ServerIr) => readonly ContainerExcess[];

const fileExcess: ExcessOf = ({ authority }, server) => {
  if (!authority.files) return [{ slice: "files", text: "everything" }];
  const file = fileOutside(authority.files, containerFiles(server));
  return file ? [{ slice: "files", text: `${file.right} ${file.path}`, file }] : [];
};

const socketExcess: ExcessOf = ({ authority }, server) => {
  if (!authority.sockets) return [{ slice: "sockets", text: "everything" }];
  const file = fileOutside(authority.sockets, containerFiles(server));
  return file ? [{ slice: "sockets", text: `connect ${file.path}`, file }] : [];
};

const callExcess: ExcessOf = ({ authority }, server) => {
  const bdd = createCallDiagram();
  const domain = possibleCalls(bdd, ["x86_64", "i386", "aarch64", "riscv64"]);
  const permitted = intersection(bdd, authority.calls?.(bdd) ?? always, domain);
  const granted = union(bdd, policyCalls(bdd, server.systemCalls, "firm"), exempt(bdd));
  const call = leastCall(bdd, without(bdd, permitted, granted));
  return call ? [{ slice: "calls", text: describeCall(call), call }] : [];
};

const proxy = /^(?:http|https|ftp|no|all)_proxy$/i;

const environmentExcess: ExcessOf = ({ authority }, server) => {
  const { environment } = authority;
  if (environment === undefined || environment === "any") return [{ slice: "env", text: "any variable" }];
  const granted = new Map(server.environment.map((v) => [v.name, v]));
  const odd = [...environment].find(([name, value]) => {
    const own = granted.get(name);
    if (own) return own.value !== undefined && own.value !== value;
    return !(["PATH", "HOSTNAME", "HOME"].includes(name) || (proxy.test(name) && value === ""));
  });
  return odd ? [{ slice: "env", text: `${odd[0]}=${odd[1] ?? "…"}`, variable: odd[0] }] : [];
};

function wantedUser({ user }: ServerIr): string {
  if (user.kind === "ids" || (user.kind === "name" && user.uid !== undefined))
    return `${user.uid}:${user.gid}`;
  if (user.kind === "any" && user.owner) return `${user.owner.uid}:${user.owner.gid || user.owner.uid}`;
  return "65532:65532";
}

const identityExcess: ExcessOf = ({ authority }, server) => {
  const { identity } = authority;
  if (!identity) return [{ slice: "identity", text: "anybody" }];
  const { user, capabilities, noNewPrivileges } = identity;
  const found = user.kind === "ids" ? `${user.uid}:${user.gid}` : user.kind;
  if (found !== wantedUser(server)) return [{ slice: "identity", text: `runs as ${found}` }];
  if (!noNewPrivileges) return [{ slice: "identity", text: "may gain privileges by executing" }];
  if (capabilities === "all") return [{ slice: "identity", text: "any capability" }];
  const [capability] = capabilities;
  return capability === undefined ? [] : [{ slice: "identity", text: capability }];
};

const limitExcess: ExcessOf = ({ authority }, server) => {
  const { limits } = authority;
  if (!limits) return [{ slice: "limits", text: "everything" }];
  const wanted: Readonly<Record<string, number | undefined>> = {
    memory: server.limits.memory?.value,
    processes: server.limits.processes?.value,
    files: server.limits.files?.value,
    cpu: server.limits.cpu?.value,
    tmp: server.tmp?.bytes ?? 0,
  };
  return Object.entries(wanted).flatMap(([name, most]) => {
    const found = limits[name as keyof typeof limits];
    if (most === undefined || (found !== undefined && found <= most)) return [];
    return [{ slice: "limits", text: `${name} ${found ?? "without a limit"}` }];
  });
};

/** Whether the policy accepts a network that leads out. */
const leadsOut = ({ network }: ServerIr): boolean =>
  network.any || network.connect.length > 0 || network.listen.length > 0;

const networkExcess: ExcessOf = ({ authority }, server) => {
  if (leadsOut(server)) return [];
  const bdd = createNetworkDiagram();
  const root = without(bdd, authority.network?.(bdd) ?? always, policyNetwork(bdd, server.network));
  const peer = leastPeer(bdd, intersection(bdd, root, possiblePeers(bdd)));
  return peer === undefined ? [] : [{ slice: "network", text: peer }];
};

const processExcess: ExcessOf = ({ authority }) => {
  const [odd] = authority.processes ?? ["everything"];
  return odd === undefined ? [] : [{ slice: "processes", text: odd }];
};

const isolationExcess: ExcessOf = ({ authority }) =>
  authority.isolation === "container" ? [] : [{ slice: "isolation", text: "less than a container" }];

/** All that a container permits beyond a policy. */
export function containerExcess(container: Lifted, server: ServerIr): readonly ContainerExcess[] {
  return [
    fileExcess,
    socketExcess,
    callExcess,
    environmentExcess,
    identityExcess,
    limitExcess,
    networkExcess,
    processExcess,
    isolationExcess,
  ].flatMap((of) => of(container, server));
}
