/** Manifests that are not what they look like, each with the operation that shows it, or the error. */
import { describe, expect, test } from "vitest";
import { holds } from "../../src/authority/bdd.ts";
import { bitOfCall, createCallDiagram } from "../../src/authority/calls.ts";
import {
  podMayGain,
  podMayHold,
  podMayRunAs,
  podPermitsVariable,
  podReaches,
} from "../../src/evaluate/pod.ts";
import { liftManifests, ManifestError, type ManifestText } from "../../src/lift/kubernetes.ts";
import { systemCall } from "../../src/linux/index.ts";
import {
  changed,
  closedEnvironment,
  closedPod,
  closedPolicy,
  closedTexts,
  containerIn,
  fileBeyond,
  messagesOf,
  peerBeyond,
} from "../support/closed-pod.ts";

/** The pod with one thing changed, beside the policy that denies everything. */
const podWith = (from: string, to: string): readonly ManifestText[] =>
  closedTexts(changed(closedPod, from, to));

/** The pod beside a policy with one thing changed. */
const policyWith = (from: string, to: string): readonly ManifestText[] =>
  closedTexts(closedPod, changed(closedPolicy, from, to));

function errorOf(texts: readonly ManifestText[]): string {
  try {
    liftManifests(texts, closedEnvironment);
  } catch (error) {
    if (error instanceof ManifestError) return `${error.file}:${error.line}: ${error.message}`;
    throw error;
  }
  return "no error";
}

function permitsCall(texts: readonly ManifestText[], name: string): boolean {
  const { calls } = containerIn(texts).authority;
  const bdd = createCallDiagram();
  const number = systemCall(name)?.numbers.x86_64 ?? -1;
  return !calls || holds(bdd, calls(bdd), bitOfCall({ entry: "x86_64", number, words: [] }));
}

const spec = "spec:\n  automount";
const mounts = "      volumeMounts:\n";
const volumes = "  volumes:\n";
const context = "      securityContext:\n";
/** A volume more, mounted at a place. */
const volumeWith = (source: string, mount: string): readonly ManifestText[] =>
  closedTexts(
    changed(
      changed(closedPod, mounts, `${mounts}        - {name: more, ${mount}}\n`),
      volumes,
      `${volumes}    - {name: more, ${source}}\n`,
    ),
  );

test("the pod that all of these are made of permits what it says", () => {
  const texts = closedTexts();
  const pod = containerIn(texts);
  expect(pod.findings).toEqual([]);
  expect(fileBeyond({ texts }, "/srv/data")).toBe(undefined);
  expect(fileBeyond({ texts })).toEqual({ path: "/srv/data", right: "read" });
  expect(peerBeyond({ texts })).toBe(undefined);
  expect(permitsCall(texts, "read")).toBe(true);
  expect(permitsCall(texts, "mount")).toBe(false);
  expect([...(pod.authority.processes ?? ["all"])]).toEqual([]);
  expect(pod.authority.identity).toEqual({
    user: { kind: "ids", uid: 1000, gid: 1000 },
    capabilities: new Set(),
    noNewPrivileges: true,
  });
  expect(pod.authority.limits).toEqual({ memory: 64 << 20, cpu: 25, tmp: (65 << 20) + 819_200 });
  expect(pod.command).toEqual(["/bin/c"]);
});

