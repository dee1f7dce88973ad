/** Checks of what a container is started with, in both forms. */
import { lstatSync } from "node:fs";
import { atLeast } from "../../src/policy/environment.ts";
import { blankedProxies } from "../../src/targets/docker/options.ts";
import { type Container, composeContainer, composeFile, containersOf } from "../support/container.ts";
import { type Check, fileOf, type Output } from "../support/outputs.ts";
import { admits, firstOf } from "./trap.ts";

/** A check of each container of an output. */
export function everyContainer(
  problem: (container: Container, output: Output) => string | false | undefined,
): Check {
  return (output) => {
    try {
      return firstOf(containersOf(output), (container) => {
        const found = problem(container, output);
        return found ? `${container.form}: ${found}` : undefined;
      });
    } catch (error) {
      // What can't be read back is as bad as what reads wrong.
      return String(error);
    }
  };
}

const admitted = (output: Output, dimension: string, words: RegExp): boolean =>
  admits(fileOf(output, "compose.yaml"), dimension, words);

const isDirectory = (path: string): boolean => lstatSync(path).isDirectory();

/** Directories are bound read-only by volumes that leave out what is mounted below them. */
export const readOnlyIsRecursive = everyContainer(({ mounts }) =>
  firstOf(mounts, ({ type, source, readOnly, options, nonRecursive }) => {
    if (type === "bind")
      return readOnly && !nonRecursive && isDirectory(source ?? "")
        ? `${source} is read-only, and what is mounted below it is not`
        : undefined;
    const flags = (options.o ?? "").split(",");
    return flags.includes("rbind") || !flags.includes("bind")
      ? `${options.device} brings submounts`
      : undefined;
  }),
);

