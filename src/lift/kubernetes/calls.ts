/**
 * The filter of system calls of a container. Without one there is none, unless a kubelet is told to use the runtime's
 * (`seccompDefault`), and a privileged container has none whatever it says.
 *
 * Source: Kubernetes' documentation, "Restrict a Container's Syscalls with seccomp"; `fieldSeccompProfile` in
 * pkg/kubelet/kuberuntime/helpers.go: the container's profile takes the place of the pod's.
 */
import { JsonError } from "../json.ts";
import { SeccompError } from "../seccomp.ts";
import { type SeccompFilter, seccompFilter } from "../seccomp-filter.ts";
import { findSeccomp } from "./annotations.ts";
import {
  fail,
  isGiven,
  knownText,
  mapAt,
  open,
  type Place,
  placeOf,
  type Read,
  textAt,
  type YamlMap,
} from "./nodes.ts";
import { inherited, ownContext, type PodReading, podContext } from "./reading.ts";
import { plainPath } from "./volumes.ts";

/** The security context whose profile counts. */
function contextOf(reading: PodReading): YamlMap {
  const own = ownContext(reading);
  return isGiven(own, "seccompProfile") ? own : podContext(reading);
}

/** A path below the kubelet's directory of profiles. @throws ManifestError */
function localPath(profile: YamlMap, type: Read<string>): string | undefined {
  const text = knownText(profile, "localhostProfile");
  const at = placeOf(profile, "localhostProfile");
  if (type !== "Localhost")
    return text === undefined ? undefined : fail(at, "`localhostProfile` needs `type: Localhost`");
  if (text === undefined) return fail(profile, "`localhostProfile` is missing");
  const isPlain = !text.startsWith("/") && plainPath(`/${text}`) === `/${text}`;
  return isPlain ? text : fail(at, `\`${text}\` must be relative, and plain`);
}

function profileAt(reading: PodReading, at: Place, path: string): SeccompFilter | undefined {
  const { read, profiles } = reading.environment;
  const text = read?.(profiles?.get(path) ?? path);
  if (text === undefined) {
    reading.find(at, `the profile \`${path}\` is not among the files: what it lets through is not known`);
    return undefined;
  }
  reading.assume(`\`${path}\` is on every node, and a runtime refuses a container whose profile is missing`);
  try {
    return seccompFilter(text);
  } catch (error) {
    if (!(error instanceof SeccompError || error instanceof JsonError)) throw error;
    reading.find(at, `the profile \`${path}\` can't be read: ${error.message}`);
    return undefined;
  }
}

/** The filter of a container; undefined where none is known to hold. @throws ManifestError */
export function profileFilter(reading: PodReading): SeccompFilter | undefined {
  findSeccomp(reading);
  const profile = mapAt(contextOf(reading), "seccompProfile");
  const type = inherited(reading, (context) => textAt(mapAt(context, "seccompProfile"), "type"));
  const path = localPath(profile, type);
  if (path !== undefined) return profileAt(reading, placeOf(profile, "localhostProfile"), path);
  if (type === open) return undefined;
  const of: Readonly<Record<string, string>> = {
    RuntimeDefault: "the runtime's own profile: what it lets through is not known here",
    Unconfined: "no filter of system calls",
  };
  const message =
    type === undefined ? "no filter of system calls, unless the kubelet has one by default" : of[type];
  if (message === undefined) return fail(profile, `\`${String(type)}\` is no type of profile`);
  reading.find(profile, message);
  return undefined;
}
