/** Patches, over a pod that is known and over one that is not: what they guarantee, and what they leave open. */
import { describe, expect, test } from "vitest";
import {
  type PodWorld,
  podMayGain,
  podMayHold,
  podPermitsAmount,
  podPermitsFile,
  podPermitsPeer,
  podPermitsVariable,
} from "../../src/evaluate/pod.ts";
import {
  type LiftedPod,
  liftManifests,
  ManifestError,
  type ManifestText,
} from "../../src/lift/kubernetes.ts";
import { changed, closedEnvironment, closedPod, closedPolicy, closedWorld } from "../support/closed-pod.ts";

const kustomization = (kind: "Component" | "Kustomization", resources: readonly string[]): ManifestText => ({
  path: "kustomization.yaml",
  text: `apiVersion: kustomize.config.k8s.io/${kind === "Component" ? "v1alpha1" : "v1beta1"}
kind: ${kind}
resources: [${resources.join(", ")}]
patches:
  - path: patch.yaml
`,
});

const head = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: apps, labels: {app: p}}\nspec:\n";
const policy: ManifestText = { path: "policy.yaml", text: closedPolicy };

/** A component that patches a pod which is nowhere among the files. */
const overUnknown = (spec: string): readonly ManifestText[] => [
  kustomization("Component", ["policy.yaml"]),
  { path: "patch.yaml", text: `${head}${spec}` },
  policy,
];

/** A patch over the pod that permits next to nothing. */
const overKnown = (spec: string): readonly ManifestText[] => [
  kustomization("Kustomization", ["pod.yaml", "policy.yaml"]),
  { path: "pod.yaml", text: closedPod },
  { path: "patch.yaml", text: `${head}${spec}` },
  policy,
];

function lifted(texts: readonly ManifestText[]): LiftedPod {
  const [pod, another] = liftManifests(texts, closedEnvironment);
  if (!pod || another) throw new RangeError("not one container");
  return pod;
}

function errorOf(texts: readonly ManifestText[]): string {
  try {
    liftManifests(texts, closedEnvironment);
  } catch (error) {
    if (error instanceof ManifestError) return `${error.file}:${error.line}: ${error.message}`;
    throw error;
  }
  return "no error";
}

const world: PodWorld = closedWorld;
const container = (fields: string): string => `  containers:\n    - {name: c, ${fields}}\n`;
const replaced = "{$patch: replace}";

