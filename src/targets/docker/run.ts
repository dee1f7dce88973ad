/** The `docker run` form: the argv that an MCP client's configuration takes. */

import { csvField } from "../escape/text.ts";
import type { ContainerMount, DockerModel } from "./model.ts";
import { blankedProxies, maskOptions, tmpfsOptions, volumeOptions, writableOtherwise } from "./options.ts";

function mountFlags(mount: ContainerMount): readonly string[] {
  if (mount.kind === "volume") {
    const fields = [
      "type=volume",
      `dst=${mount.path}`,
      "volume-driver=local",
      "volume-nocopy",
      "volume-opt=type=none",
      `volume-opt=o=${volumeOptions(mount.exec)}`,
      `volume-opt=device=${mount.path}`,
    ];
    return ["--mount", fields.map(csvField).join(",")];
  }
  if (mount.kind === "mask" && mount.directory) {
    return ["--tmpfs", maskOptions(mount.path)];
  }
  const source = mount.kind === "mask" ? "/dev/null" : mount.path;
  const readOnly = mount.kind === "mask" || mount.readOnly;
  const fields = [
    "type=bind",
    `src=${source}`,
    `dst=${mount.path}`,
    ...(readOnly ? ["readonly"] : []),
    "bind-propagation=rprivate",
  ];
  return ["--mount", fields.map(csvField).join(",")];
}

function imageReference(model: DockerModel): string {
  if (model.image.kind === "built") return model.image.tag;
  return model.image.kind === "named" ? model.image.reference : `\${${model.image.variable}}`;
}

/** The command line, one word an entry. */
export function dockerRun(model: DockerModel): readonly string[] {
  const { memory, processes, files, cpu } = model.limits;
  const names = new Set(model.environment.map(({ name }) => name));
  const entry = model.command?.[0];
  return [
    "docker",
    "run",
    "--rm",
    "--interactive",
    ...(model.image.kind === "built" ? ["--pull=never"] : []),
    `--network=${model.network}`,
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges:true",
    `--security-opt=seccomp=${model.location}/seccomp.json`,
    `--user=${model.user}`,
    `--workdir=${model.workingDirectory}`,
    "--ipc=none",
    "--log-driver=none",
    "--no-healthcheck",
    "--ulimit=core=0",
    ...(files === undefined ? [] : [`--ulimit=nofile=${files}:${files}`]),
    ...(memory === undefined ? [] : [`--memory=${memory}`, `--memory-swap=${memory}`]),
    ...(processes === undefined ? [] : [`--pids-limit=${processes}`]),
    ...(cpu === undefined ? [] : [`--cpus=${cpu / 100}`]),
    ...(model.tmpBytes === undefined ? [] : [`--tmpfs=/tmp:${tmpfsOptions(model.tmpBytes)}`]),
    ...writableOtherwise.map((path) => `--tmpfs=${maskOptions(path)}`),
    ...model.ports.map(
      ({ address, port, protocol }) =>
        `--publish=${address.includes(":") ? `[${address}]` : address}:${port}:${port}/${protocol}`,
    ),
    ...model.environment.map(({ name, value }) => `--env=${value === undefined ? name : `${name}=${value}`}`),
    ...blankedProxies.filter((name) => !names.has(name)).map((name) => `--env=${name}=`),
    ...model.mounts.flatMap(mountFlags),
    ...(entry === undefined ? [] : [`--entrypoint=${entry}`]),
    "--",
    imageReference(model),
    ...(model.command?.slice(1) ?? []),
  ];
}