describe("files", () => {
  test("a hostPath of /: everything can be read, and what hosts mount below it can be written", () => {
    const texts = volumeWith("hostPath: {path: /}", "mountPath: /host, readOnly: true");
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/", right: "read" });
    expect(fileBeyond({ texts }, "/")).toEqual({ path: "/dev", right: "write" });
    const deep = volumeWith(
      "hostPath: {path: /}",
      "mountPath: /host, readOnly: true, recursiveReadOnly: Enabled",
    );
    // Nothing is masked through it.
    expect(fileBeyond({ texts: deep }, "/")).toEqual({ path: "/proc/acpi", right: "read" });
    // Before 1.31 the field was dropped.
    const early = { environment: { kubernetes: { major: 1, minor: 30 } }, world: { minor: 30 } };
    expect(fileBeyond({ texts: deep, ...early }, "/")).toEqual({ path: "/dev", right: "write" });
  });

  test("a socket of docker that is read-only: it can be connected to", () => {
    const texts = volumeWith(
      "hostPath: {path: /run/docker.sock, type: Socket}",
      "mountPath: /run/docker.sock, readOnly: true",
    );
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/run/docker.sock", right: "read" });
    const { sockets } = containerIn(texts).authority;
    const state = ["run", "docker.sock"].reduce((s, name) => sockets?.step(s, name), sockets?.start);
    expect(sockets?.rightsAt(state)).not.toBe(0);
  });

  test("readOnly: false on the mount, whatever the volume is", () => {
    const texts = podWith("          readOnly: true\n", "          readOnly: false\n");
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/srv/data", right: "write" });
  });

  test("HostToContainer: what is mounted below later is not read-only", () => {
    const texts = volumeWith(
      "hostPath: {path: /mnt}",
      "mountPath: /m, readOnly: true, mountPropagation: HostToContainer",
    );
    expect(fileBeyond({ texts }, "/srv/data", "/mnt")).toEqual({ path: "/mnt", right: "write" });
    expect(messagesOf(containerIn(texts))[0]).toContain("is not read-only");
  });

  test("Bidirectional leads to the host", () => {
    const texts = volumeWith("hostPath: {path: /mnt}", "mountPath: /m, mountPropagation: Bidirectional");
    expect(fileBeyond({ texts }, "/srv/data", "/mnt")).toEqual({ path: "/", right: "read" });
  });

  test("a mount inside of another hides what it lies over, and nothing beside it", () => {
    const texts = volumeWith("emptyDir: {medium: Memory, sizeLimit: 1Mi}", "mountPath: /data/secret");
    expect(fileBeyond({ texts }, "/srv/data")).toBe(undefined);
    const { files } = containerIn(texts).authority;
    const at = (...names: readonly string[]): number | undefined =>
      files?.rightsAt(names.reduce((s, name) => files.step(s, name), files.start));
    expect(at("srv", "data", "secret")).toBe(0);
    expect(at("srv", "data", "secrets")).not.toBe(0);
  });

  test("subPath must stay inside", () => {
    const texts = podWith(
      "          mountPath: /data\n",
      "          mountPath: /data\n          subPath: ../x\n",
    );
    expect(errorOf(texts)).toBe("pod.yaml:39: `../x` must be relative, without `..`");
  });

  test("subPathExpr, a claim and a driver that are not known: anything", () => {
    const expr = podWith(
      "          mountPath: /data\n",
      "          mountPath: /data\n          subPathExpr: $(A)\n",
    );
    expect(fileBeyond({ texts: expr }, "/srv/data")).toEqual({ path: "/", right: "read" });
    const claim = volumeWith("persistentVolumeClaim: {claimName: other}", "mountPath: /o");
    expect(fileBeyond({ texts: claim }, "/srv/data")).toEqual({ path: "/", right: "read" });
    const known = volumeWith("persistentVolumeClaim: {claimName: data}", "mountPath: /o, readOnly: true");
    expect(fileBeyond({ texts: known }, "/srv/data")).toBe(undefined);
    const driver = volumeWith("csi: {driver: secrets-store.csi.k8s.io}", "mountPath: /o");
    expect(fileBeyond({ texts: driver }, "/srv/data")).toEqual({ path: "/", right: "read" });
  });

  test("procMount: Unmasked takes the masks of /proc away", () => {
    const texts = podWith(context, `${context}        procMount: Unmasked\n`);
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/proc/acpi", right: "read" });
    expect(messagesOf(containerIn(texts))).toEqual(["pod.yaml:30: `procMount`: nothing of /proc is masked"]);
  });

  test("a volume over /proc shows what is masked elsewhere", () => {
    const texts = volumeWith("hostPath: {path: /proc}", "mountPath: /host/proc, readOnly: true");
    expect(fileBeyond({ texts }, "/srv/data", "/proc")).toEqual({ path: "/proc/acpi", right: "read" });
  });

  test("a device plugin's resource brings devices", () => {
    const texts = podWith("          cpu: 250m\n", "          cpu: 250m\n          nvidia.com/gpu: 1\n");
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/", right: "read" });
  });

  test("a volume that is not there, or there twice", () => {
    expect(errorOf(podWith("        - name: data\n", "        - name: dta\n"))).toContain(
      "there is no volume `dta`",
    );
    expect(
      errorOf(podWith("    - name: tmp\n      emptyDir", "    - name: other\n      emptyDir")),
    ).toContain("there is no volume `tmp`");
    const both = podWith(volumes, `${volumes}    - name: data\n      emptyDir: {}\n`);
    expect(errorOf(both)).toContain("a second volume `data`");
  });
});

