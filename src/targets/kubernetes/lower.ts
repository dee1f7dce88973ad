/** From the IR to a pod. */
import { isBelow } from "../../host/patterns.ts";
import type { Endpoint, ListenEndpoint, ServerIr } from "../../policy/ir.ts";
import { notAnArgument, notAPath } from "../escape/text.ts";
import { seccompProfile } from "../seccomp/profile.ts";
import { dataGrants, imagePrograms } from "../shared/files.ts";
import { shortHash } from "../shared/hash.ts";
import { mountsOf } from "../shared/mounts.ts";
import type { Lowered, TargetContext, Unrepresentable } from "../target.ts";
import type { ClaimMount, KubernetesModel } from "./model.ts";

/** Grants that become claims: the policy's own data, not programs of the image. */
export function claimedGrants(server: ServerIr) {
  const programs = imagePrograms(server);
  return dataGrants(server).filter(
    (grant) => !programs.includes(grant) && grant.path !== server.program?.executable,
  );
}

function claimName(server: ServerIr, path: string, taken: ReadonlySet<string>): string {
  const base = path
    .slice(path.lastIndexOf("/") + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const name = `${server.name}-${base || "root"}`.slice(0, 50).replace(/-+$/, "");
  return taken.has(name) ? `${name}-${shortHash(path).slice(0, 8)}` : name;
}

/** A claim for each outermost path; what lies inside one is seen through a subPath of it. */
function claimMounts(server: ServerIr): readonly ClaimMount[] {
  const mounts = mountsOf({ ...server.files, denies: [], credentials: [] }, claimedGrants(server));
  const names = new Map<string, string>();
  const out: ClaimMount[] = [];
  for (const { path, mode } of mounts) {
    const outer = [...names.keys()].find((other) => isBelow(path, other));
    const claim =
      outer === undefined ? claimName(server, path, new Set(names.values())) : (names.get(outer) ?? "");
    if (outer === undefined) names.set(path, claim);
    out.push({
      claim,
      path,
      ...(outer !== undefined && { subPath: path.slice(outer.length + 1) }),
      readOnly: mode !== "rw",
    });
  }
  return out;
}

function podUser(server: ServerIr): { readonly uid: number; readonly gid: number } {
  const { user } = server;
  if (user.kind === "ids") return { uid: user.uid, gid: user.gid };
  if (user.kind === "name" && user.uid !== undefined && user.gid !== undefined)
    return { uid: user.uid, gid: user.gid };
  if (user.kind === "any" && user.owner)
    return { uid: user.owner.uid, gid: user.owner.gid === 0 ? user.owner.uid : user.owner.gid };
  return { uid: 65532, gid: 65532 };
}

/** Peers by address; a name has no meaning to a network policy. */
export function addressPeers(server: ServerIr): readonly Endpoint[] {
  return server.network.connect.filter(({ host }) => host.kind === "network");
}

const isLoopback = ({ address }: ListenEndpoint): boolean => address === "::1" || address.startsWith("127.");

/** Ports that others than the pod itself may reach. */
export function reachablePorts(server: ServerIr): readonly ListenEndpoint[] {
  return server.network.listen.filter((endpoint) => !isLoopback(endpoint));
}

function checkStrings(server: ServerIr, mounts: readonly ClaimMount[]): Unrepresentable[] {
  const out: Unrepresentable[] = [];
  for (const { path } of mounts) {
    const reason = notAPath(path) ?? (path.includes(":") ? "a mount path can't hold a colon" : undefined);
    const grant = server.files.grants.find((g) => g.path === path);
    if (reason !== undefined)
      out.push({ what: "the path", text: path, reason, ...(grant && { origin: grant.origin }) });
  }
  for (const text of server.program?.argv ?? []) {
    const reason = notAnArgument(text);
    if (reason !== undefined)
      out.push({
        what: "the word of `run`",
        text,
        reason,
        ...(server.program && { origin: server.program.origin }),
      });
  }
  for (const { name, value, origin } of server.environment) {
    const reason = value === undefined ? undefined : notAnArgument(value);
    if (reason !== undefined) out.push({ what: "the value of", text: name, reason, origin });
  }
  return out;
}

/** Lowers a server. */
export function lowerKubernetes(server: ServerIr, context: TargetContext): Lowered<KubernetesModel> {
  const claims = claimMounts(server);
  const problems = checkStrings(server, claims);
  if (problems.length > 0) return { ok: false, unrepresentable: problems };
  const { image, program, limits, isolation } = server;
  const listens = server.network.listen.length > 0;
  return {
    ok: true,
    model: {
      server: server.name,
      kind: !image ? "Patch" : listens ? "Deployment" : "Pod",
      ...(image && { image: image.digest === undefined ? image.name : `${image.name}@${image.digest}` }),
      ...(image && program && { command: program.argv, workingDirectory: program.workingDirectory }),
      ...podUser(server),
      claims,
      ...(server.tmp && { tmpBytes: server.tmp.bytes }),
      environment: server.environment.map(({ name, value }) => ({
        name,
        ...(value !== undefined && { value }),
      })),
      limits: {
        ...(limits.memory && { memory: limits.memory.value }),
        ...(limits.cpu && { cpu: limits.cpu.value }),
        ...(limits.time && !listens && { seconds: Math.max(1, Math.floor(limits.time.value / 1000)) }),
      },
      egress: server.network.any && context.accepts("net.connect") ? "any" : addressPeers(server),
      ingress: reachablePorts(server),
      ...(isolation.level === "kernel" && { runtimeClass: "gvisor" }),
      seccomp: seccompProfile(server.systemCalls, context.environment),
      profilePath: `mcpc/${server.name}-${context.policy.policy.hash.slice(0, 12)}.json`,
    },
  };
}
