/** What a policy permits, as the slices of units are compared with it, and the texts of the units that are emitted for it. */
import { always, type Bdd, intersection, type Root, union, without } from "../../src/authority/bdd.ts";
import {
  type Call,
  createCallDiagram,
  describeCall,
  exempt,
  leastCall,
  named,
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
import type { LiftedUnit, UnitEnvironment, UnitText } from "../../src/lift/unit.ts";
import type { ServerIr } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import { worldProject } from "./random-policies.ts";

const systemd = targets.filter((target) => target.name === "systemd");

/** A server, and the files that the target makes for it. */
export interface Emitted {
  readonly server: ServerIr;
  readonly files: ReadonlyMap<string, string>;
}

/** Compiles a policy of the small world; undefined where the target refuses it. */
export function emittedFor(text: string): Emitted | undefined {
  const { artifacts, analysed } = compile(worldProject(text), systemd);
  const [server] = [...analysed.values()][0]?.ir.servers ?? [];
  if (!server || artifacts.length === 0) return undefined;
  const prefix = `${server.name}/systemd/`;
  return { server, files: new Map(artifacts.map((a) => [a.path.slice(prefix.length), a.content])) };
}

/** The files that confine the server itself, not its sockets and proxies. */
export function confining({ files }: Emitted): readonly UnitText[] {
  const isMain = (path: string): boolean =>
    /^mcp-s(?:@)?\.service$/.test(path) || /^s\.service\.d\//.test(path);
  return [...files].filter(([path]) => isMain(path)).map(([path, text]) => ({ path, text }));
}

/** The environment that the units are for: what the bundle makes, it relies on. */
export const ownEnvironment: UnitEnvironment = {
  release: 252,
  emptyDirectories: new Set(["/run/mcpc/s"]),
};

const grant = (pattern: string, mask: Rights): PathRule => ({
  pattern,
  effect: { kind: "grant", rights: mask },
});

/** What every unit with MountAPIVFS= and PrivateDevices= has: the kernel's own file systems, and harmless devices. */
const floor: readonly PathRule[] = [
  grant("/proc", everyRight),
  grant("/sys", rights.read | rights.exec),
  ...["null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts"].map((name) =>
    grant(`/dev/${name}`, everyRight),
  ),
];

const masks = { read: rights.read, write: rights.write, exec: rights.exec } as const;
const denied = { all: everyRight, write: rights.write, exec: rights.exec } as const;

/** The policy's files: grants, credentials, and denies as they were matched, which is what a mount can hold. */
export function policyFiles({ files, unix }: ServerIr): PathMachine {
  return ruleMachine([
    ...files.credentials.flatMap(({ matches }) =>
      matches.map(({ path }): PathRule => ({ pattern: path, effect: { kind: "shield" } })),
    ),
    ...files.grants.flatMap(({ path, requested, access }) => {
      const mask = access.reduce((all, name) => all | masks[name], 0);
      return [grant(path, mask), ...(requested === undefined ? [] : [grant(requested, mask)])];
    }),
    ...files.denies.flatMap(({ matches, access }) =>
      matches.map(
        ({ path }): PathRule => ({ pattern: path, effect: { kind: "deny", rights: denied[access] } }),
      ),
    ),
    ...unix.map(({ path }) => grant(path, rights.read | rights.exec)),
    ...floor,
  ]);
}

/** An operation that a unit permits and the policy does not, in words; for a file what it is. */
export interface Excess {
  readonly slice: string;
  readonly text: string;
  readonly file?: FileWitness;
  readonly variable?: string;
  readonly call?: Call;
}

function fileExcess({ authority }: LiftedUnit, server: ServerIr): readonly Excess[] {
  const { files, sockets } = authority;
  if (!files || !sockets) return [{ slice: "files", text: "everything" }];
  const file = fileOutside(files, policyFiles(server));
  const connect = fileOutside(sockets, policyFiles(server));
  return [
    ...(file ? [{ slice: "files", text: `${file.right} ${file.path}`, file }] : []),
    ...(connect ? [{ slice: "sockets", text: `${connect.right} ${connect.path}`, file: connect }] : []),
  ];
}

/** The calls that a policy grants by their names: units compare no arguments, which the policy accepts. */
function namedCalls(bdd: Bdd, server: ServerIr): Root {
  const allow = server.systemCalls.allow.map(({ when: _, ...grant }) => grant);
  // systemd itself executes the program.
  const granted = union(
    bdd,
    policyCalls(bdd, { ...server.systemCalls, allow }, "firm"),
    named(bdd, "execve"),
  );
  return union(bdd, granted, exempt(bdd));
}

function callExcess({ authority }: LiftedUnit, server: ServerIr): readonly Excess[] {
  const bdd = createCallDiagram();
  const domain = possibleCalls(bdd, ["x86_64", "i386", "aarch64", "riscv64"]);
  const permitted = intersection(bdd, authority.calls?.(bdd) ?? always, domain);
  const call = leastCall(bdd, without(bdd, permitted, namedCalls(bdd, server)));
  return call ? [{ slice: "calls", text: describeCall(call), call }] : [];
}

function environmentExcess({ authority }: LiftedUnit, server: ServerIr): readonly Excess[] {
  const { environment } = authority;
  if (environment === undefined || environment === "any") return [{ slice: "env", text: "any variable" }];
  const granted = new Map(server.environment.map((v) => [v.name, v]));
  const odd = [...environment].find(([name, value]) => {
    const own = granted.get(name);
    if (!own) return true;
    return own.temporary ? value !== "/mcp-tmp" : own.value !== undefined && own.value !== value;
  });
  return odd ? [{ slice: "env", text: `${odd[0]}=${odd[1] ?? "…"}`, variable: odd[0] }] : [];
}

function identityExcess({ authority }: LiftedUnit, server: ServerIr): readonly Excess[] {
  const { identity } = authority;
  if (!identity) return [{ slice: "identity", text: "anybody" }];
  const { user, capabilities, noNewPrivileges } = identity;
  const wanted = server.user.kind === "any" ? server.user.owner : server.user;
  const isWanted =
    wanted && "uid" in wanted && server.user.kind !== "name"
      ? user.kind === "ids" && user.uid === wanted.uid
      : user.kind === (server.user.kind === "name" ? "named" : "fresh");
  if (!isWanted) return [{ slice: "identity", text: `runs as ${JSON.stringify(user)}` }];
  if (!noNewPrivileges) return [{ slice: "identity", text: "may gain privileges by executing" }];
  if (capabilities === "all") return [{ slice: "identity", text: "any capability" }];
  const [capability] = capabilities;
  return capability === undefined ? [] : [{ slice: "identity", text: capability }];
}

function limitExcess({ authority }: LiftedUnit, server: ServerIr): readonly Excess[] {
  const { limits = {} } = authority;
  const wanted: Readonly<Record<string, number | undefined>> = {
    memory: server.limits.memory?.value,
    processes: server.limits.processes?.value,
    files: server.limits.files?.value,
    cpu: server.limits.cpu?.value,
    time: server.limits.time?.value,
    tmp: server.tmp?.bytes ?? 0,
  };
  return Object.entries(wanted).flatMap(([name, most]) => {
    const found = limits[name as keyof typeof limits];
    if (most === undefined || (found !== undefined && found <= most)) return [];
    return [{ slice: "limits", text: `${name} ${found ?? "without a limit"}` }];
  });
}

/** Whether the policy's connections were given the host's network, which it accepts. */
const leadsOut = ({ network }: ServerIr): boolean => network.any || network.connect.length > 0;

function networkExcess({ authority }: LiftedUnit, server: ServerIr): readonly Excess[] {
  if (leadsOut(server)) return [];
  const bdd = createNetworkDiagram();
  const root = without(bdd, authority.network?.(bdd) ?? always, policyNetwork(bdd, server.network));
  const peer = leastPeer(bdd, intersection(bdd, root, possiblePeers(bdd)));
  return peer === undefined ? [] : [{ slice: "network", text: peer }];
}

function processExcess({ authority }: LiftedUnit, server: ServerIr): readonly Excess[] {
  // Processes of the same user are in reach before release 257, which the policy accepts.
  const accepted = server.user.kind === "dynamic" || (server.user.kind === "any" && !server.user.owner);
  // So are abstract sockets in the host's network.
  const named = server.unix.length > 0 && leadsOut(server) ? ["ipc"] : [];
  const kept = [...(accepted ? [] : ["signal", "trace"]), ...named];
  const odd = [...(authority.processes ?? ["everything"])].find((name) => !kept.includes(name));
  return odd === undefined ? [] : [{ slice: "processes", text: odd }];
}

/** All that a unit permits beyond a policy. */
export function excessOf(unit: LiftedUnit, server: ServerIr): readonly Excess[] {
  return [
    fileExcess,
    callExcess,
    environmentExcess,
    identityExcess,
    limitExcess,
    networkExcess,
    processExcess,
  ].flatMap((of) => of(unit, server));
}

/** A policy's text with a program, so that there is a unit and not only a drop-in. */
export function withProgram(text: string): string {
  return /^ *run /m.test(text) ? text : text.replace(/>\n$/, "  run node ./program/index.js;\n>\n");
}
