/** What runtimes bring of their own, as `mcpc explain` and the verifier's readers take it: entry by entry. */
import { expect, test } from "vitest";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import { targets } from "../../src/targets/registry.ts";

const floorOf = (name: string, runc = defaultEnvironment.runc): readonly string[] =>
  (
    targets.find((target) => target.name === name)?.floor({ environment: { ...defaultEnvironment, runc } }) ??
    []
  ).map(({ kind, name: of, note }) => `${kind} ${of}: ${note}`);

const inContainers = [
  "object /: the image, read-only: its own files, and copies of the program's; whatever is in it can be executed",
  "object /proc: of its own PID namespace; parts are masked or read-only (runtime-spec, maskedPaths)",
  "object /sys: read-only",
  "object /dev: null, zero, full, random, urandom, tty and pts; no device of the host",
  "object /etc/hosts: the container's own",
  "object /etc/hostname: the container's own",
  "object /etc/resolv.conf: the host's resolvers",
  "variable PATH: the image's, unless the policy sets it",
  "variable HOSTNAME: the container's name",
  "variable HOME: by the user database of the image, unless the policy sets it",
];
const calls = (names: string): readonly string[] =>
  names
    .split(" ")
    .map((name) => `call ${name}: runc, before it starts the program; the policy's list must hold it`);

test("docker: the default file systems of the runtime specification, and runc's own calls", () => {
  expect(floorOf("docker")).toEqual([
    ...inContainers,
    ...calls("close execve fstatfs getdents64 openat openat2 statx"),
  ]);
  // runc makes the last two from 1.2 on.
  expect(floorOf("docker", { major: 1, minor: 1 })).toEqual([
    ...inContainers,
    ...calls("close execve fstatfs getdents64 openat"),
  ]);
});

test("kubernetes: the same, and what a kubelet adds", () => {
  expect(floorOf("kubernetes")).toEqual([
    ...floorOf("docker"),
    "object /dev/termination-log: writable; the kubelet reads it when the container ends",
    "variable KUBERNETES_*: the address of the cluster's API, which a network policy may still close",
  ]);
});

test("systemd: an empty root with the kernel's file systems", () => {
  expect(floorOf("systemd")).toEqual([
    "object /proc: ProcSubset=pid and ProtectProc=invisible: its own processes",
    "object /sys: read-only",
    "object /dev: PrivateDevices=: null, zero, full, random, urandom, tty and pts",
    "object /run: empty",
    "variable INVOCATION_ID and others: set by the manager, and unset again by the unit",
    "call execve: systemd, after it has installed the filter",
  ]);
});

test("sb: each rule that every program needs, with where it is from", () => {
  const rules = floorOf("sb");
  expect(rules.length).toBeGreaterThan(5);
  for (const rule of rules) expect(rule).toMatch(/^rule \(allow [^:]+.*\): \S/s);
});
