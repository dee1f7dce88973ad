/** The lifters and the concrete evaluator, over random containers of a small world, in both forms. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type PathMachine, rights } from "../../src/authority/paths.ts";
import {
  type ContainerForm,
  containerHolds,
  containerLimit,
  containerMayGain,
  containerPermitsCall,
  containerPermitsFile,
  containerReaches,
  containerTouchesProcesses,
  containerUser,
  containerVariable,
} from "../../src/evaluate/container.ts";
import { liftCompose } from "../../src/lift/compose.ts";
import type { LiftedContainer } from "../../src/lift/container.ts";
import { liftDockerRun } from "../../src/lift/docker-run.ts";
import { environmentWith, peerOf, permitsNamed } from "../support/container-witness.ts";

const runs = process.env.MCPC_LONG ? 10_000 : 300;
const environment = environmentWith();

const path = fc.constantFrom(
  "/a",
  "/a/b",
  "/a/b/c",
  "/d",
  "/d/e",
  "/sys",
  "/sys/x",
  "/dev/shm",
  "/dev/x",
  "/proc/sys",
  "/etc",
);
const target = path.filter((p) => !p.startsWith("/proc"));

/** A setting in both forms: words of a command line, and an entry of a service. */
interface Setting {
  readonly words: readonly string[];
  readonly key: string;
  readonly value: unknown;
}

const setting = (key: string, option: string, values: readonly (string | number)[]): fc.Arbitrary<Setting> =>
  fc.constantFrom(...values).map((value) => ({ words: [`--${option}=${value}`], key, value }));
const listed = (key: string, option: string, values: readonly string[]): fc.Arbitrary<Setting> =>
  fc.constantFrom(...values).map((value) => ({ words: [`--${option}`, value], key, value: [value] }));

const volumes: fc.Arbitrary<Setting> = fc
  .record({
    source: path.filter((p) => !p.startsWith("/proc")),
    at: target,
    o: fc.constantFrom(
      "bind,ro,noexec",
      "bind,noexec",
      "bind,ro",
      "bind,ro,rw,noexec",
      "bind,noexec,exec,ro",
    ),
    readOnly: fc.boolean(),
    kind: fc.constantFrom("short", "bind", "options", "fresh"),
  })
  .map(({ source, at, o, readOnly, kind }): Setting => {
    const ro = readOnly ? ":ro" : "";
    if (kind === "short") {
      const text = `${source}:${at}${ro}`;
      return { words: ["-v", text], key: "volumes", value: [text] };
    }
    if (kind === "fresh") return { words: ["-v", at], key: "volumes", value: [at] };
    const read_only = readOnly;
    const tail = readOnly ? ",readonly" : "";
    if (kind === "bind")
      return {
        words: ["--mount", `type=bind,src=${source},dst=${at}${tail}`],
        key: "volumes",
        value: [{ type: "bind", source, target: at, read_only }],
      };
    return {
      words: [
        "--mount",
        `type=volume,dst=${at},volume-opt=type=none,"volume-opt=o=${o}",volume-opt=device=${source}${tail}`,
      ],
      key: "volumes",
      value: [{ type: "volume", source: `${o}${source}`, target: at, read_only }],
    };
  });

const tmpfs: fc.Arbitrary<Setting> = fc
  .tuple(target, fc.constantFrom("", ":ro", ":size=1k", ":ro,size=1m", ":size=0", ":rw,exec,size=2k"))
  .map(([at, options]) => ({ words: [`--tmpfs=${at}${options}`], key: "tmpfs", value: [`${at}${options}`] }));

const settings: fc.Arbitrary<Setting> = fc.oneof(
  { weight: 5, arbitrary: volumes },
  { weight: 2, arbitrary: tmpfs },
  setting("user", "user", ["0", "5", "5:6", "root", "0:7"]),
  setting("network_mode", "network", ["none", "none", "host", "bridge"]),
  setting("ipc", "ipc", ["none", "host", "private", "shareable"]),
  setting("pid", "pid", ["host"]),
  setting("mem_limit", "memory", [0, 4096, "1k"]),
  setting("memswap_limit", "memory-swap", [0, -1, 8192]),
  setting("pids_limit", "pids-limit", [0, -1, 7]),
  setting("cpus", "cpus", [0, 0.5, 2]),
  setting("shm_size", "shm-size", ["1k", 4096]),
  listed("cap_drop", "cap-drop", ["ALL", "KILL", "cap_chown"]),
  listed("cap_add", "cap-add", ["ALL", "KILL", "SYS_ADMIN", "NET_RAW"]),
  listed("devices", "device", ["/dev/fuse", "/dev/kvm:/dev/x"]),
  listed("environment", "env", ["A=1", "A", "B=", "PATH=x", "http_proxy="]),
  listed("security_opt", "security-opt", [
    "no-new-privileges",
    "no-new-privileges:true",
    "no-new-privileges=false",
    "seccomp=closed.json",
    "seccomp:sockets.json",
    "seccomp=unconfined",
    "systempaths=unconfined",
  ]),
  fc.constant({ words: ["--read-only"], key: "read_only", value: true }),
  fc.constant({ words: ["--privileged"], key: "privileged", value: true }),
  fc.constant({ words: ["--ulimit=nofile=5:9"], key: "ulimits", value: { nofile: { soft: 5, hard: 9 } } }),
);

