/** Where a target says of itself that it holds a policy's files otherwise: only what it says, and only where it says it. */
import { ruleMachine } from "../../../src/authority/path-rules.ts";
import { type PathMachine, rights } from "../../../src/authority/paths.ts";
import { isWithin } from "../../../src/host/patterns.ts";
import type { FileGrant, ServerIr } from "../../../src/policy/ir.ts";
import type { FoundGap } from "../../../src/targets/enforce.ts";
import { imagePrograms, isApi } from "../../../src/targets/shared/files.ts";
import { containerFloor, unitFloor } from "../../../src/verify/floor.ts";
import type { Right } from "./asked.ts";

/** What excuses are taken from. */
export interface Target {
  readonly name: "docker" | "systemd";
  readonly server: ServerIr;
  readonly gaps: readonly FoundGap[];
}

/** What a container's image must bring: what the runtime reads, programs, and their libraries. */
export function imageGrants(server: ServerIr): readonly FileGrant[] {
  const programs = imagePrograms(server);
  return server.files.grants.filter(
    (grant) =>
      !isApi(grant.path) &&
      (grant.by === "runtime" ||
        grant.by === "closure" ||
        grant.path === server.program?.executable ||
        programs.includes(grant)),
  );
}

const namesOf = ({ path, requested }: FileGrant): readonly string[] =>
  requested === undefined ? [path] : [path, requested];

/** Whether a path is the image's own, or below it: its interpreter is there by the name that the policy gives it. */
export function isOfImage(server: ServerIr, path: string): boolean {
  return (
    path === server.program?.argv[0] ||
    imageGrants(server).some((grant) => namesOf(grant).some((name) => isWithin(path, name)))
  );
}

function rightsAt(machine: PathMachine, path: string): number {
  const names = path === "/" ? [] : path.split("/").slice(1);
  return machine.rightsAt(names.reduce<unknown>((state, name) => machine.step(state, name), machine.start));
}

const floors = { docker: containerFloor, systemd: unitFloor } as const;
const machines = {
  docker: ruleMachine(containerFloor.files),
  systemd: ruleMachine(unitFloor.files),
} as const;

/** Docker's own files, which each container has. */
const ownOfDocker: ReadonlySet<string> = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]);

/** Why the target may permit what the policy denies. */
export function excusedPermit(
  { name, server, gaps }: Target,
  path: string,
  right: Right,
): string | undefined {
  if ((rightsAt(machines[name], path) & rights[right]) !== 0) return "the runtime's own";
  const own = server.files.grants.some(({ by, path: at }) => by === "run" && isWithin(path, at));
  if (own && (floors[name].ownFiles & rights[right]) !== 0)
    return "the program's own files, copied into the image";
  const isCommand = name === "docker" && path === server.program?.argv[0];
  if (isCommand && right !== "write") return "the image's own";
  if (right !== "exec") return undefined;
  if (name === "docker" && isOfImage(server, path)) return "the image's own";
  const gap = gaps.find(
    ({ dimension, kind, accepted, message }) =>
      dimension === "exec" &&
      (kind === "soft" || accepted) &&
      [...message.matchAll(/`(\/[^`]*)`/g)].some(([, at = ""]) => isWithin(path, at)),
  );
  return gap && `${gap.kind}${gap.accepted ? ", accepted" : ""}: what can't be made noexec`;
}

/** Why the target may deny what the policy grants. */
export function excusedDenial({ name }: Target, path: string, exists: boolean): string | undefined {
  if (!exists) return "nothing is there";
  // `ProcSubset=pid`: what of /proc is no process is not there.
  if (name === "systemd" && /^\/proc\/(?!self|thread-self)/.test(path)) return "the runtime's own";
  return undefined;
}

/** Whether what is at a path is the runtime's, and not the host's: another content is no mask there. */
export function isOfRuntime({ name }: Target, path: string): boolean {
  return isApi(path) || (name === "docker" && ownOfDocker.has(path));
}