describe("privileges", () => {
  test("a privileged container has all, with a profile too", () => {
    const texts = podWith(context, `${context}        privileged: true\n`);
    const pod = containerIn(texts);
    expect(pod.authority).toEqual({});
    expect(messagesOf(pod)).toEqual(["pod.yaml:30: a privileged container has all of the host"]);
    expect(podMayGain(texts, "p/c")).toBe(true);
  });

  test("allowPrivilegeEscalation that is absent, or null", () => {
    for (const to of ["", "        allowPrivilegeEscalation: null\n"]) {
      const texts = podWith("        allowPrivilegeEscalation: false\n", to);
      expect(containerIn(texts).authority.identity?.noNewPrivileges).toBe(false);
      expect(podMayGain(texts, "p/c")).toBe(true);
    }
  });

  test("runAsUser: 0", () => {
    const texts = podWith("    runAsUser: 1000\n", "    runAsUser: 0\n");
    expect(containerIn(texts).authority.identity?.user).toEqual({ kind: "ids", uid: 0, gid: 1000 });
    expect(messagesOf(containerIn(texts)).join()).toContain("the kubelet starts nothing");
    expect(podMayRunAs(texts, "p/c", 0)).toBe(true);
  });

  test("the container's own words count, and not the pod's", () => {
    const texts = podWith(context, `${context}        runAsUser: 0\n        runAsNonRoot: false\n`);
    expect(containerIn(texts).authority.identity?.user).toEqual({ kind: "ids", uid: 0, gid: 1000 });
    const filter = podWith(context, `${context}        seccompProfile: {type: Unconfined}\n`);
    expect(permitsCall(filter, "mount")).toBe(true);
    expect(messagesOf(containerIn(filter))).toEqual(["pod.yaml:30: no filter of system calls"]);
  });

  test("without a group, the user is in the image's", () => {
    const texts = podWith("    runAsGroup: 1000\n", "");
    expect(containerIn(texts).authority.identity?.user).toEqual({ kind: "any" });
  });

  test("fsGroup and supplementalGroups are groups more", () => {
    const texts = podWith(
      "    runAsGroup: 1000\n",
      "    runAsGroup: 1000\n    fsGroup: 0\n    supplementalGroups: [998]\n",
    );
    expect(
      containerIn(texts)
        .findings.map(({ line }) => line)
        .toSorted(),
    ).toEqual([14, 15]);
  });

  test("an initial container has a security context of its own, or none", () => {
    const texts = podWith(
      "  containers:\n",
      "  initContainers:\n    - name: i\n      image: example.com/i:1\n  containers:\n",
    );
    const pods = liftManifests(texts, closedEnvironment);
    expect(pods.map(({ name }) => name)).toEqual(["p/c", "p/i"]);
    const init = containerIn(texts, {}, "p/i");
    expect(init.authority.identity?.noNewPrivileges).toBe(false);
    expect(init.authority.identity?.capabilities).toContain("CAP_NET_RAW");
    expect(init.authority.limits).toEqual({});
    expect(podMayHold(texts, "p/i", "CAP_NET_RAW")).toBe(true);
    expect(podMayHold(texts, "p/c", "CAP_NET_RAW")).toBe(false);
    // It has ended before the other starts.
    expect(containerIn(texts).authority.processes?.size).toBe(0);
  });

  test("an initial container that goes on running is a neighbour", () => {
    const texts = podWith(
      "  containers:\n",
      "  initContainers:\n    - name: i\n      image: example.com/i:1\n      restartPolicy: Always\n  containers:\n",
    );
    expect([...(containerIn(texts).authority.processes ?? [])]).toEqual(["ipc"]);
    expect(podReaches(texts, "p/c", "ipc")).toBe(true);
  });

  test("capabilities: one that is added, all of them, and names that are none", () => {
    const added = podWith("          drop: [ALL]\n", "          drop: [ALL]\n          add: [SYS_ADMIN]\n");
    expect([...(containerIn(added).authority.identity?.capabilities ?? [])]).toEqual(["CAP_SYS_ADMIN"]);
    expect(fileBeyond({ texts: added }, "/srv/data")).toEqual({ path: "/", right: "read" });
    const prefixed = podWith("          drop: [ALL]\n", "          drop: [CAP_NET_RAW]\n");
    expect(containerIn(prefixed).authority.identity?.capabilities).toContain("CAP_NET_RAW");
    expect(messagesOf(containerIn(prefixed))[0]).toContain("is no capability: nothing is dropped");
    const all = podWith("          drop: [ALL]\n", "          add: [ALL]\n");
    expect(containerIn(all).authority.identity?.capabilities).toContain("CAP_SYS_MODULE");
  });

  test("`drop: [all]` is ALL to every runtime", () => {
    const texts = podWith("drop: [ALL]", "drop: [all]");
    expect(containerIn(texts).authority.identity?.capabilities).toEqual(new Set());
    expect(podMayHold(texts, "p/c", "CAP_NET_RAW")).toBe(false);
  });

  test("the token of an account is mounted unless it is said", () => {
    const texts = podWith("  automountServiceAccountToken: false\n", "");
    expect(messagesOf(containerIn(texts)).join()).toContain("a credential of the cluster's API is mounted");
    const source = "projected: {sources: [{serviceAccountToken: {path: token}}]}";
    const projected = volumeWith(source, "mountPath: /token");
    expect(messagesOf(containerIn(projected)).join()).toContain("`serviceAccountToken`: a credential");
  });
});

