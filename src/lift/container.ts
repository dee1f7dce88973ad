/**
 * What a container permits, from the settings that docker is given. What is not known of them leaves its part open: everything.
 *
 * Source: Docker's references of `docker run` and of the Engine API; moby's sources, named in the files beside this one.
 */
import type { Authority, OutsideProcesses } from "../authority/authority.ts";
import { never } from "../authority/bdd.ts";
import { peersIn } from "../authority/network.ts";
import { filterOf } from "./container/calls.ts";
import type { ContainerEnvironment } from "./container/environment.ts";
import { nothing, orderedMounts, shownFiles } from "./container/files.ts";
import { identityOf, mayBeRoot, undoing } from "./container/identity.ts";
import { limitsOf, privateBytes } from "./container/limits.ts";
import { checkLogging } from "./container/logging.ts";
import { securityOf } from "./container/security.ts";
import { type Draft, find, type Slice } from "./container/settings.ts";
import { variablesOf } from "./container/variables.ts";
import type { Finding } from "./finding.ts";
import { leading, local } from "./sockets.ts";

export { type ContainerEnvironment, defaultContainerEnvironment } from "./container/environment.ts";
export { ContainerError, type ContainerSettings, type KnownImage } from "./container/settings.ts";

/** A container that was read. */
export interface LiftedContainer {
  readonly name: string;
  readonly authority: Authority;
  /** What is passed over, refused or not known: the container is not what it looks like. */
  readonly findings: readonly Finding[];
  /** What it starts, where that is known. */
  readonly command?: readonly string[];
  /** Absent when it is a parameter. */
  readonly image?: string;
  /** What is taken for granted of the host and the image. */
  readonly assumptions: readonly string[];
}

const own: ReadonlySet<string> = new Set(["", "private", "none", "shareable"]);

/** Namespaces that are not the container's own. */
function sharedNamespaces(draft: Draft): void {
  const { pid, ipc, uts, cgroup, network } = draft;
  for (const [said, slices, what] of [
    [pid, ["files", "sockets", "isolation"], "`/proc` leads to the files of every process there"],
    [ipc, ["isolation"], "shared memory and queues are those of others"],
    [uts, ["isolation"], "the name of the host is shared"],
    [cgroup, ["isolation"], "control groups of the host are visible"],
  ] as const)
    if (said && !own.has(said.value))
      find(draft, said.line, `\`${said.value}\`: ${what}`, ...(slices as readonly Slice[]));
  if (network?.value === "host")
    find(draft, network.line, "the host's network, with its abstract sockets", "isolation");
}

/** Privileges by which what a container has for walls can be taken down. */
function openWalls(draft: Draft, capabilities: ReadonlySet<string> | "all"): void {
  const found = capabilities === "all" ? "privileged" : undoing.find((name) => capabilities.has(name));
  if (found === undefined) return;
  const slices: readonly Slice[] = ["files", "sockets", "processes", "network", "isolation", "limits"];
  find(draft, 1, `\`${found}\`: the program can take its mounts and namespaces down`, ...slices);
}

function processesOf({ pid, ipc }: Draft): OutsideProcesses {
  const out = new Set<"signal" | "trace" | "inspect" | "ipc">();
  if (pid && !own.has(pid.value)) for (const name of ["signal", "trace", "inspect"] as const) out.add(name);
  if (ipc && ipc.value !== "" && ipc.value !== "private" && ipc.value !== "none") out.add("ipc");
  return out;
}

function assume(draft: Draft): void {
  const { image } = draft;
  if (!image) {
    draft.assumptions.add("the image declares no VOLUME, which docker would make writable");
    draft.assumptions.add("the image sets no variable but PATH");
    draft.assumptions.add("the image holds no copy of the host's files");
  }
  draft.assumptions.add("no symbolic link lies in the way of a mount");
}

function withoutOpen(authority: Authority, open: ReadonlySet<Slice>): Authority {
  const kept = Object.entries(authority).filter(([slice]) => !open.has(slice as Slice));
  return Object.fromEntries(kept);
}

/** None; or every peer, and without a call to listen by no other's doing. */
function networkOf(isClosed: boolean, isReached: boolean): Pick<Authority, "network"> {
  if (isClosed) return { network: () => never };
  return isReached ? {} : { network: (bdd) => peersIn(bdd, { direction: "connect" }) };
}

/** What a container permits; findings and assumptions are added to the draft. @throws BudgetExceeded */
export function containerAuthority(draft: Draft, environment: ContainerEnvironment): Authority {
  assume(draft);
  checkLogging(draft);
  const security = securityOf(draft);
  const identity = identityOf(draft, security.noNewPrivileges);
  sharedNamespaces(draft);
  openWalls(draft, identity.capabilities);
  const filter = filterOf(draft, security, environment);
  const mounts = orderedMounts(draft);
  const { files, sockets } = shownFiles(draft, mounts, environment, security.bare);
  if (draft.image && !draft.image.isWhole) draft.open.add("files");
  const isClosed = draft.network?.value === "none" || filter?.makes(leading) === false;
  const authority: Authority = {
    files,
    sockets: filter?.makes(local) === false ? nothing : sockets,
    ...(filter && { calls: filter.calls }),
    ...networkOf(isClosed, filter?.listens() ?? true),
    processes: processesOf(draft),
    environment: variablesOf(draft),
    identity,
    limits: limitsOf(draft, environment, privateBytes(draft, mounts, mayBeRoot(identity))),
    isolation: "container",
  };
  return withoutOpen(authority, draft.open);
}
