/**
 * Upper bounds of a container. A pod can't bound processes, open files or input and output.
 *
 * Source: Kubernetes' documentation, "Resource Management for Pods and Containers", "Jobs"; `MilliCPUToQuota` in
 * pkg/kubelet/cm/helpers_linux.go.
 */
import type { LimitBounds } from "../../authority/authority.ts";
import { fail, fieldOf, mapAt, open, placeOf, wholeAt, writtenAt, type YamlMap } from "./nodes.ts";
import { billionthsOf, bytesOf } from "./quantities.ts";
import type { PodReading } from "./reading.ts";

const limitsMap = ({ container }: PodReading): YamlMap => mapAt(mapAt(container, "resources"), "limits");

/** What a resource is limited to; undefined where it is not. @throws ManifestError */
function resource(reading: PodReading, name: string): bigint | undefined {
  const limits = limitsMap(reading);
  const text = writtenAt(limits, name);
  if (text === undefined || text === open) return undefined;
  const billionths = billionthsOf(text);
  if (billionths === undefined) return fail(placeOf(limits, name), `\`${text}\` is no quantity`);
  if (billionths === 0n) reading.find(placeOf(limits, name), `\`${name}: ${text}\` is no limit`);
  return billionths === 0n ? undefined : billionths;
}

/** In percent of a core: the quota is a thousandth of a period at least, of which there are ten a second. */
function cpuOf(reading: PodReading): number | undefined {
  const billionths = resource(reading, "cpu");
  if (billionths === undefined) return undefined;
  reading.assume("the kubelet enforces limits of the processor (cpuCFSQuota)");
  return Math.max(1, Number(billionths) / 1e7);
}

function memoryOf(reading: PodReading): number | undefined {
  if (resource(reading, "memory") === undefined) return undefined;
  reading.assume("no swap is given to pods");
  const text = writtenAt(limitsMap(reading), "memory");
  return typeof text === "string" ? bytesOf(text) : undefined;
}

const longest = 2 ** 31 - 1;

/** In milliseconds, until the program is told to end; a deployment starts its pods again. @throws ManifestError */
function timeOf({ kind, owner, spec, find, assume }: PodReading): number | undefined {
  const job = kind === "batch/v1 Job" ? mapAt(owner, "spec") : undefined;
  const at = kind === "v1 Pod" ? spec : job;
  const seconds = at && wholeAt(at, "activeDeadlineSeconds", 1, longest);
  if (!at || typeof seconds !== "number") {
    const ignored = fieldOf(spec, "activeDeadlineSeconds");
    if (at !== spec && ignored !== undefined && ignored !== open)
      find(ignored, "`activeDeadlineSeconds` of a template bounds one pod, and the next one is started");
    return undefined;
  }
  assume("a program that outlives its deadline has `terminationGracePeriodSeconds` left to end");
  return seconds * 1000;
}

/** The bounds, `tmp` as its volumes give it. @throws ManifestError */
export function limitsOf(reading: PodReading, tmp: number | undefined): LimitBounds {
  const memory = memoryOf(reading);
  const cpu = cpuOf(reading);
  const time = timeOf(reading);
  return {
    ...(memory !== undefined && { memory }),
    ...(cpu !== undefined && { cpu }),
    ...(time !== undefined && { time }),
    ...(tmp !== undefined && { tmp }),
  };
}
