/**
 * A container as docker's daemon is asked for it: what a compose file and a command line both come to. Values are still as
 * they were written where docker itself reads them.
 *
 * Source: Docker Engine API, "Create a container", HostConfig.
 */
import type { Authority } from "../../authority/authority.ts";
import type { Finding } from "../finding.ts";

/** A part of what is permitted. */
export type Slice = keyof Authority;

/** Every part. */
export const everySlice: readonly Slice[] = [
  "files",
  "calls",
  "network",
  "sockets",
  "processes",
  "environment",
  "identity",
  "limits",
  "isolation",
];

/** A value, and the line (for a command line the word, from 1) that says it. */
export interface Said<T> {
  readonly value: T;
  readonly line: number;
}

/** A mount that somebody asked for. */
export interface ContainerMount extends Said<string> {
  /** `value` is its target. `private` is storage of the container's own, of so many bytes; without, as much as there is. */
  readonly kind: "host" | "private";
  /** For `host`: a path of the host. */
  readonly source?: string;
  readonly write: boolean;
  readonly exec: boolean;
  readonly bytes?: number;
  /** Whether the host's own mounts below the source come along; `writable` when they stay so where this one isn't. */
  readonly submounts: boolean | "writable";
}

/** What an image is known to bring. */
export interface KnownImage {
  readonly user?: string;
  /** Variables; undefined for a value that is not known. */
  readonly environment: ReadonlyMap<string, string | undefined>;
  readonly volumes: readonly string[];
  /** What was copied from the host into it. */
  readonly copied?: Authority["files"];
  /** Whether each copy lies at the path of what it is a copy of, so that a mount there lies over it. */
  readonly isInPlace?: boolean;
  /** False where the image may hold anything of the host. */
  readonly isWhole: boolean;
}

/** A container's settings. */
export interface ContainerSettings {
  readonly mounts: readonly ContainerMount[];
  readonly user?: Said<string>;
  readonly capAdd: readonly Said<string>[];
  readonly capDrop: readonly Said<string>[];
  readonly securityOptions: readonly Said<string>[];
  readonly devices: readonly Said<string>[];
  readonly privileged: boolean;
  readonly readOnly: boolean;
  readonly network?: Said<string>;
  readonly pid?: Said<string>;
  readonly ipc?: Said<string>;
  readonly uts?: Said<string>;
  readonly cgroup?: Said<string>;
  readonly logDriver?: Said<string>;
  /** Bytes; swap is memory and swap together. Absent is as if it were never said. */
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly processes?: number;
  /** Percent of one core. */
  readonly cpu?: number;
  /** Most open files that a process may ask for. */
  readonly files?: number;
  readonly shmBytes?: number;
  readonly environment: ReadonlyMap<string, string | undefined>;
  readonly terminal: boolean;
  readonly image?: KnownImage;
  /** Parts that something may change whose meaning is not known here. */
  readonly open: ReadonlySet<Slice>;
}

/** Settings while they are read. */
export type Draft = {
  -readonly [K in keyof ContainerSettings]: ContainerSettings[K] extends readonly (infer T)[]
    ? T[]
    : ContainerSettings[K];
} & {
  environment: Map<string, string | undefined>;
  open: Set<Slice>;
  readonly file: string;
  readonly findings: Finding[];
  readonly assumptions: Set<string>;
};

/** A container of which nothing was said. */
export function emptyDraft(file: string): Draft {
  return {
    file,
    findings: [],
    assumptions: new Set(),
    mounts: [],
    capAdd: [],
    capDrop: [],
    securityOptions: [],
    devices: [],
    privileged: false,
    readOnly: false,
    environment: new Map(),
    terminal: false,
    open: new Set(),
  };
}

/** Says that something is not what it looks like, and which parts it may change: they count as not mediated. */
export function find(draft: Draft, line: number, message: string, ...slices: readonly Slice[]): void {
  draft.findings.push({ file: draft.file, line, message });
  for (const slice of slices) draft.open.add(slice);
}

/** A text that docker or compose refuses, or that says what is not known here. */
export class ContainerError extends Error {
  override readonly name = "ContainerError";
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}
