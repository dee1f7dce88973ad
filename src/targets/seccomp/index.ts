import type { ServerIr } from "../../policy/ir.ts";
import { floorCalls } from "../floor.ts";
import { narrowedCalls, runcFloor } from "../shared/calls.ts";
import { answer, defineTarget, exact, type Gap, type TargetContext } from "../target.ts";
import { printProfile, type SeccompProfile, seccompProfile } from "./profile.ts";

const left = (what: string) =>
  answer("-", "left to a companion", (): readonly Gap[] => [{ kind: "companion", message: what }]);

const leftWhen = (what: string, applies: (server: ServerIr, context: TargetContext) => boolean) =>
  answer("-", "left to a companion", (server, context): readonly Gap[] =>
    applies(server, context) ? [{ kind: "companion", message: what }] : [],
  );

/** A layer: the filter of system calls, for runtimes that read OCI or Docker JSON. */
export const seccomp = defineTarget<SeccompProfile>({
  name: "seccomp",
  kind: "layer",
  platform: "linux",
  summary: "OCI and Docker seccomp JSON: a filter of system calls by number and argument",
  floor: (context) =>
    floorCalls(runcFloor(context), "runc, before it starts the program; the policy's list must hold it"),
  answers: {
    files: left("the view of the file system"),
    exec: left("which files may be executed"),
    deny: leftWhen("a deny inside a grant", (server) => server.files.denies.length > 0),
    tmp: leftWhen("the temporary directory", (server) => server.tmp !== undefined),
    "net.none": exact("no INET socket at all"),
    "net.loopback": leftWhen("that only the loopback is reached", (server) => server.network.loopback),
    "net.connect": leftWhen(
      "the list of hosts",
      (server) => server.network.any || server.network.connect.length > 0,
    ),
    "net.listen": leftWhen("the list of ports", (server) => server.network.listen.length > 0),
    unix: leftWhen("which sockets are connected to", (server) => server.unix.length > 0),
    "processes.other": left("that no process outside is seen"),
    syscalls: exact("unknown new calls answer ENOSYS"),
    "syscalls.arguments": answer("<", "one comparison for each argument and rule", narrowedCalls),
    env: left("the environment"),
    identity: left("the user, its capabilities and no-new-privileges"),
    memory: leftWhen("the limit of memory", (server) => server.limits.memory !== undefined),
    processes: leftWhen("the limit of processes", (server) => server.limits.processes !== undefined),
    cpu: leftWhen("the limit of CPU time", (server) => server.limits.cpu !== undefined),
    io: leftWhen("the limit of I/O", (server) => server.limits.io !== undefined),
    descriptors: leftWhen("the limit of open files", (server) => server.limits.files !== undefined),
    time: leftWhen("the limit of run time", (server) => server.limits.time !== undefined),
    isolation: leftWhen("the level of isolation", (server) => server.isolation.level !== "process"),
  },
  lower: (server, context) => ({ ok: true, model: seccompProfile(server.systemCalls, context.environment) }),
  print: (model, context) => [{ path: "seccomp.json", content: printProfile(model, context.environment) }],
});
