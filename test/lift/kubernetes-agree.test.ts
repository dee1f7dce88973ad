/** The reader and the concrete evaluator, over random manifests: the same answer to every question. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Authority } from "../../src/authority/authority.ts";
import { always, type Bdd, holds, intersection, never, type Root } from "../../src/authority/bdd.ts";
import { bitOfCall, createCallDiagram } from "../../src/authority/calls.ts";
import { createNetworkDiagram, peersIn } from "../../src/authority/network.ts";
import { type PathMachine, rights } from "../../src/authority/paths.ts";
import {
  type PodPeer,
  type PodSource,
  type PodWorld,
  podMayGain,
  podMayHold,
  podMayRunAs,
  podPermitsAmount,
  podPermitsCall,
  podPermitsFile,
  podPermitsPeer,
  podPermitsVariable,
  podReaches,
} from "../../src/evaluate/pod.ts";
import { liftManifests, type PodEnvironment } from "../../src/lift/kubernetes.ts";
import { systemCall } from "../../src/linux/index.ts";
import { podPaths, randomPods } from "../support/random-pods.ts";

const runs = process.env.MCPC_LONG ? 10_000 : 200;

const allowing = (...names: readonly string[]): string =>
  JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: [{ names, action: "SCMP_ACT_ALLOW" }],
  });

const profiles: ReadonlyMap<string, string> = new Map([
  ["sockets.json", allowing("read", "socket")],
  ["silent.json", allowing("read", "mount")],
]);

/** A cluster, as each of both is told of it. */
interface Cluster {
  readonly environment: PodEnvironment;
  readonly world: PodWorld;
}

const cluster: fc.Arbitrary<Cluster> = fc
  .record({
    minor: fc.constantFrom(21, 22, 30, 31, 34),
    claims: fc.constantFrom("in-place" as const, new Map([["x", "/a/b"]]), new Map()),
    enforcesPolicies: fc.constantFrom(true, true, true, false),
  })
  .map(({ minor, claims, enforcesPolicies }) => {
    const read = (path: string): string | undefined => profiles.get(path);
    return {
      environment: { kubernetes: { major: 1, minor }, claims, enforcesPolicies, read },
      world: { minor, claims, enforcesPolicies, profile: read },
    };
  });

/** A question, in words, with the answer of each. */
interface Question {
  readonly text: string;
  readonly read: (authority: Authority) => boolean;
  readonly evaluated: (sources: readonly PodSource[], world: PodWorld) => boolean;
}

const container = "p/c";

function machinePermits(machine: PathMachine | undefined, path: string, right: keyof typeof rights): boolean {
  if (!machine) return true;
  const names = path.split("/").filter((name) => name !== "");
  const state = names.reduce((s, name) => machine.step(s, name), machine.start);
  return (machine.rightsAt(state) & rights[right]) !== 0;
}

/** The paths, and what lies in each; a device has nothing below. */
const asked = podPaths.flatMap((path) =>
  path === "/dev/null" ? [path] : [path, `${path === "/" ? "" : path}/x`],
);

const fileQuestions: readonly Question[] = asked.flatMap((path) =>
  (["read", "write", "exec"] as const).map((right) => ({
    text: `${right} ${path}`,
    read: ({ files }) => machinePermits(files, path, right),
    evaluated: (sources, world) => podPermitsFile(sources, world, container, right, path),
  })),
);

const addresses = ["10.0.0.1", "10.1.2.3", "8.8.8.8", "8.8.4.4", "200.1.1.1", "fd00::1", "2001:db8::1"];

const peers: readonly PodPeer[] = (["connect", "listen"] as const).flatMap((direction) =>
  addresses.flatMap((address) =>
    (["tcp", "udp"] as const).flatMap((protocol) =>
      [53, 80, 8080].map((port) => ({ direction, address, protocol, port })),
    ),
  ),
);

/** Networks by their authority: many questions are about the same one. */
const networks = new WeakMap<Authority, { readonly bdd: Bdd; readonly root: Root }>();

function networkOf(authority: Authority): { readonly bdd: Bdd; readonly root: Root } {
  const known = networks.get(authority);
  if (known) return known;
  const bdd = createNetworkDiagram();
  const made = { bdd, root: authority.network?.(bdd) ?? always };
  networks.set(authority, made);
  return made;
}

function networkPermits(authority: Authority, { direction, address, protocol, port }: PodPeer): boolean {
  const { bdd, root } = networkOf(authority);
  const isV6 = address.includes(":");
  const one = peersIn(bdd, {
    direction,
    protocol,
    network: { family: isV6 ? "ipv6" : "ipv4", address, prefix: isV6 ? 128 : 32 },
    ports: { from: port, to: port },
  });
  return intersection(bdd, root, one) !== never;
}

