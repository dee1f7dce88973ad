/** The Dockerfile and its .dockerignore. */
import { dockerfileJson } from "../escape/text.ts";
import type { ContainerImage, DockerModel } from "./model.ts";

type BuiltImage = Extract<ContainerImage, { kind: "built" }>;

/**
 * A Dockerfile: the program's files at their own paths, owned by root, a numeric user, and the exec form of the entry
 * point. The base must bring no VOLUME, ONBUILD or HEALTHCHECK of its own; what can be overridden is.
 */
export function printDockerfile(model: DockerModel, image: BuiltImage, header: readonly string[]): string {
  const lines = [
    ...header.map((line) => `# ${line}`),
    "#",
    "# Build with the context that holds the program:",
    `#   docker build --tag ${image.tag} --file Dockerfile ${JSON.stringify(image.context)}`,
    `ARG MCPC_BASE=${image.base}`,
    `FROM \${MCPC_BASE}`,
    ...image.copies.map(({ source, path }) => `COPY [${dockerfileJson(source)}, ${dockerfileJson(path)}]`),
    `USER ${model.user}`,
    "HEALTHCHECK NONE",
    "STOPSIGNAL SIGTERM",
    `ENTRYPOINT ${JSON.stringify(model.command ?? [])}`,
    "CMD []",
  ];
  return `${lines.join("\n")}\n`;
}

/** The file that keeps everything but the program out of the build. */
export function printDockerignore(image: BuiltImage, header: readonly string[]): string {
  return `${[...header.map((line) => `# ${line}`), ...image.ignored].join("\n")}\n`;
}
