/** Containers of pods, by the manifests that make them and the network policies that select them. */
import {
  type PodSource,
  type PodWorld,
  podPermitsCall,
  podPermitsFile,
  podPermitsPeer,
  podPermitsVariable,
} from "../../evaluate/pod.ts";
import { type LiftedPod, liftManifests, ManifestError, type PodEnvironment } from "../../lift/kubernetes.ts";
import { podFloor } from "../floor.ts";
import { slices, type Witness } from "../witness.ts";
import { type Bundle, type Part, type ReadPart, readParts, type TargetReader } from "./part.ts";

/** Profiles lie on the nodes: below `mcpc/` the bundle's own, which its README says to copy there, and others by their names. */
function profileIn({ files }: Bundle): (path: string) => string | undefined {
  return (path) =>
    path.startsWith("mcpc/") ? files.get("seccomp.json") : files.get(path.slice(path.lastIndexOf("/") + 1));
}

const environmentOf = (bundle: Bundle): PodEnvironment => ({
  kubernetes: bundle.environment.kubernetes,
  claims: "in-place",
  read: profileIn(bundle),
  runtimeClasses: new Map([["gvisor", { isolation: "kernel", appliesProfiles: true }]]),
});

/** A peer as a witness says it. */
function peerIn(text: string): Parameters<typeof podPermitsPeer>[3] | undefined {
  const [, direction, , v6, v4, port, udp] =
    /^(connect|listen) (\[([^\]]+)\]|([\d.]+)):(\d+)(\/udp)?$/.exec(text) ?? [];
  if (direction !== "connect" && direction !== "listen") return undefined;
  return { direction, protocol: udp ? "udp" : "tcp", address: v6 ?? v4 ?? "", port: Number(port) };
}

function confirms(
  sources: readonly PodSource[],
  world: PodWorld,
  name: string,
  witness: Witness,
): boolean | undefined {
  if ("everything" in witness) return undefined;
  switch (witness.slice) {
    case "files":
      return podPermitsFile(sources, world, name, witness.file.right, witness.file.path);
    case "syscalls":
      return podPermitsCall(sources, world, name, witness.call);
    case "env":
      return podPermitsVariable(sources, name, witness.name);
    case "network": {
      const peer = peerIn(witness.what);
      return peer && podPermitsPeer(sources, world, name, peer);
    }
    default:
      return undefined;
  }
}

function partOf(lifted: LiftedPod, texts: readonly PodSource[], bundle: Bundle, isOnly: boolean): Part {
  const world: PodWorld = {
    minor: bundle.environment.kubernetes.minor,
    claims: "in-place",
    profile: profileIn(bundle),
    enforcesPolicies: true,
  };
  const [first] = texts.filter(({ text }) =>
    /^"?kind"?: *"?(?:Pod|Deployment|StatefulSet|DaemonSet|Job|CronJob|ReplicaSet)\b/m.test(text),
  );
  const file = first?.path ?? texts[0]?.path ?? "";
  return {
    name: isOnly ? file : `${file}#${lifted.name}`,
    from: [...texts.map(({ path }) => path), ...(bundle.files.has("seccomp.json") ? ["seccomp.json"] : [])],
    authority: lifted.authority,
    findings: lifted.findings,
    assumptions: lifted.assumptions,
    permits: (witness) => confirms(texts, world, lifted.name, witness),
  };
}

const isManifest = (path: string, text: string): boolean =>
  /\.ya?ml$/.test(path) && /^"?apiVersion"?\s*:/m.test(text);

function parts(bundle: Bundle): readonly ReadPart[] {
  const texts = [...bundle.files]
    .filter(([path, text]) => isManifest(path, text))
    .map(([path, text]): PodSource => ({ path, text }));
  if (texts.length === 0) return [];
  const read = (): readonly Part[] => {
    const all = liftManifests(texts, environmentOf(bundle));
    return all.map((lifted) => partOf(lifted, texts, bundle, all.length === 1));
  };
  return readParts(texts[0]?.path ?? "", read, [ManifestError]);
}

/** A container of a pod holds everything but what is no dimension of Linux. */
export const kubernetesReader: TargetReader = {
  scope: slices.filter((slice) => slice !== "services"),
  floor: () => podFloor,
  parts,
};
