/**
 * Emitted manifests with one thing wrong: those that permit more fail, with an operation that the evaluator confirms; those
 * that don't pass, and the evaluator finds nothing beyond the policy in them.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNetworkDiagram } from "../../src/authority/network.ts";
import { fileOutside, type PathMachine, rights } from "../../src/authority/paths.ts";
import {
  podMayGain,
  podMayHold,
  podPermitsPeer,
  podPermitsVariable,
  podReaches,
} from "../../src/evaluate/pod.ts";
import { permitsFile } from "../../src/evaluate/pod-files.ts";
import { containerOf } from "../../src/evaluate/pod-texts.ts";
import {
  type LiftedPod,
  liftManifests,
  ManifestError,
  type ManifestText,
} from "../../src/lift/kubernetes.ts";
import { manifestMutants } from "../mutants/kubernetes.ts";
import { peerIn, podConfirms, podWorld } from "../support/pod-confirm.ts";
import {
  type EmittedPod,
  emittedPod,
  podEnvironment,
  podExcess,
  podPolicyFiles,
  withImage,
} from "../support/pod-policy.ts";
import { acceptEverything, randomPolicies, world } from "../support/random-policies.ts";

/** Random policies beside the one that is rich. */
const more = process.env.MCPC_LONG ? 10 : 0;

interface Mutant {
  readonly what: string;
  readonly texts: readonly ManifestText[];
}

function mutantsOf(texts: readonly ManifestText[]): readonly Mutant[] {
  return texts.flatMap(({ path, text }, index) =>
    manifestMutants(text).map(({ what, text: changed }) => ({
      what: `${path}:${what}`,
      texts: texts.with(index, { path, text: changed }),
    })),
  );
}

/** Paths that a mutant is asked about: of the small world, above and below. */
const probes: readonly string[] = [
  ...new Set(
    [
      ...Object.keys(world),
      "/etc/shadow",
      "/root/x",
      "/srv/other",
      "/proc/kcore",
      "/proc/sys/kernel",
      "/sys/fs",
    ].flatMap((p) => p.split("/").map((_, count, parts) => parts.slice(0, count + 1).join("/") || "/")),
  ),
];

function allowedBy(machine: PathMachine, path: string, right: keyof typeof rights): boolean {
  const names = path.split("/").filter((name) => name !== "");
  return (
    (machine.rightsAt(names.reduce((s, name) => machine.step(s, name), machine.start)) & rights[right]) !== 0
  );
}

/** What the evaluator finds beyond the policy. */
function probed(
  texts: readonly ManifestText[],
  name: string,
  { server, profile }: EmittedPod,
): string | undefined {
  const policy = podPolicyFiles(server);
  const found = containerOf(texts, name);
  for (const path of probes)
    for (const right of ["read", "write", "exec"] as const)
      if (!allowedBy(policy, path, right) && permitsFile(found, podWorld(profile), right, path))
        return `${right} ${path}`;
  if (podMayGain(texts, name)) return "to gain privileges";
  if (podMayHold(texts, name, "CAP_NET_RAW")) return "CAP_NET_RAW";
  if (podReaches(texts, name, "trace") || podReaches(texts, name, "ipc")) return "other processes";
  // No policy here grants these.
  for (const peer of server.network.any ? [] : ["connect 192.0.2.1:81", "listen 0.0.0.0:81"])
    if (podPermitsPeer(texts, podWorld(profile), name, peerIn(peer))) return peer;
  return podPermitsVariable(texts, name, "LD_PRELOAD") ? "LD_PRELOAD" : undefined;
}

function sameNetwork(a: LiftedPod, b: LiftedPod): boolean {
  const bdd = createNetworkDiagram();
  const [x, y] = [a, b].map(({ authority }) => authority.network?.(bdd) ?? 1);
  return x === y;
}

/** Whether a mutant that passes means the same as what it was made of. */
function isEquivalent(a: LiftedPod, b: LiftedPod): boolean {
  const plain = ({ authority }: LiftedPod): string =>
    JSON.stringify([
      authority.limits,
      authority.identity?.user,
      authority.isolation,
      authority.environment instanceof Map ? [...authority.environment].sort() : "any",
    ]);
  const { files: one } = a.authority;
  const { files: other } = b.authority;
  return (
    plain(a) === plain(b) &&
    sameNetwork(a, b) &&
    one !== undefined &&
    other !== undefined &&
    !fileOutside(one, other)
  );
}

/** A policy that has something in each slice, and the network among them. */
const rich = (listens: string): string => `server s <
  read ./a;
  write ./d/e;
  tmp 1MiB;
  env TOKEN, B=c;
  user 1001:1001;
  ${listens}net connect 10.0.0.0/8:5432-5440, [2001:db8::/32]:443;
  limits < memory 64MiB; cpu 50%; time 90s >;
  ${acceptEverything};
>
`;

/** What is spoilt: that policy, and in the long run random ones beside it. */
function emittedAs(path: string): readonly EmittedPod[] {
  const own = rich(path === "deployment.yaml" ? "net listen 0.0.0.0:9000;\n  " : "");
  const random = fc.sample(randomPolicies(acceptEverything), { numRuns: more * 60, seed: 20 });
  return [own, ...random.map(({ text }) => text)]
    .flatMap((text) => emittedPod(path === "patch.yaml" ? text : withImage(text)) ?? [])
    .filter((one) => one.texts.some((text) => text.path === path))
    .slice(0, more + 1);
}

describe("mutants of emitted manifests", () => {
  test.each(["pod.yaml", "deployment.yaml", "patch.yaml"])(
    "of %s: those that permit more fail with a witness, and the others pass",
    (path) => {
      const found = { all: 0, refused: 0, over: 0, confirmed: 0, equivalent: 0, stricter: 0, byFinding: 0 };
      const emitted = emittedAs(path);
      expect(emitted.length).toBe(more + 1);
      for (const one of emitted) {
        const environment = podEnvironment(one.profile);
        const [original] = liftManifests(one.texts, environment);
        for (const { what, texts } of mutantsOf(one.texts)) {
          found.all++;
          let pods: readonly LiftedPod[];
          try {
            pods = liftManifests(texts, environment);
          } catch (error) {
            if (!(error instanceof ManifestError)) throw error;
            found.refused++;
            continue;
          }
          if (pods.length === 0) found.refused++;
          for (const pod of pods) {
            const excess = podExcess(pod, one);
            if (pod.findings.length > 0) found.byFinding++;
            for (const e of excess) {
              const answer = podConfirms(texts, podWorld(one.profile), pod.name, e, one);
              if (answer) found.confirmed++;
              expect(answer, `${what}: ${e.slice} ${e.text}`).not.toBe(false);
            }
            if (excess.length > 0) found.over++;
            else {
              expect(probed(texts, pod.name, one), what).toBe(undefined);
              found[original && isEquivalent(original, pod) ? "equivalent" : "stricter"]++;
            }
          }
        }
      }
      console.log(`mutants of ${path}: ${JSON.stringify(found)}`);
      expect(found.over).toBeGreaterThan(found.all / 10);
      expect(found.confirmed).toBeGreaterThanOrEqual(found.over);
      expect(found.equivalent).toBeGreaterThan(0);
    },
    240_000,
  );
});