const containers = fc.array(settings, { minLength: 1, maxLength: 9 }).map((list) => {
  // Of what stands once in a service the last counts.
  const service: Record<string, unknown> = { image: "x" };
  for (const { key, value } of list) {
    const before = service[key];
    service[key] = Array.isArray(value) && Array.isArray(before) ? [...before, ...value] : value;
  }
  const named = (Array.isArray(service.volumes) ? service.volumes : []).flatMap(
    (v: { type?: string; source?: string }) =>
      v.type === "volume" && v.source !== undefined ? [v.source] : [],
  );
  const driver = (name: string) => {
    const [, o, device] = /^([a-z,]*)(\/.*)$/.exec(name) ?? [];
    return { driver_opts: { type: "none", o, device } };
  };
  const file = {
    services: { s: service },
    volumes: Object.fromEntries(named.map((name) => [name, driver(name)])),
  };
  const forms: readonly ContainerForm[] = [
    { kind: "compose", text: JSON.stringify(file) },
    { kind: "run", argv: ["docker", "run", ...list.flatMap(({ words }) => words), "x"] },
  ];
  return forms;
});

function lifted(form: ContainerForm): LiftedContainer {
  if (form.kind === "run") return liftDockerRun(form.argv, environment);
  const [only] = liftCompose(form.text, environment);
  if (!only) throw new Error("no service");
  return only;
}

function permits(machine: PathMachine | undefined, at: string, mask: number): boolean {
  if (!machine) return true;
  const names = at.split("/").filter((name) => name !== "");
  return (machine.rightsAt(names.reduce((s, name) => machine.step(s, name), machine.start)) & mask) !== 0;
}

const question = fc.oneof(
  path,
  path.map((at) => `${at}/x`),
  fc.constantFrom("/proc", "/proc/kcore", "/sys/firmware", "/dev/fuse", "/dev/kvm", "/dev/null", "/var/lib"),
);

/** Two mounts at one place are refused, which the evaluator does not look at. */
const isRefused = ({ findings }: LiftedContainer): boolean =>
  findings.some(({ message }) => message.includes("refuses"));

test("about files and sockets: the same answer", () => {
  const seen = { yes: 0, no: 0, refused: 0 };
  fc.assert(
    fc.property(containers, fc.array(question, { minLength: 4, maxLength: 8 }), (forms, paths) => {
      for (const form of forms) {
        const container = lifted(form);
        if (isRefused(container)) {
          seen.refused++;
          continue;
        }
        for (const at of paths) {
          for (const access of ["read", "write", "exec"] as const) {
            const answer = containerPermitsFile(form, environment, access, at);
            expect(permits(container.authority.files, at, rights[access]), `${access} ${at}`).toBe(answer);
            seen[answer ? "yes" : "no"]++;
          }
          const connects = containerPermitsFile(form, environment, "connect", at);
          expect(permits(container.authority.sockets, at, rights.read), `connect ${at}`).toBe(connects);
        }
      }
    }),
    { numRuns: runs },
  );
  console.log(`questions about containers: ${JSON.stringify(seen)}`);
  expect(seen.yes).toBeGreaterThan(runs);
  expect(seen.no).toBeGreaterThan(runs);
});

test("about everything else: the same answer", () => {
  fc.assert(
    fc.property(containers, (forms) => {
      for (const form of forms) {
        const { authority } = lifted(form);
        const { identity, environment: variables, limits } = authority;
        const user = containerUser(form, environment);
        expect(identity?.user.kind === "ids" ? `${identity.user.uid}:${identity.user.gid}` : undefined).toBe(
          user,
        );
        expect(identity?.noNewPrivileges).toBe(!containerMayGain(form, environment));
        for (const name of ["CAP_KILL", "CAP_SYS_ADMIN", "CAP_CHOWN", "CAP_NET_RAW"])
          expect(identity?.capabilities === "all" || identity?.capabilities.has(name), name).toBe(
            containerHolds(form, environment, name),
          );
        for (const name of ["A", "B", "PATH", "http_proxy", "HTTP_PROXY", "X"]) {
          const found =
            variables === "any" || !variables
              ? "any"
              : variables.has(name)
                ? (variables.get(name) ?? "any")
                : undefined;
          expect(found, name).toBe(containerVariable(form, environment, name));
        }
        for (const name of ["memory", "processes", "files", "cpu", "tmp"] as const) {
          const bound = limits?.[name] ?? Number.POSITIVE_INFINITY;
          // Who can take limits away has none.
          if (limits || name === "tmp")
            expect(bound, name).toBe(limits ? containerLimit(form, environment, name) : bound);
        }
        const words = [1n, 1n, 0n, 0n, 0n, 0n];
        for (const name of ["read", "mount", "socket"])
          expect(permitsNamed(lifted(form), name, words), name).toBe(
            containerPermitsCall(form, environment, { name, words }),
          );
        expect(peerOf(lifted(form)) !== undefined).toBe(containerReaches(form, environment));
        const touched = authority.processes === undefined || authority.processes.size > 0;
        expect(touched).toBe(containerTouchesProcesses(form, environment));
      }
    }),
    { numRuns: runs / 2 },
  );
});
