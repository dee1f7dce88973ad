/**
 * No output is more permissive than its source: what the reference evaluator denies, independent evaluators of each
 * emitted format deny. Sampled; the questions are those on the edges of the policies' own words.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { referencePolicy } from "../../src/compile/reference.ts";
import { decide } from "../../src/reference/decide.ts";
import type { ReferencePolicy } from "../../src/reference/policy.ts";
import type { Question } from "../../src/reference/question.ts";
import { readConnect, readListen } from "../../src/syntax/endpoints.ts";
import { connectsByPath, type Emitted, emit } from "../support/emitted.ts";
import { parseProfile, profilePermits, unitPermits } from "../support/evaluate/calls.ts";
import {
  composeVariables,
  launcherVariables,
  podVariables,
  runVariables,
  unitVariables,
} from "../support/evaluate/environment.ts";
import type { FileAccess } from "../support/evaluate/files.ts";
import {
  composeLeadsOut,
  type Peer,
  policyAdmits,
  policyConnects,
  profileReaches,
  runLeadsOut,
  unitLeadsOut,
} from "../support/evaluate/network.ts";
import {
  acceptEverything,
  classStatistics,
  randomPolicies,
  world,
  worldProject,
  worldRoot,
} from "../support/random-policies.ts";

// Three laws: twelve hundred policies in all, and each compile of one is a proof too.
const runs = process.env.MCPC_LONG ? 10_000 : 400;

const sockets = Object.keys(world).filter((path) => world[path] === "socket");
// A socket can't be opened (open(2), ENXIO): who may connect to it is another question.
const files = Object.keys(world).filter((path) => world[path] !== "socket");
const existing = [...files, worldRoot, `${worldRoot}/a`, `${worldRoot}/a/b`, `${worldRoot}/d/e`];
const filePaths = [
  ...existing,
  ...["a/new", "a/b/c/new", "ab", "d/new", "policy.mcp", "program/new"].map((p) => `${worldRoot}/${p}`),
  "/etc/shadow",
  "/root/.ssh/id_rsa",
  "/home/other/.aws/credentials",
  "/tmp/x",
  "/srv",
  "/",
];

/** Who permits an operation on a file, of those that must not. */
function permitting({ views }: Emitted, access: FileAccess, path: string, because: string): string[] {
  return Object.entries(views)
    .filter(([who, permits]) => {
      if (!permits(access, path)) return false;
      // A writable mount of docker can't be noexec, which `files.exec` accepts in these policies.
      const container = who === "compose" || who === "docker run";
      if (container && access === "exec" && permits("read", path)) return false;
      // A pod takes nothing out of a claim, and makes none noexec: `files.deny`, `files.exec`.
      if (who === "kubernetes") return because === "nothing grants it" && access !== "exec";
      // The files of macOS' own runtimes are no files of this host.
      return who !== "sb" || !(/^\/(?:usr|dev|etc)\//.test(path) || path === "/");
    })
    .map(([who]) => who);
}

const callNames = [
  "mount",
  "socket",
  "chmod",
  "fsync",
  "vfork",
  "connect",
  "bind",
  "listen",
  "mprotect",
  "mmap",
  "clone",
  "bpf",
  "read",
  "prctl",
  "ioctl",
  "openat",
  "io_uring_setup",
  "unshare",
];
const words = [
  0n,
  1n,
  2n,
  3n,
  7n,
  10n,
  15n,
  16n,
  17n,
  38n,
  40n,
  0x3d0f00n,
  0x10000000n,
  0x100000001n,
  0xffffffff00000002n,
];

const peers: readonly Peer[] = [
  { host: "10.1.2.3", port: 5432, protocol: "tcp" },
  { host: "10.1.2.3", port: 443, protocol: "tcp" },
  { host: "10.1.2.3", port: 85, protocol: "tcp" },
  { host: "10.1.2.3", port: 5432, protocol: "udp" },
  { host: "11.0.0.1", port: 5432, protocol: "tcp" },
  { host: "127.0.0.1", port: 80, protocol: "tcp" },
  { host: "2001:db8::1", port: 443, protocol: "tcp" },
  { host: "2001:db9::1", port: 443, protocol: "tcp" },
  { host: "169.254.169.254", port: 80, protocol: "tcp" },
];

const written = (peer: Peer): string =>
  `${peer.host.includes(":") ? `[${peer.host}]` : peer.host}:${peer.port}${peer.protocol === "udp" ? "/udp" : ""}`;

function question(kind: "connect" | "listen", peer: Peer): Question {
  const read = kind === "connect" ? readConnect(written(peer)) : readListen(written(peer));
  if (!read.ok) throw new Error(read.reason);
  return { kind, endpoint: read.value };
}

type Check = (emitted: Emitted, reference: ReferencePolicy, text: string) => void;

/** How often files were asked about, by the answer. */
const asked = { denied: 0, allowed: 0 };

const checkFiles: Check = (emitted, reference, text) => {
  for (const path of filePaths) {
    for (const access of ["read", "write", "exec"] as const) {
      const decision = decide(reference, "s", { kind: "file", access, path });
      asked[decision.allowed ? "allowed" : "denied"]++;
      if (decision.allowed) continue;
      const who = permitting(emitted, access, path, decision.because);
      if (who.length > 0) expect({ path, access, who }, text).toEqual({ path, access, who: [] });
    }
  }
};

const callSamples = fc.sample(
  fc.tuple(
    fc.constantFrom(...callNames),
    fc.array(fc.constantFrom(...words), { minLength: 6, maxLength: 6 }),
  ),
  150,
);

const checkCalls: Check = (emitted, reference, text) => {
  const profile = parseProfile(emitted.text("seccomp/seccomp.json") ?? "{}");
  expect(emitted.text("docker/seccomp.json")).toBe(emitted.text("seccomp/seccomp.json"));
  for (const [name, values] of callSamples) {
    const { allowed } = decide(reference, "s", { kind: "call", name, words: values.map(String) });
    if (allowed) continue;
    const permitted = profilePermits(profile, name, values);
    if (permitted) expect({ name, values, permitted }, text).toEqual({ name, values, permitted: false });
    // A unit compares no arguments: what is denied whatever they are must be absent.
    const never = !decide(reference, "s", { kind: "call", name, words: [] }).allowed;
    if (never && emitted.unit !== undefined)
      expect({ name, unit: unitPermits(emitted.unit, name) }, text).toEqual({ name, unit: false });
  }
};

/** Of policies that accept nothing of the network: a list that a target can't hold becomes no network at all. */
const checkNetwork: Check = (emitted, reference, text) => {
  const { unit, argv } = emitted;
  const policy = emitted.text("kubernetes/networkpolicy.yaml");
  const profile = emitted.text("sb/profile.sb");
  for (const peer of peers) {
    if (decide(reference, "s", question("connect", peer)).allowed) continue;
    const who: string[] = [];
    if (!peer.host.startsWith("127.")) {
      if (composeLeadsOut(emitted.text("docker/compose.yaml") ?? "")) who.push("compose");
      if (argv && runLeadsOut(argv)) who.push("docker run");
      if (unit !== undefined && unitLeadsOut(unit)) who.push("systemd");
      if (policy !== undefined && policyConnects(policy, peer)) who.push("kubernetes");
    }
    if (profile !== undefined && profileReaches(profile, "outbound", peer)) who.push("sb");
    expect({ peer, who }, text).toEqual({ peer, who: [] });
  }
  for (const port of [8080, 9000, 9001]) {
    const peer: Peer = { host: "0.0.0.0", port, protocol: "tcp" };
    if (decide(reference, "s", question("listen", peer)).allowed) continue;
    const who: string[] = [];
    if (policy !== undefined && policyAdmits(policy, peer)) who.push("kubernetes");
    if (profile !== undefined && profileReaches(profile, "inbound", peer)) who.push("sb");
    expect({ port, who }, text).toEqual({ port, who: [] });
  }
};

/** A network that leads out and calls to listen: both must be accepted, whatever the policy says of `net listen`. */
const checkListening: Check = (emitted, _reference, text) => {
  const profile = parseProfile(emitted.text("seccomp/seccomp.json") ?? "{}");
  const listens = ["bind", "listen"].some((name) => profilePermits(profile, name, [0n, 0n, 0n]));
  const who = [
    ...(composeLeadsOut(emitted.text("docker/compose.yaml") ?? "") ? ["compose"] : []),
    ...(emitted.unit !== undefined && unitLeadsOut(emitted.unit) ? ["systemd"] : []),
  ];
  if (listens) expect({ who }, text).toEqual({ who: [] });
};

const checkSockets: Check = (emitted, reference, text) => {
  const profile = parseProfile(emitted.text("seccomp/seccomp.json") ?? "{}");
  const { unit, views } = emitted;
  for (const path of sockets) {
    if (decide(reference, "s", { kind: "unix", path }).allowed) continue;
    const who: string[] = [];
    if (profilePermits(profile, "socket", [1n, 1n, 0n])) {
      for (const name of ["compose", "docker run"] as const) if (views[name]?.("read", path)) who.push(name);
    }
    const families = /^RestrictAddressFamilies=(?=.)(.*)$/m.exec(unit ?? "")?.[1] ?? "";
    if (families.includes("AF_UNIX") && views.systemd?.("read", path)) who.push("systemd");
    if (connectsByPath(emitted, path)) who.push("sb");
    expect({ path, who }, text).toEqual({ path, who: [] });
  }
};

const checkEnvironment: Check = (emitted, reference, text) => {
  const { unit, argv } = emitted;
  const pod = emitted.text("kubernetes/pod.yaml") ?? emitted.text("kubernetes/patch.yaml");
  const given = {
    compose: composeVariables(emitted.text("docker/compose.yaml") ?? ""),
    ...(argv && { "docker run": runVariables(argv) }),
    ...(unit !== undefined && { systemd: unitVariables(unit) }),
    ...(pod !== undefined && { kubernetes: podVariables(pod) }),
  };
  const permits = (name: string): boolean => decide(reference, "s", { kind: "env", name }).allowed;
  for (const [who, variables] of Object.entries(given)) {
    for (const [name, value] of variables) {
      // Proxies of docker's client are blanked, which gives nothing.
      if (/_proxy$/i.test(name) && value === "") continue;
      expect({ who, name, allowed: permits(name) }, text).toEqual({ who, name, allowed: true });
      if (name === "B") expect({ who, value }, text).toEqual({ who, value: "c" });
      if (name === "A" || name === "TOKEN")
        expect({ who, name, value }, text).toEqual({ who, name, value: undefined });
    }
  }
  for (const name of launcherVariables(emitted.text("sb/run.sh") ?? ""))
    expect({ name, allowed: permits(name) }, text).toEqual({ name, allowed: true });
};

/** Runs checks over random policies, and fails when what makes those interesting is rare, or few compile. */
function holdOver(accept: string, checks: readonly Check[]): void {
  const statistics = classStatistics();
  let compiled = 0;
  fc.assert(
    fc.property(randomPolicies(accept), ({ text, classes }) => {
      const emitted = emit(worldProject(text));
      if (emitted.text("docker/compose.yaml") === undefined) return;
      compiled++;
      statistics.add(classes);
      const reference = referencePolicy(emitted.project);
      for (const check of checks) check(emitted, reference, text);
    }),
    { numRuns: runs },
  );
  expect(compiled).toBeGreaterThan(runs / 3);
  expect(statistics.rare(0.02)).toEqual([]);
}

describe("no output is more permissive than its source", () => {
  test("with everything accepted: files, system calls, sockets, the environment", () => {
    holdOver(acceptEverything, [checkFiles, checkCalls, checkSockets, checkEnvironment]);
    // A law that never sees a case proves nothing.
    expect(asked.denied).toBeGreaterThan(runs);
    expect(asked.allowed).toBeGreaterThan(runs);
  });

  test("with nothing of the network accepted: the network", () => {
    holdOver(acceptEverything.replace(/net\.\w+, /g, ""), [checkNetwork]);
  });

  test("with connections accepted and nothing of listening: no server both leads out and listens", () => {
    holdOver(acceptEverything.replace("net.listen, ", ""), [checkListening]);
  });
});
