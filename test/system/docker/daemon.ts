import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { attemptCommand } from "../command.ts";

/** A docker daemon of the test's own: its sockets and data clash with no other. */
export interface DockerDaemon {
  /** The environment in which docker and docker-compose reach it. */
  readonly environment: NodeJS.ProcessEnv;
  readonly stop: () => Promise<void>;
}

/** Where a daemon runs: on this machine, or in a world with its own files and its own network. */
export interface DaemonPlace {
  readonly enter: (argv: readonly string[]) => readonly string[];
  /** Where its images lie. */
  readonly data: string;
}

/**
 * Starts Debian's dockerd, without firewall: what is tested has no network, or none that leads anywhere. A bridge it has only
 * in a network of its own.
 */
export async function startDocker(place?: DaemonPlace): Promise<DockerDaemon> {
  const directory = mkdtempSync("/var/tmp/mcpc-docker-");
  const socket = `unix://${join(directory, "docker.sock")}`;
  const log = openSync(join(directory, "log"), "w");
  const words = [
    "--data-root",
    place?.data ?? join(directory, "data"),
    "--exec-root",
    join(directory, "exec"),
    "--pidfile",
    join(directory, "pid"),
    "--host",
    socket,
    "--iptables=false",
    "--ip-masq=false",
    ...(place ? [] : ["--bridge=none"]),
  ];
  const command = ["/usr/sbin/dockerd", ...words];
  const [program = "", ...rest] = place ? place.enter(command) : command;
  const daemon: ChildProcess = spawn(program, rest, { stdio: ["ignore", log, log] });
  const environment = {
    ...process.env,
    DOCKER_HOST: socket,
    DOCKER_BUILDKIT: "0",
    DOCKER_CONFIG: directory,
    PATH: `/usr/bin:${process.env.PATH}`,
  };
  for (let tries = 0; tries < 120; tries++) {
    if (attemptCommand(["/usr/bin/docker", "info"], { env: environment, seconds: 10 }).status === 0) {
      return { environment, stop: () => stopDocker(daemon, directory) };
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const { output } = attemptCommand(["/usr/bin/tail", "-n", "30", join(directory, "log")]);
  await stopDocker(daemon, directory);
  throw new Error(`dockerd did not start:\n${output}`);
}

async function stopDocker(daemon: ChildProcess, directory: string): Promise<void> {
  const ended = new Promise((resolve) => daemon.once("exit", resolve));
  daemon.kill("SIGTERM");
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20_000))]);
  daemon.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
}