describe("namespaces of the host", () => {
  test("hostPID: its processes, and their files", () => {
    const texts = podWith(spec, "spec:\n  hostPID: true\n  automount");
    expect([...(containerIn(texts).authority.processes ?? [])]).toEqual(["signal", "trace", "inspect"]);
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/", right: "read" });
    expect(podReaches(texts, "p/c", "trace")).toBe(true);
  });

  test("hostNetwork: no network policy counts", () => {
    const texts = podWith(spec, "spec:\n  hostNetwork: true\n  automount");
    expect(peerBeyond({ texts })).toBe("connect 0.0.0.0:0");
    expect([...(containerIn(texts).authority.processes ?? [])]).toEqual(["ipc"]);
  });

  test("hostIPC: the host's memory is a directory of files", () => {
    const texts = podWith(spec, "spec:\n  hostIPC: true\n  automount");
    expect([...(containerIn(texts).authority.processes ?? [])]).toEqual(["ipc"]);
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/dev/mqueue", right: "read" });
    expect(fileBeyond({ texts }, "/srv/data", "/dev/mqueue")).toEqual({
      path: "/dev/mqueue",
      right: "write",
    });
  });

  test("shareProcessNamespace matters where others are beside it", () => {
    const alone = podWith(spec, "spec:\n  shareProcessNamespace: true\n  automount");
    expect(containerIn(alone).authority.processes?.size).toBe(0);
    const texts = closedTexts(
      changed(alone[0]?.text ?? "", volumes, `    - name: other\n      image: example.com/o:1\n${volumes}`),
    );
    expect([...(containerIn(texts).authority.processes ?? [])]).toEqual([
      "signal",
      "trace",
      "inspect",
      "ipc",
    ]);
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/", right: "read" });
  });
});

