/** A pod that permits next to nothing, written by hand, for tests that take one thing of it away. */
import { createNetworkDiagram, leastPeer } from "../../src/authority/network.ts";
import { type PathRule, ruleMachine } from "../../src/authority/path-rules.ts";
import { everyRight, type FileWitness, fileOutside, rights } from "../../src/authority/paths.ts";
import { type PodWorld, podPermitsFile, podPermitsPeer } from "../../src/evaluate/pod.ts";
import {
  type LiftedPod,
  liftManifests,
  type ManifestText,
  type PodEnvironment,
} from "../../src/lift/kubernetes.ts";
import { peerIn } from "./pod-confirm.ts";

/** A filter that lets sockets be made, so that the network is the manifests' own matter. */
const profile = JSON.stringify({
  defaultAction: "SCMP_ACT_ERRNO",
  syscalls: [{ names: ["read", "write", "socket", "connect", "execve"], action: "SCMP_ACT_ALLOW" }],
});

const read = (path: string): string | undefined => (path === "mcpc/p.json" ? profile : undefined);

export const closedEnvironment: PodEnvironment = {
  kubernetes: { major: 1, minor: 33 },
  claims: new Map([["data", "/srv/data"]]),
  read,
};

export const closedWorld: PodWorld = {
  minor: 33,
  claims: new Map([["data", "/srv/data"]]),
  profile: read,
  enforcesPolicies: true,
};

export const closedPod = `apiVersion: v1
kind: Pod
metadata:
  name: p
  namespace: apps
  labels:
    app: p
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    runAsUser: 1000
    runAsGroup: 1000
    runAsNonRoot: true
    seccompProfile:
      type: Localhost
      localhostProfile: mcpc/p.json
  containers:
    - name: c
      image: example.com/c:1
      command: [/bin/c]
      env:
        - name: A
          value: "1"
      resources:
        limits:
          memory: 64Mi
          cpu: 250m
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: data
          mountPath: /data
          readOnly: true
  volumes:
    - name: tmp
      emptyDir:
        medium: Memory
        sizeLimit: 1Mi
    - name: data
      hostPath:
        path: /srv/data
`;

export const closedPolicy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: deny
  namespace: apps
spec:
  podSelector:
    matchLabels:
      app: p
  policyTypes: [Ingress, Egress]
  egress: []
`;

/** A text with one thing changed, which must be there once. */
export function changed(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new RangeError(`not there once: ${from}`);
  return text.replace(from, () => to);
}

/** The pod behind one change, beside a network policy that denies everything. */
export function closedTexts(pod = closedPod, policy = closedPolicy): readonly ManifestText[] {
  return [
    { path: "pod.yaml", text: pod },
    { path: "policy.yaml", text: policy },
  ];
}

/** The container `c` of the pod `p` among the files. */
export function containerIn(
  texts: readonly ManifestText[],
  environment: Partial<PodEnvironment> = {},
  name = "p/c",
): LiftedPod {
  const found = liftManifests(texts, { ...closedEnvironment, ...environment }).find(
    (pod) => pod.name === name,
  );
  if (!found) throw new RangeError(`no container ${name}`);
  return found;
}

const grant = (pattern: string, mask: number): PathRule => ({
  pattern,
  effect: { kind: "grant", rights: mask },
});
const deny = (pattern: string, mask: number): PathRule => ({
  pattern,
  effect: { kind: "deny", rights: mask },
});

/** What a runtime shows of the kernel to every container, and what is granted besides. */
const usual: readonly PathRule[] = [
  grant("/proc", rights.read | rights.write),
  grant("/sys", rights.read),
  grant("/dev/null", rights.read | rights.write),
  ...["zero", "full", "random", "urandom", "tty"].map((name) =>
    grant(`/dev/${name}`, rights.read | rights.write),
  ),
  ...["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => deny(`/proc/${name}`, rights.write)),
  ...[
    "asound",
    "acpi",
    "kcore",
    "keys",
    "latency_stats",
    "timer_list",
    "timer_stats",
    "sched_debug",
    "scsi",
  ].map((name) => deny(`/proc/${name}`, everyRight)),
  deny("/sys/firmware", everyRight),
];

/** What of a container is asked about. */
export interface Asked {
  readonly texts: readonly ManifestText[];
  readonly name?: string;
  readonly environment?: Partial<PodEnvironment>;
  readonly world?: Partial<PodWorld>;
}

/** A file operation beyond reading and executing what is granted, which the evaluator permits too. */
export function fileBeyond(asked: Asked, ...granted: readonly string[]): FileWitness | undefined {
  const { texts, name = "p/c", environment, world } = asked;
  const { files } = containerIn(texts, environment, name).authority;
  const most = ruleMachine([...usual, ...granted.map((path) => grant(path, rights.read | rights.exec))]);
  const found = files ? fileOutside(files, most) : ({ path: "/", right: "read" } as const);
  if (found && !podPermitsFile(texts, { ...closedWorld, ...world }, name, found.right, found.path))
    throw new Error(`the evaluator does not permit ${found.right} ${found.path}`);
  return found;
}

/** The least peer, which the evaluator permits too. */
export function peerBeyond({ texts, name = "p/c", environment, world }: Asked): string | undefined {
  const bdd = createNetworkDiagram();
  const { network } = containerIn(texts, environment, name).authority;
  const peer = leastPeer(bdd, network?.(bdd) ?? 1);
  if (peer !== undefined && !podPermitsPeer(texts, { ...closedWorld, ...world }, name, peerIn(peer)))
    throw new Error(`the evaluator does not permit ${peer}`);
  return peer;
}

/** What was found, a line each. */
export function messagesOf({ findings }: LiftedPod): readonly string[] {
  return findings.map(({ file, line, message }) => `${file}:${line}: ${message}`);
}
