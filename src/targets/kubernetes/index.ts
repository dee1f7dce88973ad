import { coversPath, reachesInto } from "../../host/patterns.ts";
import { atLeast } from "../../policy/environment.ts";
import type { AcceptItem, ServerIr } from "../../policy/ir.ts";
import { podFloor } from "../floor.ts";
import { missingFloor, narrowedCalls } from "../shared/calls.ts";
import { inetFamilies } from "../shared/families.ts";
import {
  apiGaps,
  imageProgramGaps,
  isApi,
  mayHoldSockets,
  namesExec,
  protectedGaps,
} from "../shared/files.ts";
import { answer, defineTarget, exact, type Gap, type TargetContext } from "../target.ts";
import { claimedGrants, lowerKubernetes, reachablePorts } from "./lower.ts";
import type { KubernetesModel } from "./model.ts";
import { hasRecursiveReadOnly, printKubernetes } from "./print.ts";

function execGaps(server: ServerIr): readonly Gap[] {
  const [first] = claimedGrants(server).filter((grant) => !grant.access.includes("exec"));
  const volumes: readonly (readonly [string, number])[] = [
    ...(first
      ? [["a volume can't be mounted noexec: what it holds could be executed", first.origin] as const]
      : []),
    ...(server.tmp
      ? [
          [
            "the temporary directory can't be mounted noexec: what is put there could be executed",
            server.tmp.origin,
          ] as const,
        ]
      : []),
  ];
  const open = volumes.map(
    ([message, origin]): Gap =>
      namesExec(server)
        ? { kind: "residual", item: "files.exec", message, origin }
        : { kind: "soft", message, origin },
  );
  return [...open, ...imageProgramGaps(server)];
}

/** Before 1.22 a volume in memory has half of the node's, whatever its limit says (KEP-1967). */
function tmpGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  if (!server.tmp || atLeast(context.environment.kubernetes, 1, 22)) return [];
  const message =
    "before 1.22 a volume in memory is evicted when it grows above its limit, and not held to it";
  return [{ kind: "residual", item: "tmp.size", message, origin: server.tmp.origin }];
}

/** A network policy is words until a plugin enforces it, and others add to it. Without any it is the filter that holds. */
function policyGaps(server: ServerIr): readonly Gap[] {
  if (inetFamilies(server).length === 0) return [];
  const message =
    "that the cluster's network plugin enforces network policies, and that no other one selects the pod, which would add to this one";
  return [{ kind: "companion", message }];
}

/** What a claim holds is not known, so nothing inside one can be masked. */
function denyGaps(server: ServerIr): readonly Gap[] {
  const claimed = claimedGrants(server);
  const touches = (pattern: string): boolean =>
    claimed.some((grant) => coversPath(pattern, grant.path) || reachesInto(pattern, grant.path));
  const gaps: Gap[] = [...apiGaps(server)];
  for (const deny of server.files.denies) {
    if (deny.reason === "protected" || !touches(deny.pattern) || isApi(deny.pattern)) continue;
    const message = `\`${deny.pattern}\` can't be taken out of a volume claim`;
    gaps.push({
      kind: "residual",
      item: "files.deny",
      message,
      help: "leave it out of the claim",
      origin: deny.origin,
    });
  }
  const held = server.files.credentials.filter(({ pattern }) => touches(pattern));
  const [first, ...others] = held;
  if (first) {
    const rest = others.length === 0 ? "" : ` and ${others.length} more places of credentials`;
    const message = `\`${first.pattern}\`${rest} can't be taken out of a volume claim`;
    const grant = claimed.find(({ path }) => reachesInto(first.pattern, path));
    const help = "leave them out of the claim";
    const origin = grant?.origin ?? first.origin;
    gaps.push({ kind: "residual", item: "files.deny", message, help, origin });
  }
  const writable = (path: string): string =>
    `what other programs obey in \`${path}\` (\`.git/hooks\`, \`.vscode\` and the like) is as writable as the claim`;
  return [...gaps, ...protectedGaps(server, claimed, writable)];
}

function fileGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const claimed = claimedGrants(server);
  const readOnly = claimed.some((grant) => !grant.access.includes("write"));
  const below: Gap = {
    kind: "companion",
    message: "that nothing is mounted inside the claims: before 1.31 it stays writable in a read-only mount",
  };
  return [
    ...claimed.map(
      (grant): Gap => ({
        kind: "companion",
        message: `\`${grant.path}\` is a volume claim, which must hold what the policy says`,
        origin: grant.origin,
      }),
    ),
    ...(readOnly && !hasRecursiveReadOnly(context.environment) ? [below] : []),
    {
      kind: "companion",
      message: "that `/dev/termination-log` may be written, which the kubelet mounts into every container",
    },
  ];
}

function connectGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const { any, connect, origins } = server.network;
  const at = origins[0] === undefined ? {} : { origin: origins[0] };
  const named = connect.filter(({ host }) => host.kind !== "network");
  const out: Gap[] = [];
  if (named[0]) {
    const message = "a network policy knows addresses and no names, so the named hosts are not reached";
    out.push({
      kind: "slack",
      message,
      help: "write addresses, as in `10.0.0.0/8:5432`",
      origin: named[0].origin,
    });
  }
  if (any && !context.accepts("net.connect")) {
    out.push({
      kind: "slack",
      message: "`net any` opens nothing here until it is accepted",
      help: "`accept kubernetes: net.connect;`",
      ...at,
    });
  }
  return out;
}