describe("system calls", () => {
  const field = "    seccompProfile:\n      type: Localhost\n      localhostProfile: mcpc/p.json\n";

  test("an annotation has no effect since 1.27", () => {
    const dead = changed(
      changed(closedPod, field, ""),
      "  labels:\n",
      "  annotations:\n    seccomp.security.alpha.kubernetes.io/pod: localhost/mcpc/p.json\n  labels:\n",
    );
    expect(permitsCall(closedTexts(dead), "mount")).toBe(true);
    expect(messagesOf(containerIn(closedTexts(dead)))).toEqual([
      "pod.yaml:7: `seccomp.security.alpha.kubernetes.io/pod` has no effect since 1.27: only `seccompProfile` has",
      "pod.yaml:14: no filter of system calls, unless the kubelet has one by default",
    ]);
  });

  test("no profile, and the runtime's own", () => {
    expect(permitsCall(podWith(field, ""), "mount")).toBe(true);
    const runtime = podWith(field, "    seccompProfile: {type: RuntimeDefault}\n");
    expect(permitsCall(runtime, "mount")).toBe(true);
    expect(messagesOf(containerIn(runtime)).join()).toContain("what it lets through is not known here");
  });

  test("a profile that is not there", () => {
    const texts = podWith("mcpc/p.json", "mcpc/q.json");
    expect(permitsCall(texts, "mount")).toBe(true);
    expect(messagesOf(containerIn(texts)).join()).toContain("`mcpc/q.json` is not among the files");
  });

  test("a profile's path without its type, a type without its path, and a path that leads out", () => {
    expect(errorOf(podWith("type: Localhost", "type: RuntimeDefault"))).toContain("needs `type: Localhost`");
    expect(errorOf(podWith("      localhostProfile: mcpc/p.json\n", ""))).toContain(
      "`localhostProfile` is missing",
    );
    expect(errorOf(podWith("mcpc/p.json", "../p.json"))).toContain("must be relative, and plain");
    expect(errorOf(podWith("type: Localhost", "type: localhost"))).toContain("needs `type: Localhost`");
  });

  test("a profile of the container that is null is the pod's", () => {
    const texts = podWith(context, `${context}        seccompProfile: null\n`);
    expect(permitsCall(texts, "mount")).toBe(false);
  });
});

