/**
 * Keys of a service: what each changes.
 *
 * Source: Compose specification, services.
 */
import { addUlimit, addVariable } from "../container/run-options.ts";
import { type Draft, find, type Slice } from "../container/settings.ts";
import { addDeploy } from "./deploy.ts";
import {
  bytesOrNone,
  decimalOf,
  entriesOf,
  knownScalar,
  listOf,
  numberOf,
  tableOf,
  textOf,
  textsOf,
  truthOf,
  wholeOf,
  wordOf,
} from "./read.ts";
import type { Tree } from "./tree.ts";
import { addTmpfs, addVolumes, type VolumeContext } from "./volumes.ts";

type Read = (draft: Draft, tree: Tree, context: VolumeContext) => void;

const names = (text: string): readonly string[] => text.split(" ");

/** Keys that give the program nothing. */
const harmless: ReadonlySet<string> = new Set(
  names(
    "attach blkio_config cgroup_parent command container_name cpu_count cpu_percent cpu_rt_period cpu_rt_runtime cpu_shares cpuset depends_on dns dns_opt dns_search domainname entrypoint expose extra_hosts healthcheck hostname init label_file labels mac_address mem_reservation mem_swappiness oom_kill_disable oom_score_adj platform ports profiles pull_policy pull_refresh_after restart scale stdin_open stop_grace_period stop_signal storage_opt working_dir",
  ),
);

/** Keys that belong to the image. */
const ofImage: ReadonlySet<string> = new Set(["build", "image"]);

const everything: readonly Slice[] = names(
  "files calls network sockets processes environment identity limits isolation",
) as readonly Slice[];

/** Keys that may give something which is not read here. */
const unread: Readonly<Record<string, readonly Slice[]>> = {
  // Runtimes obey some, `org.systemd.property.*` (runc) among them, which set limits anew.
  annotations: ["calls", "limits", "isolation", "identity", "files", "sockets"],
  configs: ["files", "sockets", "limits"],
  cpu_period: ["limits"],
  cpu_quota: ["limits"],
  credential_spec: ["identity"],
  develop: ["files"],
  device_cgroup_rules: ["files", "sockets"],
  env_file: ["environment"],
  extends: everything,
  external_links: ["environment", "network"],
  gpus: ["files", "sockets"],
  group_add: ["identity"],
  isolation: ["isolation"],
  links: ["environment", "network"],
  models: ["environment", "network"],
  post_start: everything,
  pre_stop: everything,
  provider: everything,
  runtime: ["calls", "limits", "isolation", "files", "sockets"],
  secrets: ["files", "sockets", "limits"],
  sysctls: ["limits", "network"],
  use_api_socket: ["files", "sockets"],
  userns_mode: [],
  volume_driver: ["files", "sockets", "limits"],
  volumes_from: ["files", "sockets", "limits"],
};

function text(key: "user" | "network" | "pid" | "ipc" | "uts" | "cgroup", ...slices: readonly Slice[]): Read {
  return (draft, tree) => {
    const said = textOf(draft, tree, ...slices);
    if (said) draft[key] = said;
  };
}

function texts(key: "capAdd" | "capDrop" | "securityOptions" | "devices", ...slices: readonly Slice[]): Read {
  return (draft, tree) => {
    draft[key].push(...textsOf(draft, tree, ...slices));
  };
}

function truth(key: "privileged" | "readOnly" | "terminal", ...slices: readonly Slice[]): Read {
  return (draft, tree) => {
    draft[key] = truthOf(draft, tree, ...slices) ?? draft[key];
  };
}

function amount(
  key: "memory" | "memorySwap" | "processes" | "shmBytes",
  parse: (text: string) => number | undefined,
): Read {
  return (draft, tree) => {
    const value = numberOf(draft, tree, parse, "limits");
    if (value !== undefined) draft[key] = value;
  };
}

/** Variables: a list of `NAME=VALUE` and `NAME`, or a table, where nothing means the value outside. */
const environment: Read = (draft, tree) => {
  if (tree.kind === "list") {
    for (const item of listOf(tree).items) {
      const said = textOf(draft, item, "environment");
      if (said) addVariable(draft, said.value, said.line);
    }
    return;
  }
  for (const [name, { tree: value }] of tableOf(tree).entries) {
    const scalar = knownScalar(draft, value, "environment");
    const isWord = scalar !== undefined && ["string", "number"].includes(typeof scalar.value);
    const text = isWord ? wordOf(draft, value, "environment")?.value : scalar?.value?.toString();
    draft.environment.set(name, text);
  }
};