function listenGaps(server: ServerIr): readonly Gap[] {
  const reachable = reachablePorts(server);
  const own = server.network.listen.find((endpoint) => !reachable.includes(endpoint));
  const fixed = reachable.find(({ address }) => address !== "0.0.0.0" && address !== "::");
  const help = "write `listen 0.0.0.0:PORT`";
  const everywhere = "a pod has the addresses that the cluster gives it: a port is open on each of them";
  return [
    ...(own
      ? [
          {
            kind: "slack",
            message: "a port on the loopback is reached by its own pod only",
            help,
            origin: own.origin,
          } as const,
        ]
      : []),
    ...(fixed
      ? [{ kind: "residual", item: "net.listen", message: everywhere, help, origin: fixed.origin } as const]
      : []),
  ];
}

function unixGaps(server: ServerIr): readonly Gap[] {
  const [first] = server.unix;
  if (!first) return [];
  const { origin } = first;
  const message = "a socket of the node can't be seen by a pod under the restricted standard";
  const inClaims =
    "sockets that lie in a volume claim could be connected to, since this server may use sockets";
  return [
    { kind: "slack", message, origin },
    ...(claimedGrants(server).some(mayHoldSockets)
      ? [{ kind: "residual", item: "unix", message: inClaims, origin } as const]
      : []),
  ];
}

const limit = (item: AcceptItem, name: "processes" | "files" | "io", message: string) =>
  answer("-", message, (server): readonly Gap[] => {
    const found = server.limits[name];
    return found ? [{ kind: "residual", item, message, origin: found.origin }] : [];
  });

function timeGaps(server: ServerIr): readonly Gap[] {
  const { time } = server.limits;
  const restarts = server.network.listen.length > 0;
  if (!time || (!restarts && time.value >= 1000)) return [];
  const message = restarts
    ? "a deployment starts its pods again, so there is no limit of run time"
    : "a pod's deadline counts whole seconds, and the shortest is one";
  return [{ kind: "residual", item: "limits.time", message, origin: time.origin }];
}

function userGaps(server: ServerIr): readonly Gap[] {
  const { user } = server;
  if (user.kind === "dynamic") {
    const message = "a pod has no user that is new at each start";
    return [{ kind: "residual", item: "user", message, help: "write `user UID:GID`", origin: user.origin }];
  }
  if (user.kind !== "name" || user.uid !== undefined) return [];
  const message = `the user \`${user.name}\` is unknown on this host, so its number can't be written`;
  return [{ kind: "residual", item: "user", message, help: "write `user UID:GID`", origin: user.origin }];
}

function isolationGaps(server: ServerIr): readonly Gap[] {
  const { level, origin } = server.isolation;
  if (level !== "microvm") return [];
  const message = "no runtime class of this target is a virtual machine";
  return [{ kind: "residual", item: "isolation", message, ...(origin !== undefined && { origin }) }];
}

function callGaps(server: ServerIr, context: TargetContext): readonly Gap[] {
  const profile: Gap = {
    kind: "companion",
    message:
      "that the nodes' runtime refuses a pod whose seccomp profile is missing, as containerd and CRI-O do, and cri-dockerd from 1.28 did not",
  };
  const own: Gap = {
    kind: "soft",
    message:
      "gVisor's runsc does not apply the profile unless it is started with --oci-seccomp; its own kernel answers the calls",
  };
  return [...missingFloor(server, context), profile, ...(server.isolation.level === "kernel" ? [own] : [])];
}

/** A Pod or Deployment under the restricted Pod Security Standard, with a network policy; a patch without an image. */
export const kubernetes = defineTarget<KubernetesModel>({
  name: "kubernetes",
  kind: "sandbox",
  platform: "linux",
  summary:
    "a Pod or Deployment under the restricted Pod Security Standard, a NetworkPolicy and a seccomp profile",
  floor: ({ environment }) => podFloor(environment),
  answers: {
    files: answer("=", "volumes and a read-only root, if the claims hold what the policy says", fileGaps),
    exec: answer("-", "no noexec volumes", execGaps),
    deny: answer("-", "a claim can't be masked", denyGaps),
    tmp: answer("=", "emptyDir in memory", tmpGaps),
    "net.none": answer(
      "=",
      "NetworkPolicy, if the cluster's network plugin enforces it, and no INET socket",
      policyGaps,
    ),
    "net.loopback": exact("in a pod of its own"),
    "net.connect": answer(
      "<",
      "addresses and ports, if the network plugin enforces them; no names",
      connectGaps,
    ),
    "net.listen": answer("=", "same condition", listenGaps),
    unix: answer("<", "none", unixGaps),
    "processes.other": exact("in a pod of its own"),
    syscalls: answer("=", "a Localhost profile, above runc's floor", callGaps),
    "syscalls.arguments": answer("<", "one comparison for each argument and rule", narrowedCalls),
    env: exact("secrets by reference"),
    identity: answer("=", "numeric uid and gid, no capabilities", userGaps),
    memory: exact(),
    processes: limit(
      "limits.processes",
      "processes",
      "a pod has no limit of processes; the node's is for all pods",
    ),
    cpu: exact(),
    io: limit("limits.io", "io", "a pod has no limit of I/O"),
    descriptors: limit("limits.files", "files", "a pod has no limit of open files"),
    time: answer("=", "activeDeadlineSeconds; not for a Deployment", timeGaps),
    isolation: answer("=", "container, or gVisor by runtimeClassName", isolationGaps),
  },
  lower: lowerKubernetes,
  print: printKubernetes,
});