describe("the network", () => {
  test("no network policy at all", () => {
    expect(peerBeyond({ texts: [{ path: "pod.yaml", text: closedPod }] })).toBe("connect 0.0.0.0:0");
  });

  test.each([
    ["a policy that selects nothing", "      app: p\n", "      app: q\n"],
    ["a policy of another namespace", "  namespace: apps\n", "  namespace: other\n"],
    ["a policy without a namespace", "  namespace: apps\n", ""],
    ["a policy without Egress", "[Ingress, Egress]", "[Ingress]"],
    ["an egress rule without anything", "egress: []", "egress: [{}]"],
    ["an empty `to`", "egress: []", "egress: [{to: []}]"],
    ["a pod selector", "egress: []", "egress: [{to: [{podSelector: {}}]}]"],
    [
      "two halves of all addresses",
      "egress: []",
      "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}]",
    ],
    [
      "a label that a controller adds",
      "matchLabels:\n      app: p\n",
      "matchLabels:\n      pod-template-hash: a\n",
    ],
  ])("%s", (_, from, to) => {
    expect(peerBeyond({ texts: policyWith(from, to) })).toBe("connect 0.0.0.0:0");
  });

  test("two halves leave addresses of IPv6 out", () => {
    const texts = policyWith(
      "egress: []",
      "egress: [{to: [{ipBlock: {cidr: '::/1'}}, {ipBlock: {cidr: '8000::/1'}}]}]",
    );
    expect(peerBeyond({ texts })).toBe("connect [::]:0");
  });

  test("no policyTypes: an empty egress denies nothing", () => {
    const texts = policyWith("  policyTypes: [Ingress, Egress]\n", "");
    expect(peerBeyond({ texts })).toBe("connect 0.0.0.0:0");
    expect(messagesOf(containerIn(texts)).join()).toContain("an empty `egress` denies nothing");
  });

  test("an egress that policyTypes does not name", () => {
    const texts = policyWith(
      "[Ingress, Egress]\n  egress: []",
      "[Ingress]\n  egress: [{ports: [{port: 53}]}]",
    );
    expect(messagesOf(containerIn(texts)).join()).toContain("`policyTypes` does not name it");
  });

  test("a rule with ports alone: these ports anywhere", () => {
    const texts = policyWith("egress: []", "egress: [{ports: [{port: 53, protocol: UDP}]}]");
    expect(peerBeyond({ texts })).toBe("connect 0.0.0.0:53/udp");
    const named = policyWith("egress: []", "egress: [{ports: [{port: https}]}]");
    expect(peerBeyond({ texts: named })).toBe("connect 0.0.0.0:0");
  });

  test("rules add up: the wider one counts", () => {
    const more = changed(
      changed(closedPolicy, "name: deny", "name: more"),
      "egress: []",
      "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]",
    );
    const texts = closedTexts(closedPod, `${closedPolicy}---\n${more}`);
    expect(peerBeyond({ texts })).toBe("connect 10.0.0.0:0");
  });

  test("what is excepted is let through by another rule", () => {
    const block = "ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/9]}";
    expect(peerBeyond({ texts: policyWith("egress: []", `egress: [{to: [{${block}}]}]`) })).toBe(
      "connect 10.128.0.0:0",
    );
    const both = `egress: [{to: [{${block}}, {ipBlock: {cidr: 10.0.0.0/16}}]}]`;
    expect(peerBeyond({ texts: policyWith("egress: []", both) })).toBe("connect 10.0.0.0:0");
  });

  test("`except` of another family, or beside the block", () => {
    const of = (except: string): string =>
      errorOf(
        policyWith("egress: []", `egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: ["${except}"]}}]}]`),
      );
    expect(of("fd00::/8")).toBe("policy.yaml:11: `fd00::/8` is no part of `0.0.0.0/0`");
    expect(of("0.0.0.0/0")).toContain("is no part of");
    expect(of("10.0.0.1")).toContain("`10.0.0.1` is no network");
  });

  test("hostPort: a port of the node", () => {
    const texts = podWith("      env:\n", "      ports: [{containerPort: 80, hostPort: 8080}]\n      env:\n");
    expect(peerBeyond({ texts })).toBe("listen 0.0.0.0:8080");
    expect(messagesOf(containerIn(texts)).join()).toContain("`hostPort`");
  });

  test("a probe by which the kubelet connects to another host", () => {
    const texts = podWith(
      "      env:\n",
      "      livenessProbe: {httpGet: {host: 169.254.169.254, port: 80}}\n      env:\n",
    );
    expect(messagesOf(containerIn(texts))).toEqual([
      "pod.yaml:22: the kubelet connects to this host, for the container",
    ]);
  });

  test("a plugin that enforces nothing", () => {
    const texts = closedTexts();
    const none = { environment: { enforcesPolicies: false }, world: { enforcesPolicies: false } };
    expect(peerBeyond({ texts, ...none })).toBe("connect 0.0.0.0:0");
  });

  test.each([
    ["pod-template-hash", "DoesNotExist"],
    ["controller-revision-hash", "DoesNotExist"],
  ])("a policy for pods without `%s`, which a controller adds", (key, operator) => {
    const selector = `matchExpressions: [{key: ${key}, operator: ${operator}}]`;
    const texts = policyWith("matchLabels:\n      app: p\n", `${selector}\n`);
    expect(peerBeyond({ texts })).toBe("connect 0.0.0.0:0");
  });

  test("an annotation brings a network that no policy is asked about", () => {
    const texts = podWith(
      "  labels:\n",
      "  annotations: {k8s.v1.cni.cncf.io/networks: macvlan}\n  labels:\n",
    );
    expect(peerBeyond({ texts })).toBe("connect 0.0.0.0:0");
    expect(messagesOf(containerIn(texts))).toEqual([
      "pod.yaml:6: `k8s.v1.cni.cncf.io/networks` brings networks that network policies do not hold",
    ]);
  });

  test("an annotation brings devices of the host", () => {
    const texts = podWith(
      "  labels:\n",
      "  annotations: {io.kubernetes.cri-o.Devices: /dev/sda}\n  labels:\n",
    );
    expect(fileBeyond({ texts }, "/srv/data")).toEqual({ path: "/", right: "read" });
  });
});