/** The image brings nothing that runs or is written by itself. */
export const imageBringsNothing: Check = (output) => {
  const found = everyContainer(({ healthcheck, entrypoint }, { server }) => {
    if (healthcheck) return "the image's health check runs";
    return server.program !== undefined && entrypoint === undefined
      ? "the image's entry point runs"
      : undefined;
  })(output);
  if (found) return found;
  if (!admitted(output, "files", /VOLUME/)) return "nothing is said of the image's volumes";
  const text = output.files.get("Dockerfile");
  if (text === undefined) return undefined;
  const instructions = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const names = instructions.map((line) => line.split(" ")[0] ?? "");
  const stray = names.find(
    (name) =>
      !["ARG", "FROM", "COPY", "USER", "HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "CMD"].includes(name),
  );
  if (stray !== undefined) return `the Dockerfile holds ${stray}`;
  if (/^# *(?:syntax|escape|check) *=/i.test(text)) return "the first line of the Dockerfile is a directive";
  if (!instructions.includes("HEALTHCHECK NONE")) return "the base's health check is built in";
  const entry = instructions.find((line) => line.startsWith("ENTRYPOINT "))?.slice("ENTRYPOINT ".length);
  try {
    const words: unknown = JSON.parse(entry ?? "");
    return Array.isArray(words) && words.every((w) => typeof w === "string") ? undefined : "no list of words";
  } catch {
    return "the entry point is not JSON, so a shell would run it";
  }
};

/** What may be written is what the policy says: nothing of a container's own places. */
export const nothingElseIsWritable = everyContainer((container, { server }) => {
  if (!container.readOnly) return "the root is writable";
  if (container.ipc !== "none") return "/dev/shm is writable";
  if (container.privileged) return "the container is privileged";
  const masks = container.tmpfs.filter(({ options }) => options.includes("ro"));
  if (!masks.some(({ target }) => target === "/dev/mqueue")) return "/dev/mqueue is writable";
  const open = container.tmpfs.filter(({ options }) => !options.includes("ro")).map(({ target }) => target);
  if (open.some((target) => target !== "/tmp" || server.tmp === undefined)) return `${open} is writable`;
  const writable = container.mounts.filter(({ readOnly, type }) => !readOnly && type === "bind");
  return firstOf(writable, ({ target }) =>
    server.files.grants.some(
      (g) => g.access.includes("write") && (target === g.path || target.startsWith(`${g.path}/`)),
    )
      ? undefined
      : `${target} is writable`,
  );
});

/** Every tmpfs is bounded, and nothing in it runs. */
export const tmpfsIsBounded = everyContainer(({ tmpfs }, { server }) =>
  firstOf(tmpfs, ({ target, options }) => {
    const missing = ["noexec", "nosuid", "nodev"].find((option) => !options.includes(option));
    if (missing !== undefined || options.includes("exec")) return `${target} is without ${missing}`;
    const size = options.find((option) => option.startsWith("size="));
    const wanted = target === "/tmp" ? `size=${server.tmp?.bytes}` : "size=4k";
    if (size !== wanted) return `${target} has ${size}, not ${wanted}`;
    const modes = options.filter((option) => option.startsWith("mode="));
    return modes.join() === (target === "/tmp" ? "mode=1777" : "mode=0555")
      ? undefined
      : `${target}: ${modes}`;
  }),
);

/** uid and gid, neither of them root's, and the same in the image. */
export const userAndGroup: Check = (output) => {
  const pair = /^[1-9]\d*:[1-9]\d*$/;
  const found = everyContainer(({ user = "" }) => (pair.test(user) ? undefined : `the user is ${user}`))(
    output,
  );
  const built = /^USER (.*)$/m.exec(output.files.get("Dockerfile") ?? "USER 1:1")?.[1] ?? "";
  return found ?? (pair.test(built) ? undefined : `the image's user is ${built}`);
};

/** The user is who the policy says, or who owns what is written. */
export const userIsOwner = everyContainer(({ user }, { server }) => {
  const ids =
    server.user.kind === "ids" ? server.user : server.user.kind === "any" ? server.user.owner : undefined;
  return ids && user !== `${ids.uid}:${ids.gid}` ? `${user} is not ${ids.uid}:${ids.gid}` : undefined;
});

/** Each limit of the policy is set under the name that counts, and no other is; what docker can't limit is said. */
export const limitsAreSet: Check = (output) => {
  const { memory, processes, files, cpu, io, time } = output.server.limits;
  const found = everyContainer((c) => {
    if (c.memory !== memory?.value) return `memory ${c.memory}, not ${memory?.value}`;
    if (c.memorySwap !== c.memory) return `${c.memorySwap} of memory and swap`;
    if (c.pids !== processes?.value) return `processes ${c.pids}, not ${processes?.value}`;
    if (c.cpus !== (cpu && cpu.value / 100)) return `cpus ${c.cpus}`;
    const nofile = files && `${files.value}:${files.value}`;
    if (c.ulimits.nofile !== nofile) return `open files ${c.ulimits.nofile}`;
    if (c.ulimits.core !== "0") return "core files are written";
    return "nproc" in c.ulimits ? "a limit that counts the user's processes on the host" : undefined;
  })(output);
  if (found) return found;
  if (io && !admitted(output, "io", /by device/)) return "nothing says that I/O is not limited";
  return time && !admitted(output, "time", /no limit of run time/)
    ? "nothing says that time is not limited"
    : undefined;
};

/** Either no network, or one that the header admits leads anywhere; never one that only looks closed. */
export const networkIsNone: Check = (output) => {
  const document = composeFile(output) as unknown as Record<string, unknown>;
  if ("networks" in document) return "a network of the file's own";
  return everyContainer(({ network, ports }, { server }) => {
    if (network === "none") return ports.length > 0 ? "ports without a network" : undefined;
    if (network !== undefined && network !== "bridge") return `the network ${network}`;
    if (!admitted(output, "net.connect", /leads out/)) return "a network that leads out, and nobody says so";
    if (server.network.listen.length > 0 && !admitted(output, "net.connect", /whatever port/))
      return "ports that others reach, and nobody says so";
    const wanted = server.network.listen.flatMap(({ address, ports: range, protocol }) =>
      Array.from({ length: range.to - range.from + 1 }, (_, n) => {
        const outer = address.includes(":") ? `[${address}]` : address;
        return `${outer}:${range.from + n}:${range.from + n}/${protocol}`;
      }),
    );
    return ports.join() === wanted.join() ? undefined : `published ports ${ports}, not ${wanted}`;
  })(output);
};

/** No mount makes what is missing on the host. */
export const mountsMakeNothing: Check = (output) =>
  everyContainer(({ form, mounts }) => {
    // The long form never makes a directory before compose 2, which can't be told either way.
    if (form === "compose" && !atLeast(output.environment.compose, 2)) {
      const { volumes = [] } = Object.values(composeFile(output).services)[0] ?? {};
      if (volumes.some((volume) => typeof volume !== "string" && "create_host_path" in (volume.bind ?? {})))
        return "create_host_path, which compose 1 refuses";
      return volumes.some((volume) => typeof volume === "string") ? "a mount in the short form" : undefined;
    }
    return firstOf(mounts, (m) =>
      m.type === "bind" && m.createsHostPath ? `${m.source} would be made` : undefined,
    );
  })(output);

/** A mount is where it says, whatever the path holds. */
export const mountsAreExact = everyContainer(({ mounts, securityOptions }, { server }) => {
  if (!securityOptions.includes("no-new-privileges:true")) return "new privileges may be had";
  const paths = new Set([
    ...server.files.grants.map((g) => g.path),
    ...server.files.denies.flatMap((d) => d.matches.map((m) => m.path)),
    ...server.files.sockets,
    ...server.unix.map((u) => u.path),
  ]);
  return firstOf(mounts, ({ target, type, source, options }) => {
    const from = type === "volume" ? options.device : source;
    if (from !== "/dev/null" && from !== target) return `${from} is mounted at ${target}`;
    return paths.has(target) ? undefined : `nobody granted a mount at ${target}`;
  });
});

const known: ReadonlySet<string> = new Set(["bind", "ro", "noexec", "nosuid", "nodev"]);

/** A local volume that binds one directory, with options that are spelt right and held by a name of their own. */
export const volumesHold: Check = (output) => {
  const found = everyContainer(({ mounts }) =>
    firstOf(
      mounts.filter(({ type }) => type === "volume"),
      ({ readOnly, driver, options, copiesUp, target, source }) => {
        if (readOnly) return `read-only is said of the mount at ${target}, which undoes the volume's options`;
        if (driver !== "local" || options.type !== "none") return `the volume at ${target} is no bind`;
        const flags = (options.o ?? "").split(",");
        const odd = flags.find((flag) => !known.has(flag));
        if (odd !== undefined) return `the option ${odd} is ignored`;
        const missing = ["bind", "ro", "nosuid", "nodev"].find((flag) => !flags.includes(flag));
        if (missing !== undefined) return `the volume at ${target} is without ${missing}`;
        if (!options.device?.startsWith("/")) return `the device ${options.device} is relative`;
        if (copiesUp) return `the image's files are written to ${options.device}`;
        return source === undefined || /^mcpc-[0-9a-f]{16}$/.test(source) ? undefined : `the name ${source}`;
      },
    ),
  )(output);
  if (found) return found;
  const { volumes = {} } = composeFile(output);
  return firstOf(Object.entries(volumes), ([key, { name }]) =>
    name === key ? undefined : `the volume ${key} is called ${name}`,
  );
};

/** Whether the policy lets anything below a path be executed. */
const executable = ({ server }: Output, path: string): boolean =>
  server.files.grants.some(
    (g) =>
      g.access.includes("exec") &&
      (g.path === path || path.startsWith(`${g.path}/`) || g.path.startsWith(`${path}/`)),
  );

/** What is not granted to be executed is mounted noexec, or the header says that it is not. */
export const noexecIsHeld: Check = (output) =>
  everyContainer(({ mounts }) =>
    firstOf(mounts, ({ type, target, source, options, readOnly }) => {
      if (source === "/dev/null" || executable(output, target)) return undefined;
      if (type === "volume") {
        const flags = (options.o ?? "").split(",");
        return flags.includes("noexec") && flags.includes("ro") ? undefined : `${target} is executable`;
      }
      if (output.server.unix.some((u) => u.path === target)) return undefined;
      const what = readOnly ? /mounted as a single file/ : /mounted writable/;
      return admitted(output, "exec", what) ? undefined : `nobody says that ${target} is executable`;
    }),
  )(output);

/** A deny inside a live directory holds what exists at start: the header says so. */
export const masksAreOfTheStart: Check = (output) => {
  const { grants, denies } = output.server.files;
  const live = grants.filter((g) => g.by === "clause" && g.type === "directory");
  const inside = denies.filter(
    (d) => d.reason === "clause" && live.some((g) => d.pattern.startsWith(`${g.path}/`)),
  );
  if (inside.length === 0) return undefined;
  return admitted(output, "deny", /the mask ends when|what appears later/)
    ? undefined
    : "nobody says what a mask does not hold";
};

/** Masks lie on what exists, is no symlink, and is of the kind that they are. */
export const masksFit: Check = (output) =>
  everyContainer(({ mounts, tmpfs }) => {
    const files = mounts.filter(({ source }) => source === "/dev/null");
    const directories = tmpfs.filter(({ target }) => target !== "/tmp" && !target.startsWith("/dev/"));
    const denied = output.server.files.denies.filter((d) => d.access === "all").flatMap((d) => d.matches);
    const all = [...files, ...directories].map(({ target }) => target);
    const lost = denied.find(({ path }) => !all.some((a) => path === a || path.startsWith(`${a}/`)));
    const isSeen = lost && mounts.some(({ target }) => lost.path.startsWith(`${target}/`));
    if (isSeen) return `${lost.path} is not masked`;
    return (
      firstOf(files, ({ target, readOnly }) =>
        readOnly && !isDirectory(target) && !lstatSync(target).isSymbolicLink()
          ? undefined
          : `a bad mask: ${target}`,
      ) ??
      firstOf(directories, ({ target, options }) =>
        isDirectory(target) && options.includes("ro") ? undefined : `a bad mask: ${target}`,
      )
    );
  })(output);

/** No mount lies over what the program is, or where none is possible. */
export const mountsHideNothing = everyContainer(({ mounts, tmpfs }, { server }) =>
  firstOf([...mounts, ...tmpfs], ({ target }) => {
    if (target === "/" || /^\/(?:proc|sys|usr|bin|lib)(?:\/|$)/.test(target)) return `a mount at ${target}`;
    const hidden = server.files.grants.find((g) => g.by === "run" && g.path.startsWith(`${target}/`));
    return hidden && tmpfs.some((t) => t.target === target && t.options.includes("rw"))
      ? `${hidden.path} is hidden by ${target}`
      : undefined;
  }),
);

/** Variables are passed by name or set, exactly the policy's; the client's proxies are emptied. */
export const environmentIsExact = everyContainer(({ environment }, { server }) => {
  const granted = server.environment.map(({ name, value }) =>
    value === undefined ? name : `${name}=${value}`,
  );
  const names = new Set(server.environment.map(({ name }) => name));
  const emptied = blankedProxies.filter((name) => !names.has(name)).map((name) => `${name}=`);
  const wanted = [...granted, ...emptied].sort().join("\n");
  if (emptied.length + server.environment.filter((v) => /proxy/i.test(v.name)).length < 10) return "a proxy";
  const found = [...environment].sort().join("\n");
  return found === wanted ? undefined : `the environment is\n${found}\nnot\n${wanted}`;
});

/** Nothing is interpolated but a required image, and a file is of one server. */
export const nothingIsInterpolated: Check = (output) => {
  const text = fileOf(output, "compose.yaml").replace(/^#.*$/gm, "");
  const holes = text.replaceAll("$$", "").match(/\$[^"\s]*/g) ?? [];
  const parameter = composeContainer(output).image.startsWith("${MCP_");
  if (holes.length !== (parameter ? 1 : 0)) return `compose fills in ${holes.join(", ")}`;
  return /^ *(?:env_file|extends):/m.test(text) ? "variables from a file" : undefined;
};

/** A container ends with its client. */
export const containerEnds = everyContainer(({ form, interactive, removed, restart, init, logDriver }) => {
  if (!interactive) return "there is no standard input to end";
  if (form === "run" && !removed) return "the container and its volumes stay";
  if (form === "compose" && restart !== "no") return `restarted: ${restart}`;
  if (logDriver !== "none") return "what is said is logged";
  return init ? "an init runs inside" : undefined;
});

/** A node under too few processes hangs; it is told. */
export const fewProcessesAreTold: Check = (output) => {
  const { processes } = output.server.limits;
  if (!processes || processes.value >= 16 || output.server.runtime.name !== "node") return undefined;
  return output.diagnostics.some((d) => d.startsWith("warning") && /node needs/.test(d))
    ? undefined
    : "nobody says that node hangs";
};

/** A kernel of its own is more than a container is. */
export const isolationIsAdmitted: Check = (output) => {
  const { level } = output.server.isolation;
  if (level === "process" || level === "container") return undefined;
  return admitted(output, "isolation", /shares the host's kernel/)
    ? undefined
    : `no ${level}, and nobody says so`;
};
