/** Artifacts that are made of a sound one and one change, so that a row says what matters of it. */

import type { Instruction } from "../../src/lift/bpf.ts";
import { changed, closedPod, closedPolicy } from "../support/closed-pod.ts";
import { closedService } from "../support/closed-service.ts";
import type { Bundled } from "./row.ts";

/** A clause that grants exactly these calls. */
export const exact = (list: string): string => `syscalls default-deny + [${list}];`;

/** A comparison of a seccomp profile. */
export const argument = (index: number, op: string, value: number | bigint, valueTwo = 0n): string =>
  `{"index":${index},"op":"SCMP_CMP_${op}","value":${value},"valueTwo":${valueTwo}}`;

/** An entry of a seccomp profile. */
export const entry = (names: readonly string[], args: readonly string[] = [], action = "ALLOW"): string =>
  `{"names":${JSON.stringify(names)},"action":"SCMP_ACT_${action}","args":[${args.join()}]}`;

export interface ProfileParts {
  readonly architectures?: readonly string[];
  readonly otherwise?: string;
}

/** A seccomp profile's text. */
export function profileText(entries: readonly string[], more: ProfileParts = {}): string {
  const { architectures = ["X86_64"], otherwise = "ERRNO" } = more;
  const named = JSON.stringify(architectures.map((name) => `SCMP_ARCH_${name}`));
  return `{"defaultAction":"SCMP_ACT_${otherwise}","architectures":${named},"syscalls":[${entries.join()}]}`;
}

/** A seccomp profile alone. */
export function profile(entries: readonly string[], more?: ProfileParts): Bundled {
  return { target: "seccomp", files: { "seccomp.json": profileText(entries, more) } };
}

/** A profile that lets calls of these names through. */
export const calling = (...names: readonly string[]): Bundled => profile([entry(names)]);

const closed = profileText([entry(["read", "write", "exit_group"])]);
/** With sockets of one family or several, so that the network is the container's own matter. */
const withSockets = (...families: readonly number[]): string =>
  profileText([
    entry(["read", "write", "exit_group", "connect", "bind", "listen"]),
    ...families.map((family) => entry(["socket"], [argument(0, "EQ", family)])),
  ]);
const sockets = withSockets(1, 2);
/** Profiles that the containers name. */
const profiles = { "closed.json": closed, "sockets.json": sockets };

const service: Readonly<Record<string, string>> = {
  image: `registry.example/s@sha256:${"0".repeat(64)}`,
  ...closedService,
};

/** A closed service of compose with some keys changed; undefined leaves one out. */
export function compose(
  keys: Readonly<Record<string, string | undefined>> = {},
  rest = "",
  files: Readonly<Record<string, string>> = {},
): Bundled {
  const lines = Object.entries({ ...service, ...keys }).flatMap(([key, value]) =>
    value === undefined ? [] : [`    ${key}: ${value}\n`],
  );
  const text = `services:\n  s:\n${lines.join("")}${rest}`;
  return { target: "docker", files: { ...profiles, ...files, "compose.yaml": text } };
}

/** The same with a filter that lets sockets be made. */
export const composeWithSockets = (
  keys: Readonly<Record<string, string | undefined>>,
  rest?: string,
): Bundled => compose({ security_opt: '["no-new-privileges:true", "seccomp:sockets.json"]', ...keys }, rest);

const run =
  "docker run --network none --read-only --cap-drop ALL --security-opt no-new-privileges --security-opt seccomp=closed.json -u 1000:1000 --ipc none --tmpfs /dev/mqueue:ro --memory 64m --memory-swap 64m --pids-limit 16";

/** A closed `docker run` with one change, and more options. */
export function dockerRun(options: string, from = "", to = ""): Bundled {
  const line = from === "" ? run : changed(run, from, to);
  const argv = [...`${line} ${options}`.trim().split(" "), "registry.example/s:1"];
  return { target: "docker", files: { ...profiles, "run.json": JSON.stringify({ argv }) } };
}

/** Lines of a unit that shows `/srv/world`, to be read, and no other directory. */
export const closedUnit = [
  "RootDirectory=/run/mcpc/s",
  "MountAPIVFS=yes",
  "PrivateDevices=yes",
  "InaccessiblePaths=-+/dev/shm -+/dev/mqueue -+/dev/hugepages",
  "ProtectSystem=strict",
  "ProtectHome=no",
  "ProtectKernelTunables=yes",
  "ProtectControlGroups=yes",
  "BindReadOnlyPaths=/srv/world:/srv/world:norbind",
  "NoExecPaths=+/srv/world",
].join("\n");

/** A service unit of these lines, or a whole unit. */
export function unit(lines: string, more: Readonly<Record<string, string>> = {}): Bundled {
  const text = lines.startsWith("[") ? lines : `[Service]\nExecStart=/usr/bin/s\n${lines}\n`;
  return { target: "systemd", files: { "s.service": text, ...more } };
}

/** A closed pod with one change, beside a network policy with another. */
export function pod(from = "", to = "", policyFrom = "", policyTo = ""): Bundled {
  return {
    target: "kubernetes",
    files: {
      "pod.yaml": from === "" ? closedPod : changed(closedPod, from, to),
      "policy.yaml": policyFrom === "" ? closedPolicy : changed(closedPolicy, policyFrom, policyTo),
      "seccomp.json": withSockets(2),
    },
  };
}

/** A pod whose network policy has these rules. */
export const egress = (rules: string): Bundled => pod("", "", "egress: []", `egress: [${rules}]`);

/** A sandbox profile that starts from a denial of everything. */
export function sandbox(rules: string): Bundled {
  const denied =
    "(deny file-link file-clone file-map-executable process-info* nvram* iokit-get-properties mach-cross-domain-lookup process-info-codesignature socket-ioctl system-privilege)";
  return { target: "sb", files: { "profile.sb": `(version 1)\n(deny default)\n${denied}\n${rules}\n` } };
}

/** Instructions of classic BPF, by what seccomp programs do with them. */
export const load = (offset: number): Instruction => ({ code: 0x20, jt: 0, jf: 0, k: offset });
export const jump = (code: number, k: number, jt: number, jf: number): Instruction => ({ code, jt, jf, k });
export const isEqual = (k: number, jt: number, jf: number): Instruction => jump(0x15, k, jt, jf);
export const isAbove = (k: number, jt: number, jf: number): Instruction => jump(0x25, k, jt, jf);
export const isAtLeast = (k: number, jt: number, jf: number): Instruction => jump(0x35, k, jt, jf);
const answer = (k: number): Instruction => ({ code: 0x06, jt: 0, jf: 0, k });
export const allow = answer(0x7fff0000);
export const refuse = answer(0x00050001);

/** Where seccomp's data hold the number, the architecture, and the words of the arguments. */
export const number = 0;
export const architecture = 4;
export const lowOf = (index: number): number => 16 + 8 * index;
export const highOf = (index: number): number => 20 + 8 * index;
export const x86_64 = 0xc000003e;
export const i386 = 0x40000003;