describe("limits and variables", () => {
  test("an emptyDir without a limit, and one on a disk", () => {
    expect(containerIn(podWith("        sizeLimit: 1Mi\n", "")).authority.limits?.tmp).toBe(undefined);
    expect(containerIn(podWith("        medium: Memory\n", "")).authority.limits?.tmp).toBe(undefined);
    expect(containerIn(podWith("sizeLimit: 1Mi", 'sizeLimit: "0"')).authority.limits?.tmp).toBe(undefined);
  });

  test("a root that can be written", () => {
    const texts = podWith("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false");
    expect(containerIn(texts).authority.limits?.tmp).toBe(undefined);
  });

  test("requests are no limits, and neither is zero", () => {
    expect(containerIn(podWith("        limits:\n", "        requests:\n")).authority.limits).toEqual({
      tmp: (65 << 20) + 819_200,
    });
    const zero = containerIn(podWith("memory: 64Mi", "memory: 0"));
    expect(zero.authority.limits?.memory).toBe(undefined);
    expect(messagesOf(zero)).toEqual(["pod.yaml:27: `memory: 0` is no limit"]);
  });

  test("`64m` of memory is a byte, and `64mb` nothing", () => {
    expect(containerIn(podWith("64Mi", "64m")).authority.limits?.memory).toBe(1);
    expect(errorOf(podWith("64Mi", "64mb"))).toBe("pod.yaml:27: `64mb` is no quantity");
  });

  test("envFrom, and the services of the namespace", () => {
    const from = podWith("      env:\n", "      envFrom: [{configMapRef: {name: x}}]\n      env:\n");
    expect(containerIn(from).authority.environment).toBe("any");
    expect(podPermitsVariable(from, "p/c", "LD_PRELOAD")).toBe(true);
    const links = podWith("  enableServiceLinks: false\n", "");
    expect(containerIn(links).authority.environment).toBe("any");
  });

  test("a variable that is set twice, or from elsewhere", () => {
    const twice = podWith(
      '          value: "1"\n',
      '          value: "1"\n        - {name: A, value: $(A)2}\n',
    );
    const { environment } = containerIn(twice).authority;
    expect(environment instanceof Map && environment.get("A")).toBe("12");
    expect(messagesOf(containerIn(twice)).join()).toContain("`A` is set twice");
    const secret = podWith(
      '          value: "1"\n',
      "          valueFrom: {secretKeyRef: {name: s, key: k}}\n",
    );
    const other = containerIn(secret).authority.environment;
    expect(other instanceof Map && other.has("A") && other.get("A") === undefined).toBe(true);
  });
});

