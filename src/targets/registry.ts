/** The targets, a line each. */
import { docker } from "./docker/index.ts";
import { kubernetes } from "./kubernetes/index.ts";
import { sb } from "./sb/index.ts";
import { seccomp } from "./seccomp/index.ts";
import { systemd } from "./systemd/index.ts";
import type { Target } from "./target.ts";

export const targets: readonly Target[] = [docker, kubernetes, sb, seccomp, systemd];
