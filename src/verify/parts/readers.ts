/** Who reads the artifacts of each target back. */
import type { TargetReader } from "./part.ts";
import { sbReader } from "./sb.ts";
import { seccompReader } from "./seccomp.ts";
import { systemdReader } from "./systemd.ts";

const filterOf = (path: string): boolean => path.endsWith("seccomp.json");

/** Of containers the filter of system calls. */
const containerFilter: TargetReader = {
  ...seccompReader,
  parts: (bundle) =>
    seccompReader.parts({ ...bundle, files: new Map([...bundle.files].filter(([path]) => filterOf(path))) }),
};

/** The targets whose artifacts are read back: every one. */
export type TargetName = "docker" | "kubernetes" | "sb" | "seccomp" | "systemd";

/** By the target's name. */
export const readers: Readonly<Record<TargetName, TargetReader>> = {
  docker: containerFilter,
  kubernetes: containerFilter,
  sb: sbReader,
  seccomp: seccompReader,
  systemd: systemdReader,
};

/** Who reads the artifacts of a target; undefined for a target that there is not. */
export function readerOf(target: string): TargetReader | undefined {
  return Object.hasOwn(readers, target) ? readers[target as TargetName] : undefined;
}