describe("texts that are refused", () => {
  test.each([
    [
      "a typo",
      "readOnlyRootFilesystem",
      "readOnlyRootFilesytem",
      "pod.yaml:31: SecurityContext has no field `readOnlyRootFilesytem`",
    ],
    [
      "a field at the wrong level",
      "  enableServiceLinks: false\n",
      "  readOnlyRootFilesystem: true\n",
      "PodSpec has no field",
    ],
    [
      "a boolean of YAML 1.1",
      "runAsNonRoot: true",
      "runAsNonRoot: yes",
      "pod.yaml:14: `yes` means different things",
    ],
    ["a number of YAML 1.1", "runAsUser: 1000", "runAsUser: 01750", "`01750` means different things"],
    ["a number that is a string", "runAsUser: 1000", 'runAsUser: "1000"', "must be a whole number"],
    ["a boolean that is a string", "runAsNonRoot: true", 'runAsNonRoot: "true"', "must be true or false"],
    ["a variable that is a number", 'value: "1"', "value: 1", "`value` must be a string: quote it"],
    [
      "an anchor",
      "securityContext:\n    runAsUser",
      "securityContext: &a\n    runAsUser",
      "an anchor or a tag",
    ],
    ["a tag", "runAsNonRoot: true", "runAsNonRoot: !!bool true", "an anchor or a tag"],
    [
      "a key twice",
      "    runAsUser: 1000\n",
      "    runAsUser: 1000\n    runAsUser: 0\n",
      "Map keys must be unique",
    ],
    ["an interpolation", "image: example.com/c:1", "image: {{ .Values.image }}", "a key must be a string"],
    ["a name of a kind", "kind: Pod\n", "kind: pod\n", "`v1 pod` is not known here"],
    ["another version", "apiVersion: v1\n", "apiVersion: v2\n", "`v2 Pod` is not known here"],
    [
      "a second container of one name",
      volumes,
      `    - {name: c, image: x}\n${volumes}`,
      "a second container of this name",
    ],
    ["a mount twice", "mountPath: /data\n", "mountPath: /tmp\n", "a second mount at `/tmp`"],
    [
      "a volume of two types",
      "      hostPath:\n",
      "      emptyDir: {}\n      hostPath:\n",
      "is of two types",
    ],
    ["Windows", spec, "spec:\n  os: {name: windows}\n  automount", "a pod of Windows is not read here"],
  ])("%s", (_, from, to, message) => {
    expect(errorOf(podWith(from, to))).toContain(message);
  });

  test("an alias and a merge key", () => {
    const alias = changed(closedPod, "command: [/bin/c]", "command: [*a]");
    expect(errorOf(closedTexts(alias))).not.toBe("no error");
    const merge = changed(closedPod, "    runAsUser: 1000\n", "    <<: {runAsUser: 1000}\n");
    expect(errorOf(closedTexts(merge))).toContain("a merge key");
  });

  test("two documents with one pod's name", () => {
    const texts = closedTexts(`${closedPod}---\n${closedPod}`);
    expect(errorOf(texts)).toContain("a second object of this kind and name");
  });

  test("a kind that is not known may do anything to the others", () => {
    const kind = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\n";
    expect(errorOf([...closedTexts(), { path: "x.yaml", text: kind }])).toBe(
      "x.yaml:1: `cilium.io/v2 CiliumNetworkPolicy` is not known here",
    );
  });
});

describe("where pods hide", () => {
  const indented = (text: string, by: number): string => text.replace(/^(?=.)/gm, " ".repeat(by));
  const template = changed(
    closedPod.replace(/^apiVersion: v1\nkind: Pod\n/, "").replace("  name: p\n  namespace: apps\n", ""),
    context,
    `${context}        privileged: true\n`,
  );

  test("a pod in a list", () => {
    const item = changed(closedPod, context, `${context}        privileged: true\n`);
    const list = `apiVersion: v1\nkind: List\nitems:\n  -\n${indented(item, 4)}`;
    expect(containerIn(closedTexts(list)).authority).toEqual({});
  });

  test("a cron job, four levels down", () => {
    const head = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: p, namespace: apps}\n";
    const text = `${head}spec:\n  schedule: "* * * * *"\n  jobTemplate:\n    spec:\n      template:\n${indented(template, 8)}`;
    const pod = containerIn(closedTexts(text));
    expect(pod.authority).toEqual({});
    expect(podMayGain(closedTexts(text), "p/c")).toBe(true);
  });

  test("a policy that selects the labels of the deployment, and not those of its pods", () => {
    const own = changed(changed(template, "privileged: true", "privileged: false"), "app: p", "app: q");
    const head =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: p, namespace: apps, labels: {app: p}}\n";
    const text = `${head}spec:\n  selector: {matchLabels: {app: q}}\n  template:\n${indented(own, 4)}`;
    expect(peerBeyond({ texts: closedTexts(text) })).toBe("connect 0.0.0.0:0");
    expect(peerBeyond({ texts: closedTexts(text, changed(closedPolicy, "app: p", "app: q")) })).toBe(
      undefined,
    );
  });
});