describe("over a pod that is not known", () => {
  test("what a patch does not say may be anything", () => {
    const texts = overUnknown(container("stdin: true"));
    const { authority } = lifted(texts);
    expect(authority).toEqual({});
    expect(podPermitsFile(texts, world, "p/c", "write", "/")).toBe(true);
    expect(podMayGain(texts, "p/c")).toBe(true);
    expect(podPermitsVariable(texts, "p/c", "LD_PRELOAD")).toBe(true);
  });

  const safe =
    "securityContext: {privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsUser: 1, runAsGroup: 1, capabilities: {drop: [ALL]}, $patch: replace}";
  const shared = "  hostPID: false\n  shareProcessNamespace: false\n  enableServiceLinks: false\n";

  test("a security context that is merged leaves capabilities to what is patched", () => {
    const merged = safe.replace(", $patch: replace", "");
    const texts = overUnknown(`${shared}${container(merged)}`);
    // `add` may stand beside the `drop` that is written.
    expect(lifted(texts).authority.identity?.capabilities).toBe("all");
    expect(podMayHold(texts, "p/c", "CAP_SYS_ADMIN")).toBe(true);
    const whole = overUnknown(`${shared}${container(safe)}`);
    expect(lifted(whole).authority.identity?.capabilities).toEqual(new Set());
    expect(podMayHold(whole, "p/c", "CAP_SYS_ADMIN")).toBe(false);
  });

  test("mounts are known only where their list is replaced, and no devices are added", () => {
    const volumes = "  volumes: [{name: own, emptyDir: {medium: Memory, sizeLimit: 1Mi}}]\n";
    const of = (mounts: string, devices: string): readonly ManifestText[] =>
      overUnknown(
        `${shared}${volumes}${container(`${safe}, volumeMounts: [${mounts}], volumeDevices: [${devices}]`)}`,
      );
    const mount = "{name: own, mountPath: /tmp}";
    for (const [mounts, devices, isKnown] of [
      [`${mount}, ${replaced}`, replaced, true],
      [`${replaced}, ${mount}`, replaced, true],
      [mount, replaced, false],
      [`${mount}, ${replaced}`, "", false],
    ] as const) {
      const texts = of(mounts, devices);
      const { files, limits } = lifted(texts).authority;
      expect(files !== undefined, `${mounts} | ${devices}`).toBe(isKnown);
      expect(podPermitsFile(texts, world, "p/c", "read", "/etc/shadow")).toBe(!isKnown);
      expect(limits?.tmp !== undefined).toBe(isKnown);
      expect(podPermitsAmount(texts, world, "p/c", "tmp", 2 ** 40)).toBe(!isKnown);
    }
  });

  test("a volume that is mounted, and named nowhere, is what is patched's own", () => {
    const mounts = `volumeMounts: [{name: theirs, mountPath: /x}, ${replaced}], volumeDevices: [${replaced}]`;
    const texts = overUnknown(`${shared}${container(`${safe}, ${mounts}`)}`);
    expect(lifted(texts).authority.files).toBe(undefined);
    expect(podPermitsFile(texts, world, "p/c", "write", "/")).toBe(true);
  });

  test("variables are known only where their list is replaced, and envFrom too", () => {
    for (const [fields, isKnown] of [
      [`env: [{name: A, value: b}, ${replaced}], envFrom: []`, true],
      ["env: [{name: A, value: b}], envFrom: []", false],
      [`env: [{name: A, value: b}, ${replaced}]`, false],
      [`env: [${replaced}], envFrom: null`, true],
    ] as const) {
      const texts = overUnknown(`${shared}${container(`${safe}, ${fields}`)}`);
      expect(lifted(texts).authority.environment !== "any", fields).toBe(isKnown);
      expect(podPermitsVariable(texts, "p/c", "LD_PRELOAD"), fields).toBe(!isKnown);
    }
  });

  test("a field that is null is taken away", () => {
    const texts = overUnknown(`${shared}${container(`${safe}, volumeMounts: null, volumeDevices: null`)}`);
    expect(lifted(texts).authority.files).not.toBe(undefined);
    expect(podPermitsFile(texts, world, "p/c", "read", "/etc/shadow")).toBe(false);
  });

  test("labels are known as far as they are patched", () => {
    const peer = { direction: "connect", protocol: "tcp", address: "192.0.2.1", port: 1 } as const;
    const open = `${shared}  hostNetwork: false\n${container(`${safe}, ports: [${replaced}]`)}`;
    const texts = overUnknown(open);
    expect(podPermitsPeer(texts, world, "p/c", peer)).toBe(false);
    const other = texts.map(({ path, text }) => ({ path, text: text.replace("app: p}", "role: p}") }));
    expect(podPermitsPeer(other, world, "p/c", peer)).toBe(true);
    expect(lifted(other).authority.network).not.toBe(undefined);
  });
});

