/** Who reads the artifacts of each target back. */
import { dockerReader } from "./docker.ts";
import { kubernetesReader } from "./kubernetes.ts";
import type { TargetReader } from "./part.ts";
import { sbReader } from "./sb.ts";
import { seccompReader } from "./seccomp.ts";
import { systemdReader } from "./systemd.ts";

/** The targets whose artifacts are read back: every one. */
export type TargetName = "docker" | "kubernetes" | "sb" | "seccomp" | "systemd";

/** By the target's name. */
export const readers: Readonly<Record<TargetName, TargetReader>> = {
  docker: dockerReader,
  kubernetes: kubernetesReader,
  sb: sbReader,
  seccomp: seccompReader,
  systemd: systemdReader,
};

/** Who reads the artifacts of a target; undefined for a target that there is not. */
export function readerOf(target: string): TargetReader | undefined {
  return Object.hasOwn(readers, target) ? readers[target as TargetName] : undefined;
}
