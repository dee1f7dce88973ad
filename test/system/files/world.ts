/**
 * A world of its own for the trees of all examples: what lies in `/usr`, `/etc` and `/var/cache` is this machine's, with a
 * layer over it that only the processes of the world see. There each path that a policy names is made, whatever the machine
 * has; the roots of the policies are ordinary directories. The world has a network of its own as well, where a docker daemon
 * may have its bridge.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildPrograms, type Programs } from "./build.ts";

/** The directories of the machine that have a layer. */
export const layered: readonly string[] = ["/usr", "/etc", "/var/cache"];

/** How the name of a sibling ends that no clause names. */
export const besideEnd = "~beside";

/** Lies in the world only, and says where its directory is: what writes to `/usr` looks for it first. */
export const worldMark = "/etc/mcpc-world";

/** The world, until it is disposed of. */
export interface World {
  /** Everything that belongs to it, at the same path inside and outside. */
  readonly directory: string;
  /** What lies over the machine's own files, by their paths. */
  readonly layer: string;
  readonly programs: Programs;
  /** This process's node, at a path where the world leaves it alone. */
  readonly node: string;
  /** A file system in memory that the world alone has, for a docker daemon: it waits for no disk. */
  readonly data: string;
  /** The words that run a command in the world. */
  readonly enter: (argv: readonly string[]) => readonly string[];
  /** Ends its processes: its layer is an ordinary directory then. */
  readonly end: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

function holder(directory: string, node: string): ChildProcess {
  const overlays = layered.map(
    (at) =>
      `mount -t overlay overlay -o lowerdir=${at},upperdir=${directory}/layer${at},workdir=${directory}/work${at} ${at}`,
  );
  const script = [
    "set -e",
    `mount --bind ${process.execPath} ${node}`,
    `mount -t tmpfs tmpfs ${directory}/data`,
    ...overlays,
    "echo made",
    "exec sleep infinity",
  ].join("\n");
  return spawn("/usr/bin/unshare", ["--mount", "--net", "--propagation=private", "/bin/sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Makes an empty world. @throws Error with what gcc says; unshare and mount say themselves why there is none */
export async function makeWorld(): Promise<World> {
  const directory = mkdtempSync("/srv/mcpc-probes-");
  try {
    return await openWorld(directory);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

async function openWorld(directory: string): Promise<World> {
  chmodSync(directory, 0o755);
  const layer = join(directory, "layer");
  for (const at of layered) {
    mkdirSync(join(layer, at), { recursive: true });
    mkdirSync(join(directory, "work", at), { recursive: true });
  }
  for (const name of ["tools", "data"]) mkdirSync(join(directory, name));
  writeFileSync(join(layer, worldMark), directory);
  const node = join(directory, "tools/node");
  writeFileSync(node, "");
  const programs = buildPrograms(join(directory, "tools"));
  const process = holder(directory, node);
  const ended = new Promise<void>((resolve) => process.once("exit", () => resolve()));
  const made = new Promise<boolean>((resolve) => {
    process.stdout?.once("data", () => resolve(true));
    ended.then(() => resolve(false));
  });
  if (!(await made)) throw new Error("no world could be made");
  const end = (): Promise<void> => {
    process.kill("SIGKILL");
    return ended;
  };
  return {
    directory,
    layer,
    data: join(directory, "data"),
    programs,
    node,
    enter: (argv) => [
      "/usr/bin/nsenter",
      `--mount=/proc/${process.pid}/ns/mnt`,
      `--net=/proc/${process.pid}/ns/net`,
      "--",
      ...argv,
    ],
    end,
    dispose: async () => {
      await end();
      // Beside it stands the sibling that no clause names.
      for (const path of [directory, `${directory}${besideEnd}`])
        rmSync(path, { recursive: true, force: true });
    },
  };
}