describe("over a pod that is known", () => {
  test("a patch that changes nothing leaves the pod as it is", () => {
    const alone = liftManifests([{ path: "pod.yaml", text: closedPod }, policy], closedEnvironment)[0];
    const pod = lifted(overKnown(container("stdin: true")));
    expect(pod.findings).toEqual([]);
    expect(pod.authority.identity).toEqual(alone?.authority.identity);
    expect(pod.authority.limits).toEqual(alone?.authority.limits);
    expect(pod.authority.environment).toEqual(alone?.authority.environment);
    expect(pod.image).toBe("example.com/c:1");
  });

  test("a patch that loosens it", () => {
    const texts = overKnown(container("securityContext: {privileged: true}"));
    expect(lifted(texts).authority).toEqual({});
    expect(podPermitsFile(texts, world, "p/c", "write", "/")).toBe(true);
  });

  test("a security context that is replaced loses what it had", () => {
    const texts = overKnown(container("securityContext: {readOnlyRootFilesystem: true, $patch: replace}"));
    expect(lifted(texts).authority.identity?.noNewPrivileges).toBe(false);
    expect(podMayGain(texts, "p/c")).toBe(true);
    const merged = overKnown(container("securityContext: {readOnlyRootFilesystem: true}"));
    expect(lifted(merged).authority.identity?.noNewPrivileges).toBe(true);
    expect(podMayGain(merged, "p/c")).toBe(false);
  });

  test("a list without a key is replaced: what was dropped no longer is", () => {
    const texts = overKnown(container("securityContext: {capabilities: {drop: [KILL]}}"));
    expect(lifted(texts).authority.identity?.capabilities).toContain("CAP_NET_RAW");
    expect(podMayHold(texts, "p/c", "CAP_NET_RAW")).toBe(true);
    expect(podMayHold(texts, "p/c", "CAP_KILL")).toBe(false);
  });

  test("a mount is found by its path, and a volume more by its name", () => {
    const mounts = "volumeMounts: [{mountPath: /data, name: data, readOnly: false}]";
    const writable = overKnown(container(mounts));
    expect(podPermitsFile(writable, world, "p/c", "write", "/srv/data")).toBe(true);
    const { files } = lifted(writable).authority;
    const state = ["srv", "data"].reduce((s, name) => files?.step(s, name), files?.start);
    expect(files?.rightsAt(state)).toBe(7);
    const more = overKnown(
      `${container("volumeMounts: [{mountPath: /h, name: h}]")}  volumes: [{name: h, hostPath: {path: /home}}]\n`,
    );
    expect(podPermitsFile(more, world, "p/c", "write", "/home")).toBe(true);
    const home = ["home"].reduce(
      (s, name) => lifted(more).authority.files?.step(s, name),
      lifted(more).authority.files?.start,
    );
    expect(lifted(more).authority.files?.rightsAt(home)).toBe(7);
  });

  test("a volume that a patch gives a second type", () => {
    const texts = overKnown(`${container("stdin: true")}  volumes: [{name: data, emptyDir: {}}]\n`);
    expect(errorOf(texts)).toContain("the volume `data` is of two types");
  });

  test("a container that a patch adds is one more, with nothing of the others", () => {
    const texts = overKnown("  containers:\n    - {name: d, image: example.com/d:1}\n");
    const pods = liftManifests(texts, closedEnvironment);
    expect(pods.map(({ name }) => name)).toEqual(["p/c", "p/d"]);
    expect(pods[1]?.authority.identity?.noNewPrivileges).toBe(false);
    expect(podMayGain(texts, "p/d")).toBe(true);
    expect([...(pods[0]?.authority.processes ?? [])]).toEqual(["ipc"]);
  });
});

describe("what is refused", () => {
  const known = overKnown(container("stdin: true"));
  const without = (path: string): readonly ManifestText[] => known.filter((text) => text.path !== path);
  const edited = (path: string, from: string, to: string): readonly ManifestText[] =>
    known.map((text) => (text.path === path ? { path, text: changed(text.text, from, to) } : text));

  test.each([
    ["a resource that is not there", without("policy.yaml"), "`policy.yaml` is not among the files"],
    ["a patch that is not there", without("patch.yaml"), "`patch.yaml` is not among the files"],
    ["a patch of nothing", edited("patch.yaml", "name: p,", "name: q,"), "this patches nothing"],
    [
      "a patch with a target, which finds what it does not name",
      edited("kustomization.yaml", "  - path: patch.yaml", "  - {path: patch.yaml, target: {kind: Pod}}"),
      "has no field `target`",
    ],
    [
      "names that are changed",
      edited("kustomization.yaml", "patches:", "namePrefix: x-\npatches:"),
      "Kustomization has no field `namePrefix`",
    ],
    [
      "a pod that is not among the resources",
      edited("kustomization.yaml", "pod.yaml, ", ""),
      "this patches nothing among the resources",
    ],
    [
      "an item that is deleted",
      overKnown("  containers:\n    - {name: c, $patch: delete}\n"),
      "only `$patch: replace` is read here",
    ],
    [
      "a directive where a list is replaced anyway",
      overKnown(container(`command: [x, ${replaced}]`)),
      "takes no `$patch`",
    ],
    ["a typo in a patch", overKnown(container("securityContex: {}")), "has no field `securityContex`"],
    [
      "a patch without a kustomization",
      [{ path: "patch.yaml", text: `${head}${container(`env: [${replaced}]`)}` }],
      "EnvVar has no field `$patch`",
    ],
  ] as const)("%s", (_, texts, message) => {
    expect(errorOf(texts)).toContain(message);
  });

  test("a network policy that the kustomization does not name is not there", () => {
    const texts = edited("kustomization.yaml", ", policy.yaml", "");
    const pod = lifted(texts);
    expect(pod.findings.map(({ file, message }) => `${file}: ${message}`)).toEqual([
      "policy.yaml: the kustomization does not name this file",
    ]);
    const peer = { direction: "connect", protocol: "tcp", address: "192.0.2.1", port: 1 } as const;
    expect(podPermitsPeer(texts, world, "p/c", peer)).toBe(true);
  });
});
