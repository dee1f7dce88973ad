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

/** By the target's name. */
export const readers: Readonly<Record<string, TargetReader>> = {
  docker: containerFilter,
  kubernetes: containerFilter,
  sb: sbReader,
  seccomp: seccompReader,
  systemd: systemdReader,
};
