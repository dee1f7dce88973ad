/**
 * Volumes of a pod: what each shows of the host, and how much may be put into it.
 *
 * Source: Kubernetes' documentation, "Volumes", "Persistent Volumes", "Projected Volumes"; KEP-1967 for volumes in memory.
 */
import {
  fail,
  flagAt,
  isGiven,
  knownText,
  mapAt,
  mapsAt,
  type Place,
  placeOf,
  textAt,
  writtenAt,
  type YamlMap,
} from "./nodes.ts";
import { bytesOf } from "./quantities.ts";
import { type PodReading, since } from "./reading.ts";

/** What a volume is. */
export type Volume = Place &
  (
    | { readonly kind: "host"; readonly path: string }
    | { readonly kind: "claim"; readonly claim: string; readonly readOnly: boolean }
    /** Of its own, empty at first; `bytes` is what it can hold, undefined without a bound. */
    | { readonly kind: "empty"; readonly bytes: number | undefined }
    /** Made for the pod, and never written by it. */
    | { readonly kind: "made" }
    | { readonly kind: "unknown"; readonly type: string }
  );

/** A path without repeated or closing slashes; undefined where it is relative or has `..`. */
export function plainPath(path: string): string | undefined {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  return path.startsWith("/") && !names.includes("..") ? `/${names.join("/")}` : undefined;
}

/** Types that a cluster fills: a program reads of them what the cluster holds. */
const made = ["configMap", "secret", "downwardAPI", "projected", "image"] as const;

function findMade(reading: PodReading, volume: YamlMap, type: string): void {
  const at = placeOf(volume, type);
  if (type === "secret") reading.find(at, "a secret of the cluster: what it holds is not known");
  if (type !== "projected") return;
  for (const source of mapsAt(mapAt(volume, "projected"), "sources"))
    for (const [key, node] of source.fields)
      if (["secret", "serviceAccountToken", "podCertificate"].includes(key))
        reading.find(node, `\`${key}\`: a credential of the cluster`);
}

function emptyVolume(reading: PodReading, volume: YamlMap): number | undefined {
  const source = mapAt(volume, "emptyDir");
  const text = writtenAt(source, "sizeLimit");
  const bytes = typeof text === "string" ? bytesOf(text) : undefined;
  if (typeof text === "string" && bytes === undefined && !/^0+[A-Za-z]*$/.test(text))
    return fail(placeOf(source, "sizeLimit"), `\`${text}\` is no quantity`);
  // On a disk the limit is why a pod is evicted, later; before 1.22 one in memory is half of the node's.
  return knownText(source, "medium") === "Memory" && since(reading, 22) ? bytes : undefined;
}

function hostPath(volume: YamlMap): string {
  const source = mapAt(volume, "hostPath");
  const path = knownText(source, "path");
  if (path === undefined) return fail(source, "`path` is missing");
  return plainPath(path) ?? fail(source, `\`${path}\` must be absolute, without \`..\``);
}

function volumeOf(reading: PodReading, volume: YamlMap, type: string): Volume {
  const { file, line } = placeOf(volume, type);
  const place = { file, line };
  if (type === "hostPath") return { kind: "host", path: hostPath(volume), ...place };
  if (type === "persistentVolumeClaim") {
    const source = mapAt(volume, type);
    const claim = knownText(source, "claimName");
    if (claim === undefined) return fail(source, "`claimName` is missing");
    return { kind: "claim", claim, readOnly: flagAt(source, "readOnly") === true, ...place };
  }
  if (type === "emptyDir") return { kind: "empty", bytes: emptyVolume(reading, volume), ...place };
  if (made.some((name) => name === type)) {
    findMade(reading, volume, type);
    return { kind: "made", ...place };
  }
  return { kind: "unknown", type, ...place };
}

/** Claims that a stateful set makes for each pod, by the name of their template. */
function templates({ kind, owner }: PodReading): readonly string[] {
  if (kind !== "apps/v1 StatefulSet") return [];
  return mapsAt(mapAt(owner, "spec"), "volumeClaimTemplates").flatMap(
    (claim) => knownText(mapAt(claim, "metadata"), "name") ?? [],
  );
}

/** A volume by its name. @throws ManifestError */
export function volumeNamed(reading: PodReading, name: string, at: Place): Volume {
  if (templates(reading).includes(name))
    return { kind: "claim", claim: name, readOnly: false, file: at.file, line: at.line };
  const found = mapsAt(reading.spec, "volumes").filter((volume) => textAt(volume, "name") === name);
  const [volume, another] = found;
  if (another) return fail(another, `a second volume \`${name}\``);
  if (!volume) {
    if (reading.spec.open) return { kind: "unknown", type: "unknown", file: at.file, line: at.line };
    return fail(at, `there is no volume \`${name}\``);
  }
  const types = [...volume.fields.keys()].filter((key) => key !== "name" && isGiven(volume, key));
  const [type, second] = types;
  if (second !== undefined) return fail(volume, `the volume \`${name}\` is of two types`);
  // A volume that says nothing is an emptyDir.
  if (type === undefined)
    return volume.open
      ? { kind: "unknown", type: "unknown", file: at.file, line: at.line }
      : { kind: "empty", bytes: undefined, file: volume.file, line: volume.line };
  return volumeOf(reading, volume, type);
}