const ulimits: Read = (draft, tree) => {
  for (const [name, { tree: limit, line }] of tableOf(tree).entries) {
    const hard = limit.kind === "table" ? entriesOf(limit, (key) => ["soft", "hard"].includes(key)) : [];
    const value = limit.kind === "table" ? hard.find(([key]) => key === "hard")?.[1].tree : limit;
    if (!value) find(draft, line, `the limit \`${name}\` has no hard bound`, "limits");
    const bound = value && numberOf(draft, value, wholeOf, "limits");
    if (bound !== undefined) addUlimit(draft, name, String(bound), line);
  }
};

const networkMode: Read = (draft, tree, context) => {
  text("network", "network", "isolation")(draft, tree, context);
  const mode = draft.network?.value ?? "";
  if (/^(?:service|container):/.test(mode))
    find(draft, tree.line, `\`${mode}\`: the network is another container's`, "network");
};

const networks: Read = (draft, tree) => {
  find(draft, tree.line, "the networks of a service lead to the host and out", "network");
  draft.open.add("network");
};

/** The driver; its options say where it sends what, and a driver that sends nothing has none of these. */
const logging: Read = (draft, tree) => {
  const own = new Map(entriesOf(tableOf(tree), (key) => key === "driver" || key === "options"));
  const driver = own.get("driver");
  const said = driver && textOf(draft, driver.tree, "network");
  if (said) draft.logDriver = said;
};

const read: Readonly<Record<string, Read>> = {
  cap_add: texts("capAdd", "identity", "files", "sockets", "processes", "network", "isolation", "limits"),
  cap_drop: texts("capDrop", "identity"),
  security_opt: texts("securityOptions", "identity", "calls", "files", "sockets", "network"),
  devices: texts("devices", "files", "sockets"),
  privileged: truth("privileged", ...everything),
  read_only: truth("readOnly", "limits"),
  tty: truth("terminal", "environment"),
  user: text("user", "identity", "files", "limits"),
  network_mode: networkMode,
  logging,
  networks,
  pid: text("pid", "processes", "files", "sockets", "isolation"),
  ipc: text("ipc", "processes", "files", "limits", "isolation"),
  uts: text("uts", "isolation"),
  cgroup: text("cgroup", "isolation"),
  mem_limit: amount("memory", bytesOrNone),
  memswap_limit: amount("memorySwap", bytesOrNone),
  pids_limit: amount("processes", wholeOf),
  shm_size: amount("shmBytes", bytesOrNone),
  cpus: (draft, tree) => {
    const cores = numberOf(draft, tree, decimalOf, "limits");
    if (cores !== undefined) draft.cpu = cores * 100;
  },
  ulimits,
  environment,
  tmpfs: addTmpfs,
  volumes: addVolumes,
};

/** Whether compose knows a key of a service. */
export function isServiceKey(key: string): boolean {
  return (
    key === "deploy" ||
    harmless.has(key) ||
    ofImage.has(key) ||
    Object.hasOwn(read, key) ||
    Object.hasOwn(unread, key)
  );
}

const isNothing = (tree: Tree): boolean => tree.kind === "scalar" && tree.value === null;

/** Reads what a service says, save of its image and command. @throws ContainerError */
export function readService(draft: Draft, tree: Tree, context: VolumeContext): void {
  const table = tableOf(tree);
  for (const [key, { tree: value, line }] of entriesOf(table, isServiceKey)) {
    if (isNothing(value) && key !== "networks") continue;
    const slices = Object.hasOwn(unread, key) ? unread[key] : undefined;
    if (slices) find(draft, line, `\`${key}\` is not read here`, ...slices);
    else if (Object.hasOwn(read, key)) read[key]?.(draft, value, context);
  }
  const deploy = table.entries.get("deploy")?.tree;
  if (deploy && !isNothing(deploy)) addDeploy(draft, deploy);
}
