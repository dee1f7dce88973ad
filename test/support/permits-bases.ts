/** The artifacts that tables of `fixtures/permits/` change: of each format an open one, and a closed one. */
import { parse, stringify } from "yaml";
import type { Environment } from "../../src/policy/environment.ts";
import { closedPod, closedPolicy } from "./closed-pod.ts";
import { closedService } from "./closed-service.ts";

/** A bundle with one thing changed. */
export interface Changed {
  readonly target: string;
  readonly files: Readonly<Record<string, string>>;
  readonly environment?: Partial<Environment>;
}

/** A unit that confines everything it can. */
const closedUnit = `[Service]
ExecStart=/bin/true
Type=exec
DynamicUser=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RootDirectory=/run/mcpc/s
MountAPIVFS=yes
PrivateDevices=yes
PrivateIPC=yes
PrivateNetwork=yes
ProtectProc=invisible
RestrictAddressFamilies=none
SystemCallArchitectures=native
InaccessiblePaths=-+/dev/shm -+/dev/mqueue -+/dev/hugepages
NoExecPaths=+/
`;

function unit(head: string, lines: readonly string[]): Changed {
  const [kind = "", release] = head.split(" ");
  const environment = release === undefined ? {} : { systemd: { major: Number(release), minor: 0 } };
  const text = lines.join("\n");
  if (kind === "drop-in")
    return { target: "systemd", files: { "s.service.d/50.conf": `[Service]\n${text}\n` }, environment };
  const base = kind === "closed" ? closedUnit : "[Service]\nExecStart=/bin/true\n";
  return { target: "systemd", files: { "s.service": `${base}${text}\n` }, environment };
}

/** A command line of systemd-run: its words before the command. */
function systemdRun(_: string, lines: readonly string[]): Changed {
  const argv = ["systemd-run", "--pipe", ...lines, ...(lines.includes("--") ? [] : ["--", "/bin/true"])];
  return { target: "systemd", files: { "run.json": JSON.stringify({ argv }) } };
}

/** What a table's YAML, and a path in it, are. */
type Table = { [key: string]: unknown };

/** Sets each `path.to.key = YAML` in a document; without a value the key goes. */
function withChanges(document: Table, lines: readonly string[]): Table {
  for (const line of lines) {
    const [, path = "", value = ""] = /^(\S+) =(.*)$/.exec(line) ?? [];
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const at = keys.reduce((table, key) => {
      table[key] ??= {};
      return table[key] as Table;
    }, document);
    if (value === "") delete at[last];
    else at[last] = parse(value) as unknown;
  }
  return document;
}

/** A filter that permits two calls, so that files that name it have one. */
const closedFilter = JSON.stringify({
  defaultAction: "SCMP_ACT_ERRNO",
  syscalls: [{ names: ["read", "execve"], action: "SCMP_ACT_ALLOW" }],
});

/** A compose file: paths begin at its service `s`, or with `/` at the document. */
function compose(head: string, lines: readonly string[]): Changed {
  const own = Object.entries(closedService).map(([key, value]) => [key, parse(value) as unknown]);
  const service: Table = head === "open" ? { image: "i" } : { image: "i", ...Object.fromEntries(own) };
  const paths = lines.map((line) => (line.startsWith("/") ? line.slice(1) : `services.s.${line}`));
  const text = stringify(withChanges({ services: { s: service } }, paths));
  return { target: "docker", files: { "compose.yaml": text, "closed.json": closedFilter } };
}

const closedOptions =
  "--network none --read-only --cap-drop ALL --security-opt no-new-privileges --security-opt seccomp=/srv/s/closed.json -u 1000:1000 --ipc none --tmpfs /dev/mqueue:ro --memory 64m --memory-swap 64m --pids-limit 16";

/** A command line of `docker run`: words that stand behind others, before the image. */
function dockerRun(head: string, lines: readonly string[]): Changed {
  const words = `${head === "open" ? "" : closedOptions} ${lines.join(" ")}`
    .split(" ")
    .filter((w) => w !== "");
  const argv = ["docker", "run", ...words, "image"];
  return { target: "docker", files: { "run.json": JSON.stringify({ argv }), "closed.json": closedFilter } };
}

/** A Dockerfile of an image that a closed service runs: lines at its end; `ignore ` stands before a line of its ignore file. */
function dockerfile(_: string, lines: readonly string[]): Changed {
  const build = { context: "/srv/p", dockerfile: "/srv/s/Dockerfile" };
  const { files } = compose("", [`build = ${JSON.stringify(build)}`, "image =", "user ="]);
  const ignored = lines.flatMap((line) => (line.startsWith("ignore ") ? [line.slice(7)] : []));
  const own = lines.filter((line) => !line.startsWith("ignore "));
  const text = ["FROM scratch", ...own].join("\n");
  const ignore = ignored.length === 0 ? {} : { "Dockerfile.dockerignore": `${ignored.join("\n")}\n` };
  return { target: "docker", files: { ...files, Dockerfile: `${text}\n`, ...ignore } };
}

/** A pod beside a network policy: paths begin with `pod`, `policy` or the name of another document. */
function pod(head: string, lines: readonly string[]): Changed {
  const [, minor] = head.split(" ");
  const environment = minor === undefined ? {} : { kubernetes: { major: 1, minor: Number(minor) } };
  const base = { pod: parse(closedPod) as unknown, policy: parse(closedPolicy) as unknown };
  const documents = withChanges(base, lines);
  const files = Object.entries(documents).map(([name, document]) => [`${name}.yaml`, stringify(document)]);
  return {
    target: "kubernetes",
    files: { ...Object.fromEntries(files), "seccomp.json": closedFilter },
    environment,
  };
}

/** A profile: lines behind its default. */
function profile(head: string, lines: readonly string[]): Changed {
  // `(deny default)` does not reach what has an allow of its own.
  const own =
    "file-clone file-link file-map-executable iokit-get-properties mach-cross-domain-lookup nvram* process-info* socket-ioctl system-privilege";
  const first = head === "open" ? "(allow default)" : `(deny default) (deny ${own})`;
  const text = ["(version 1)", first, ...lines].join("\n");
  return { target: "sb", files: { "p.sb": `${text}\n` } };
}

/** A filter: each line an entry of its rules, or with a key of the profile. */
function filter(_: string, lines: readonly string[]): Changed {
  const own: Table = { defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64"] };
  const rules: Table[] = [{ names: ["read"], action: "SCMP_ACT_ALLOW" }];
  for (const line of lines) {
    const table = JSON.parse(line) as Table;
    if ("names" in table) rules.push(table);
    else Object.assign(own, table);
  }
  return { target: "seccomp", files: { "seccomp.json": JSON.stringify({ ...own, syscalls: rules }) } };
}

/** The bases by format: what a row names, and its lines. */
export const bases: Readonly<Record<string, (head: string, lines: readonly string[]) => Changed>> = {
  compose,
  "docker-run": dockerRun,
  dockerfile,
  pod,
  sb: profile,
  seccomp: filter,
  "systemd-run": systemdRun,
  unit,
};
