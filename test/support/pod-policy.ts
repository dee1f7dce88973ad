/** What a policy permits, as the slices of pods are compared with it, and the files that are emitted for it. */
import { always, intersection, union, without } from "../../src/authority/bdd.ts";
import {
  type Call,
  createCallDiagram,
  describeCall,
  entries,
  exempt,
  leastCall,
  policyCalls,
  possibleCalls,
} from "../../src/authority/calls.ts";
import {
  createNetworkDiagram,
  leastPeer,
  peersIn,
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
import type { Project } from "../../src/compile/project.ts";
import type { LiftedPod, ManifestText, PodEnvironment } from "../../src/lift/kubernetes.ts";
import type { ServerIr } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import { worldProject } from "./random-policies.ts";

const kubernetes = targets.filter((target) => target.name === "kubernetes");

/** A server, and the files that the target makes for it. */
export interface EmittedPod {
  readonly server: ServerIr;
  readonly texts: readonly ManifestText[];
  readonly profile: string;
  /** Whether `net any` opens the network here. */
  readonly acceptsNetwork: boolean;
}

/** Compiles a project: each of its servers that the target does not refuse. */
export function emittedFrom(project: Project): readonly EmittedPod[] {
  const { artifacts, analysed } = compile(project, kubernetes);
  return ([...analysed.values()][0]?.ir.servers ?? []).flatMap((server) => {
    const prefix = `${server.name}/kubernetes/`;
    const own = artifacts.filter(({ path }) => path.startsWith(prefix));
    const files = own.map((a) => ({ path: a.path.slice(prefix.length), text: a.content }));
    return files.length === 0 ? [] : [podOf(server, files)];
  });
}

/** Compiles a policy of the small world; undefined where the target refuses it. */
export function emittedPod(text: string): EmittedPod | undefined {
  return emittedFrom(worldProject(text))[0];
}

/** The files of one server as they are read. */
function podOf(server: ServerIr, files: readonly ManifestText[]): EmittedPod {
  return {
    server,
    texts: files.filter(({ path }) => path.endsWith(".yaml")),
    profile: files.find(({ path }) => path === "seccomp.json")?.text ?? "",
    acceptsNetwork: server.accepts.some((accept) => accept.item === "net.connect"),
  };
}

/** The environment that the manifests are for. */
export function podEnvironment(profile: string, overrides: Partial<PodEnvironment> = {}): PodEnvironment {
  return {
    kubernetes: { major: 1, minor: 33 },
    claims: "in-place",
    read: (path) => (path.startsWith("mcpc/") ? profile : undefined),
    runtimeClasses: new Map([["gvisor", { isolation: "kernel", appliesProfiles: true }]]),
    ...overrides,
  };
}

const grant = (pattern: string, mask: Rights): PathRule => ({
  pattern,
  effect: { kind: "grant", rights: mask },
});
const deny = (pattern: string, mask: Rights): PathRule => ({
  pattern,
  effect: { kind: "deny", rights: mask },
});

/** What runc gives every container: the runtime's floor. */
const floor: readonly PathRule[] = [
  grant("/proc", rights.read | rights.write),
  grant("/sys", rights.read),
  ...["null", "zero", "full", "random", "urandom", "tty"].map((name) =>
    grant(`/dev/${name}`, rights.read | rights.write),
  ),
  ...["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => deny(`/proc/${name}`, rights.write)),
  ...["acpi", "kcore", "keys", "latency_stats", "timer_list", "timer_stats", "sched_debug", "scsi"].map(
    (name) => deny(`/proc/${name}`, everyRight),
  ),
  deny("/proc/asound", everyRight),
  deny("/sys/firmware", everyRight),
];

const masks = { read: rights.read, write: rights.write, exec: rights.exec } as const;
const isApi = (path: string): boolean => /^\/(?:proc|sys|dev)(?:\/|$)/.test(path);

/**
 * The policy's files as far as volumes hold them: without a noexec mount what can be read can be executed, and what lies in a
 * claim can't be taken out of it, which the policy accepts.
 */
export function podPolicyFiles({ files }: ServerIr): PathMachine {
  return ruleMachine([
    ...files.grants.flatMap(({ path, access }) => {
      const mask = access.reduce((all, name) => all | masks[name], 0);
      return isApi(path) ? [] : [grant(path, mask & rights.read ? mask | rights.exec : mask)];
    }),
    ...floor,
  ]);
}

/** An operation that a pod permits and the policy does not. */
export interface PodExcess {
  readonly slice: string;
  readonly text: string;
  readonly file?: FileWitness;
  readonly variable?: string;
  readonly call?: Call;
  readonly peer?: string;
  readonly capability?: string;
  readonly limit?: string;
  readonly process?: string;
}

function fileExcess({ authority }: LiftedPod, { server }: EmittedPod): readonly PodExcess[] {
  const policy = podPolicyFiles(server);
  return (["files", "sockets"] as const).flatMap((slice): readonly PodExcess[] => {
    const machine = authority[slice];
    const everything = { path: "/", right: "read" } as const;
    const file = machine ? fileOutside(machine, policy) : everything;
    return file ? [{ slice, text: `${file.right} ${file.path}`, file }] : [];
  });
}

function callExcess({ authority }: LiftedPod, { server }: EmittedPod): readonly PodExcess[] {
  const bdd = createCallDiagram();
  const granted = union(bdd, policyCalls(bdd, server.systemCalls, "firm"), exempt(bdd));
  const permitted = intersection(bdd, authority.calls?.(bdd) ?? always, possibleCalls(bdd, entries));
  const call = leastCall(bdd, without(bdd, permitted, granted));
  return call ? [{ slice: "calls", text: describeCall(call), call }] : [];
}

/** What every pod has, whatever it says. */
const brought =
  /^(?:PATH|HOSTNAME|HOME|KUBERNETES_(?:SERVICE_(?:HOST|PORT|PORT_HTTPS)|PORT|PORT_443_TCP(?:_PROTO|_PORT|_ADDR)?))$/;

function environmentExcess({ authority }: LiftedPod, { server }: EmittedPod): readonly PodExcess[] {
  const { environment } = authority;
  const any = { slice: "env", text: "any variable", variable: "LD_PRELOAD" };
  if (environment === undefined || environment === "any") return [any];
  const granted = new Map(server.environment.map((variable) => [variable.name, variable]));
  const odd = [...environment].find(([name, value]) => {
    const own = granted.get(name);
    if (!own) return !brought.test(name) || value !== undefined;
    return own.value !== undefined && own.value !== value;
  });
  return odd ? [{ slice: "env", text: `${odd[0]}=${odd[1] ?? "…"}`, variable: odd[0] }] : [];
}

function wantedUser({ user }: ServerIr): number | undefined {
  if (user.kind === "ids") return user.uid;
  if (user.kind === "name") return user.uid;
  return user.kind === "any" && user.owner ? user.owner.uid : undefined;
}

function identityExcess({ authority }: LiftedPod, { server }: EmittedPod): readonly PodExcess[] {
  const { identity } = authority;
  if (!identity) return [{ slice: "identity", text: "anybody" }];
  const { user, capabilities, noNewPrivileges } = identity;
  const wanted = wantedUser(server);
  // Any user that is nobody else's will do where none is named.
  const isWanted = user.kind === "ids" && (wanted === undefined ? user.uid >= 1000 : user.uid === wanted);
  const [capability] = capabilities === "all" ? ["CAP_SYS_ADMIN"] : capabilities;
  return [
    ...(isWanted ? [] : [{ slice: "identity", text: `runs as ${JSON.stringify(user)}` }]),
    ...(noNewPrivileges ? [] : [{ slice: "privileges", text: "may gain privileges by executing" }]),
    ...(capability === undefined ? [] : [{ slice: "capabilities", text: capability, capability }]),
  ];
}

function limitExcess({ authority }: LiftedPod, { server }: EmittedPod): readonly PodExcess[] {
  const { limits = {} } = authority;
  const listens = server.network.listen.length > 0;
  const { time } = server.limits;
  const wanted: Readonly<Record<string, number | undefined>> = {
    memory: server.limits.memory?.value,
    cpu: server.limits.cpu && Math.max(1, server.limits.cpu.value),
    // A deployment starts its pods again, and the shortest deadline is a second, which the policy accepts.
    time: time && !listens ? Math.max(1000, time.value) : undefined,
    tmp: server.tmp?.bytes ?? 0,
  };
  return Object.entries(wanted).flatMap(([limit, most]) => {
    const found = limits[limit as keyof typeof limits];
    if (most === undefined || (found !== undefined && found <= most)) return [];
    return [{ slice: "limits", text: `${limit} ${found ?? "without a limit"}`, limit }];
  });
}

function networkExcess({ authority }: LiftedPod, emitted: EmittedPod): readonly PodExcess[] {
  const bdd = createNetworkDiagram();
  const { network } = emitted.server;
  const any = network.any && emitted.acceptsNetwork ? peersIn(bdd, { direction: "connect" }) : 0;
  const granted = union(bdd, any, policyNetwork(bdd, { ...network, any: false }));
  const permitted = intersection(bdd, authority.network?.(bdd) ?? always, possiblePeers(bdd));
  const peer = leastPeer(bdd, without(bdd, permitted, granted));
  return peer === undefined ? [] : [{ slice: "network", text: peer, peer }];
}

function processExcess({ authority }: LiftedPod): readonly PodExcess[] {
  const [process] = authority.processes ?? ["signal"];
  return process === undefined ? [] : [{ slice: "processes", text: process, process }];
}

function isolationExcess({ authority }: LiftedPod, { server }: EmittedPod): readonly PodExcess[] {
  const levels = ["process", "container", "kernel", "microvm"];
  const isAbove = levels.indexOf(authority.isolation ?? "process") >= levels.indexOf(server.isolation.level);
  return isAbove ? [] : [{ slice: "isolation", text: authority.isolation ?? "none" }];
}

/** All that a container permits beyond a policy. */
export function podExcess(pod: LiftedPod, emitted: EmittedPod): readonly PodExcess[] {
  return [
    fileExcess,
    callExcess,
    environmentExcess,
    identityExcess,
    limitExcess,
    networkExcess,
    processExcess,
    isolationExcess,
  ].flatMap((of) => of(pod, emitted));
}

/** A policy's text with an image and a program, so that there is a pod and not only a patch. */
export function withImage(text: string): string {
  const run = /^ *run /m.test(text) ? "" : "  run node ./program/index.js;\n";
  return text.replace(/>\n$/, `${run}  image "example.com/s@sha256:${"0".repeat(64)}";\n>\n`);
}