const peerQuestions: readonly Question[] = peers.map((peer) => ({
  text: `${peer.direction} ${peer.address} ${peer.port} ${peer.protocol}`,
  read: (authority) => networkPermits(authority, peer),
  evaluated: (sources, world) => podPermitsPeer(sources, world, container, peer),
}));

const callQuestions: readonly Question[] = ["read", "mount", "socket", "ptrace"].map((name) => ({
  text: `call ${name}`,
  read: ({ calls }) => {
    const bdd = createCallDiagram();
    const number = systemCall(name)?.numbers.x86_64 ?? -1;
    return !calls || holds(bdd, calls(bdd), bitOfCall({ entry: "x86_64", number, words: [] }));
  },
  evaluated: (sources, world) => podPermitsCall(sources, world, container, { name, words: [] }),
}));

const names = ["A", "B", "C", "TERM", "PATH", "LD_PRELOAD", "KUBERNETES_SERVICE_HOST"];

const variableQuestions: readonly Question[] = names.map((name) => ({
  text: `variable ${name}`,
  read: ({ environment }) => !(environment instanceof Map) || environment.has(name),
  evaluated: (sources) => podPermitsVariable(sources, container, name),
}));

const limits = { memory: "memory", cpu: "cpu", time: "time", tmp: "tmp" } as const;
const amounts = [
  1,
  2,
  24,
  25,
  26,
  50,
  51,
  200,
  201,
  1000,
  1001,
  4096,
  4097,
  20_000,
  30_000,
  30_001,
  64 << 20,
];
const more = [(64 << 20) + 1, 65 << 20, 67 << 20, 1e8, 1e8 + 1, 132 << 20, 2 ** 40];

const amountQuestions: readonly Question[] = Object.values(limits).flatMap((what) =>
  [...amounts, ...more].map((amount) => ({
    text: `${amount} of ${what}`,
    read: ({ limits: bounds }) => amount <= (bounds?.[what] ?? Number.POSITIVE_INFINITY),
    evaluated: (sources, world) => podPermitsAmount(sources, world, container, what, amount),
  })),
);

const privilegeQuestions: readonly Question[] = [
  {
    text: "gains privileges",
    read: ({ identity }) => !identity?.noNewPrivileges,
    evaluated: (sources) => podMayGain(sources, container),
  },
  ...["CAP_NET_RAW", "CAP_CHOWN", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_TIME"].map(
    (name): Question => ({
      text: `holds ${name}`,
      read: ({ identity }) => !identity || identity.capabilities === "all" || identity.capabilities.has(name),
      evaluated: (sources) => podMayHold(sources, container, name),
    }),
  ),
  ...(["signal", "trace", "inspect", "ipc"] as const).map(
    (way): Question => ({
      text: `reaches by ${way}`,
      read: ({ processes }) => !processes || processes.has(way),
      evaluated: (sources) => podReaches(sources, container, way),
    }),
  ),
];

const userQuestions: readonly Question[] = [0, 1000, 1001].map((uid) => ({
  text: `runs as ${uid}`,
  read: ({ identity }) => identity?.user.kind !== "ids" || identity.user.uid === uid,
  evaluated: (sources) => podMayRunAs(sources, container, uid),
}));

/** What is asked of each manifest, by what it is about. */
const questions = {
  files: fileQuestions,
  peers: peerQuestions,
  calls: callQuestions,
  variables: variableQuestions,
  limits: amountQuestions,
  privileges: privilegeQuestions,
  users: userQuestions,
} as const;

type Topic = keyof typeof questions;
const topics = Object.keys(questions) as readonly Topic[];

test("over random manifests, the reader and the evaluator agree on every question", () => {
  const seen = new Map(topics.map((topic) => [topic, { yes: 0, no: 0 }]));
  fc.assert(
    fc.property(randomPods, cluster, (text, { environment, world }) => {
      const sources = [{ path: "a.yaml", text }];
      const authority = liftManifests(sources, environment)[0]?.authority;
      for (const topic of topics)
        for (const { text: question, read, evaluated } of questions[topic]) {
          const said = evaluated(sources, world);
          const counts = seen.get(topic);
          if (counts) counts[said ? "yes" : "no"]++;
          // Of users that are not known none is left out, those neither whom the evaluator knows not to be.
          const isAsked = said || topic !== "users";
          if (isAsked) expect(authority && read(authority), `${text}\n${question}`).toBe(said);
        }
    }),
    { numRuns: runs },
  );
  for (const [topic, { yes, no }] of seen) {
    expect(yes, topic).toBeGreaterThan(runs / 4);
    expect(no, topic).toBeGreaterThan(runs / 4);
  }
  console.log(`questions about ${runs} manifests: ${JSON.stringify(Object.fromEntries(seen))}`);
});
