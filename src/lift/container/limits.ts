/**
 * Upper bounds of a container: 0 and -1 are none.
 *
 * Source: Docker's reference of `docker run`, "Runtime constraints on resources"; docker's "Resource constraints";
 * mq_overview(7) for the queues that anybody may make in /dev/mqueue.
 */
import type { LimitBounds } from "../../authority/authority.ts";
import type { ContainerEnvironment } from "./environment.ts";
import type { ContainerMount, Draft } from "./settings.ts";

const some = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 ? value : undefined;

/** Memory with swap: as much again, where nobody says how much. */
function memoryOf({ memory, memorySwap }: Draft): number | undefined {
  const bound = some(memory);
  if (bound === undefined || (memorySwap !== undefined && memorySwap < 0)) return undefined;
  return some(memorySwap) ?? bound * 2;
}

const shmDefault = 64 * 2 ** 20;
/** Of docker's `/dev`, where root may write. */
const devBytes = 64 * 2 ** 20;
/** Default of RLIMIT_MSGQUEUE (getrlimit(2)). */
const queueBytes = 819200;

/** Bytes that can be stored where the host can't see them; undefined when nothing bounds them. */
export function privateBytes(
  draft: Draft,
  mounts: readonly ContainerMount[],
  isRoot: boolean,
): number | undefined {
  if (!draft.readOnly) return undefined;
  const covers = (path: string): boolean => mounts.some(({ value }) => value === path);
  let total = 0;
  if (draft.ipc?.value !== "none" && !covers("/dev/shm")) total += some(draft.shmBytes) ?? shmDefault;
  if (!covers("/dev/mqueue")) total += queueBytes;
  if (isRoot && !covers("/dev")) total += devBytes;
  for (const { kind, write, bytes } of mounts) {
    if (kind !== "private" || !write) continue;
    if (bytes === undefined) return undefined;
    total += bytes;
  }
  return total;
}

/** The bounds. */
export function limitsOf(
  draft: Draft,
  environment: ContainerEnvironment,
  tmp: number | undefined,
): LimitBounds {
  const has = (...names: readonly string[]): boolean =>
    names.every((name) => environment.controllers.has(name));
  const memory = has("memory", "swap") ? memoryOf(draft) : undefined;
  const processes = has("pids") ? some(draft.processes) : undefined;
  const cpu = has("cpu") ? some(draft.cpu) : undefined;
  const files = draft.files !== undefined && draft.files >= 0 ? draft.files : undefined;
  return {
    ...(memory !== undefined && { memory }),
    ...(processes !== undefined && { processes }),
    ...(cpu !== undefined && { cpu }),
    ...(files !== undefined && { files }),
    ...(tmp !== undefined && { tmp }),
  };
}
