/** The compose file of one server: the compose specification, or with `--env compose=1.29` what Debian 12 reads. */

import { atLeast } from "../../policy/environment.ts";
import { composeString } from "../escape/text.ts";
import { printYaml, type YamlValue } from "../escape/yaml.ts";
import type { TargetContext } from "../target.ts";
import type { ContainerMount, DockerModel } from "./model.ts";
import {
  blankedProxies,
  maskOptions,
  tmpfsOptions,
  volumeName,
  volumeOptions,
  writableOtherwise,
} from "./options.ts";

type YamlMap = { [key: string]: YamlValue };

function bindVolume(source: string, target: string, readOnly: boolean, context: TargetContext): YamlMap {
  const modern = atLeast(context.environment.compose, 2);
  const bind: YamlMap = { propagation: "rprivate", ...(modern && { create_host_path: false }) };
  return {
    type: "bind",
    source: composeString(source),
    target: composeString(target),
    read_only: readOnly,
    bind,
  };
}

function volumeEntry(mount: ContainerMount, context: TargetContext): YamlMap | undefined {
  if (mount.kind === "bind") return bindVolume(mount.path, mount.path, mount.readOnly, context);
  if (mount.kind === "volume") {
    return {
      type: "volume",
      source: volumeName(mount.path, mount.exec),
      target: composeString(mount.path),
      volume: { nocopy: true },
    };
  }
  return mount.directory ? undefined : bindVolume("/dev/null", mount.path, true, context);
}

function volumes(model: DockerModel, context: TargetContext): YamlMap {
  const mounts = model.mounts.flatMap((mount) => volumeEntry(mount, context) ?? []);
  return mounts.length === 0 ? {} : { volumes: mounts };
}

function image(model: DockerModel): YamlMap {
  const { image: chosen } = model;
  if (chosen.kind === "named") return { image: composeString(chosen.reference) };
  if (chosen.kind === "parameter")
    return { image: `\${${chosen.variable}:?the image that holds the server}` };
  return {
    image: chosen.tag,
    build: {
      context: composeString(chosen.context),
      dockerfile: composeString(`${model.location}/Dockerfile`),
      // Passed through when it is set; the Dockerfile names the default.
      args: ["MCPC_BASE"],
    },
  };
}

function environment(model: DockerModel): readonly YamlValue[] {
  const own = model.environment.map(({ name, value }) =>
    value === undefined ? name : composeString(`${name}=${value}`),
  );
  const names = new Set(model.environment.map(({ name }) => name));
  return [...own, ...blankedProxies.filter((name) => !names.has(name)).map((name) => `${name}=`)];
}

function limits(model: DockerModel): YamlMap {
  const { memory, processes, files, cpu } = model.limits;
  return {
    ...(memory !== undefined && { mem_limit: memory, memswap_limit: memory }),
    ...(processes !== undefined && { pids_limit: processes }),
    ...(cpu !== undefined && { cpus: cpu / 100 }),
    ulimits: { core: 0, ...(files !== undefined && { nofile: { soft: files, hard: files } }) },
  };
}

function network(model: DockerModel): YamlMap {
  if (model.network === "none") return { network_mode: "none" };
  const ports = model.ports.map(
    ({ address, port, protocol }) =>
      `${address.includes(":") ? `[${address}]` : address}:${port}:${port}/${protocol}`,
  );
  return ports.length === 0 ? {} : { ports };
}

function tmpfs(model: DockerModel): YamlMap {
  const masks = model.mounts
    .filter((mount) => mount.kind === "mask" && mount.directory)
    .map(({ path }) => composeString(maskOptions(path)));
  const own = model.tmpBytes === undefined ? [] : [`/tmp:${tmpfsOptions(model.tmpBytes)}`];
  return { tmpfs: [...own, ...writableOtherwise.map(maskOptions), ...masks] };
}

/** Prints the file. */
export function printCompose(model: DockerModel, context: TargetContext): string {
  const service: YamlMap = {
    ...image(model),
    ...(model.command && { entrypoint: model.command.map(composeString), command: [] }),
    working_dir: composeString(model.workingDirectory),
    user: model.user,
    read_only: true,
    privileged: false,
    init: false,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true", "seccomp:./seccomp.json"],
    ipc: "none",
    ...network(model),
    ...limits(model),
    environment: environment(model),
    ...tmpfs(model),
    ...volumes(model, context),
    stdin_open: true,
    tty: false,
    restart: "no",
    healthcheck: { disable: true },
    logging: { driver: "none" },
  };
  const directories = model.mounts.filter((mount) => mount.kind === "volume");
  const named: YamlMap = Object.fromEntries(
    directories.map(({ path, exec }) => [
      volumeName(path, exec),
      {
        name: volumeName(path, exec),
        driver: "local",
        driver_opts: { type: "none", o: volumeOptions(exec), device: composeString(path) },
      },
    ]),
  );
  // A version-less file means 3.x to compose 1.27 and later, where driver_opts and mem_limit both exist.
  const document: YamlMap = {
    services: { [model.server]: service },
    ...(directories.length > 0 && { volumes: named }),
  };
  return printYaml(document, context.header);
}
