/** Which image a container runs, and what is copied into it. */
import { ancestors, isBelow, isPlain, isWithin } from "../../host/patterns.ts";
import type { FileGrant, ServerIr } from "../../policy/ir.ts";
import { dockerfileSource, notAPath } from "../escape/text.ts";
import type { TargetContext, Unrepresentable } from "../target.ts";
import type { ContainerImage, CopiedFile } from "./model.ts";

/** The program's own files: not its interpreter, which is the base image's. */
function programFiles(server: ServerIr): readonly FileGrant[] {
  const { program } = server;
  const isInterpreter = program?.entry !== undefined;
  const own = server.files.grants.filter(
    (grant) =>
      grant.by === "run" && grant.type !== "absent" && !(isInterpreter && grant.path === program?.executable),
  );
  return own.filter((grant) => !own.some((other) => isBelow(grant.path, other.path)));
}

/** The directory above all of the paths. */
function commonDirectory(paths: readonly string[]): string {
  const [first, ...rest] = paths.map((path) => ancestors(path));
  const shared = (first ?? ["/"]).filter((directory) => rest.every((above) => above.includes(directory)));
  return shared.at(-1) ?? "/";
}

/** A policy's pattern as a line of .dockerignore, relative to the context; undefined when it lies elsewhere. */
function ignoreLine(pattern: string, context: string): string | undefined {
  if (pattern.startsWith("/**/")) return pattern.slice(1);
  if (isPlain(pattern) ? !isBelow(pattern, context) : !pattern.startsWith(`${context}/`)) return undefined;
  return pattern.slice(context.length + 1);
}

/** Lines that let nothing into the build but the program, and of that nothing that is denied. */
function ignoreLines(server: ServerIr, context: string, files: readonly FileGrant[]): readonly string[] {
  const literal = (line: string): string => line.replace(/[[\]?\\]/g, "\\$&");
  const wanted = files.map((file) => `!${literal(file.path.slice(context.length + 1))}`);
  const denied = [
    ...server.files.denies.filter((deny) => deny.access === "all").map((deny) => deny.pattern),
    ...server.files.credentials.map((credential) => credential.pattern),
  ].flatMap((pattern) => ignoreLine(pattern, context) ?? []);
  return ["*", ...wanted, ...[...new Set(denied)].sort().map(literal)];
}

/** Chooses the image; a string that a Dockerfile can't hold is an error. */
export function containerImage(
  server: ServerIr,
  context: TargetContext,
): { readonly image: ContainerImage; readonly unrepresentable: readonly Unrepresentable[] } {
  const { image, program } = server;
  if (image) {
    const reference = image.digest === undefined ? image.name : `${image.name}@${image.digest}`;
    return { image: { kind: "named", reference }, unrepresentable: [] };
  }
  if (!program) {
    const variable = `MCP_${server.name.toUpperCase().replaceAll("-", "_")}_IMAGE`;
    return { image: { kind: "parameter", variable }, unrepresentable: [] };
  }
  const files = programFiles(server);
  const unrepresentable: Unrepresentable[] = [];
  const directory =
    files.length === 0 ? context.policy.root : commonDirectory(files.map((file) => file.path));
  const copies: CopiedFile[] = [];
  for (const { path, origin } of files) {
    const source = isWithin(path, directory)
      ? path.slice(directory === "/" ? 1 : directory.length + 1)
      : path;
    const escaped = dockerfileSource(source);
    if (escaped.ok) copies.push({ source, path });
    else unrepresentable.push({ what: "the program's file", text: path, reason: escaped.reason, origin });
  }
  if (directory === "/" || directory === context.policy.home || isBelow(context.policy.home, directory)) {
    const reason = `its files have only \`${directory}\` in common, which is too much to hand to a build; use \`image\``;
    unrepresentable.push({
      what: "the program",
      text: program.argv.join(" "),
      reason,
      origin: program.origin,
    });
  }
  const bad = notAPath(directory);
  if (bad)
    unrepresentable.push({ what: "the build context", text: directory, reason: bad, origin: program.origin });
  return {
    image: {
      kind: "built",
      tag: `mcp-${server.name}:${context.policy.policy.hash.slice(0, 12)}`,
      base: server.runtime.baseImage ?? "scratch",
      context: directory,
      copies,
      ignored: ignoreLines(server, directory, files),
    },
    unrepresentable,
  };
}
