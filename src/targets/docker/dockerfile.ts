/** The Dockerfile and its .dockerignore. */
import { dockerfileJson } from "../escape/text.ts";
import { line, renderTemplate } from "../template.ts";
import type { ContainerImage, DockerModel } from "./model.ts";

type BuiltImage = Extract<ContainerImage, { kind: "built" }>;

/**
 * A Dockerfile: the program's files at their own paths, owned by root, a numeric user, and the exec form of the entry
 * point. The base must bring no VOLUME, ONBUILD or HEALTHCHECK of its own; what can be overridden is.
 */
export function printDockerfile(model: DockerModel, image: BuiltImage, header: readonly string[]): string {
  return renderTemplate("dockerfile", {
    header: header.map(line),
    tag: line(image.tag),
    context: line(JSON.stringify(image.context)),
    base: line(image.base),
    copies: image.copies.map(({ source, path }) => ({
      source: line(dockerfileJson(source)),
      path: line(dockerfileJson(path)),
    })),
    user: line(model.user),
    entrypoint: line(asciiJson(model.command ?? [])),
  });
}

/** JSON in ASCII: the line separators of Unicode, which JSON leaves as they are, are written as escapes. */
function asciiJson(words: readonly string[]): string {
  return JSON.stringify(words).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The file that keeps everything but the program out of the build. */
export function printDockerignore(image: BuiltImage, header: readonly string[]): string {
  return renderTemplate("dockerignore", { header: header.map(line), patterns: image.ignored.map(line) });
}
