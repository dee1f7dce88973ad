/**
 * What a service runs: its image, the Dockerfile that makes it, its command.
 *
 * Source: Compose build specification; docker's ".dockerignore files": BuildKit, the builder since docker 23, prefers the file
 * that is named after the Dockerfile.
 */
import type { ContainerEnvironment } from "../container/environment.ts";
import { type Draft, emptyDraft, find } from "../container/settings.ts";
import { cleanPath } from "../container/values.ts";
import { type LiftedDockerfile, liftDockerfile } from "../dockerfile.ts";
import { entriesOf, tableOf, textOf } from "./read.ts";
import type { Table, Tree } from "./tree.ts";

/** Keys of a build that give it nothing of the host. */
const harmless: ReadonlySet<string> = new Set(
  "args cache_from cache_to extra_hosts isolation labels network no_cache platforms provenance pull sbom shm_size tags ulimits".split(
    " ",
  ),
);
const read: ReadonlySet<string> = new Set("context dockerfile dockerfile_inline target".split(" "));
const unread: ReadonlySet<string> = new Set(
  "additional_contexts entitlements privileged secrets ssh".split(" "),
);

interface Build {
  readonly context: string;
  readonly dockerfile?: string;
  readonly inline?: string;
  readonly target?: string;
}

const textAt = (draft: Draft, table: Table, key: string): string | undefined => {
  const entry = table.entries.get(key);
  return entry && textOf(draft, entry.tree, "files", "identity", "environment", "limits")?.value;
};

function buildOf(draft: Draft, tree: Tree): Build {
  if (tree.kind !== "table") return { context: textOf(draft, tree, "files")?.value ?? "." };
  for (const [key, { line }] of entriesOf(tree, (k) => harmless.has(k) || read.has(k) || unread.has(k)))
    if (unread.has(key)) find(draft, line, `\`${key}\` gives the build more than its context`, "files");
  const given = {
    dockerfile: textAt(draft, tree, "dockerfile"),
    inline: textAt(draft, tree, "dockerfile_inline"),
    target: textAt(draft, tree, "target"),
  };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { context: textAt(draft, tree, "context") ?? ".", ...known };
}

/** The context of a build. @throws ContainerError */
export function contextOf(tree: Tree): string {
  return buildOf(emptyDraft(""), tree).context;
}

/** A context that is fetched. */
const isRemote = (context: string): boolean => /^(?:[a-z+]+:\/\/|git@|github\.com\/)/.test(context);

function ignoreOf(path: string, context: string, environment: ContainerEnvironment): string | undefined {
  const own = environment.docker.major >= 23 ? environment.read(`${path}.dockerignore`) : undefined;
  return own ?? environment.read(cleanPath(".dockerignore", context));
}

/** Reads the Dockerfile of a build; undefined, with a finding, when it is not there to read. */
function dockerfileOf(
  draft: Draft,
  tree: Tree,
  environment: ContainerEnvironment,
): LiftedDockerfile | undefined {
  const build = buildOf(draft, tree);
  if (isRemote(build.context)) {
    find(draft, tree.line, `the context \`${build.context}\` is fetched, so its Dockerfile is not known`);
    return undefined;
  }
  const context = cleanPath(build.context, environment.directory);
  const path = cleanPath(build.dockerfile ?? "Dockerfile", context);
  const text = build.inline ?? environment.read(path);
  if (text === undefined) {
    find(draft, tree.line, `the Dockerfile \`${path}\` can't be read`, "files");
    return undefined;
  }
  const ignore = ignoreOf(path, context, environment);
  return liftDockerfile(text, ignore, {
    context,
    ...(build.target !== undefined && { target: build.target }),
  });
}

/** Joins the image's Dockerfile into the settings. @throws ContainerError */
export function readBuild(
  draft: Draft,
  tree: Tree,
  environment: ContainerEnvironment,
): LiftedDockerfile | undefined {
  const file = dockerfileOf(draft, tree, environment);
  if (!file) return undefined;
  draft.image = file.image;
  draft.findings.push(...file.findings);
  for (const text of file.assumptions) draft.assumptions.add(text);
  draft.assumptions.add("the image was built from this Dockerfile as it is now");
  return file;
}

/** The image's name; undefined when it is a parameter. */
export function imageName(draft: Draft, table: Table): string | undefined {
  const entry = table.entries.get("image");
  if (!entry || (entry.tree.kind === "scalar" && entry.tree.unknown === "required")) return undefined;
  return textOf(draft, entry.tree)?.value;
}

/** Words that no shell changes. */
const plainWords = /^[A-Za-z0-9_./:=@%+,-]+(?: +[A-Za-z0-9_./:=@%+,-]+)*$/;

/** The words of a command; of a string only where every shell splits it alike. */
function wordsAt(draft: Draft, table: Table, key: string): readonly string[] | "unknown" | undefined {
  const entry = table.entries.get(key);
  if (!entry || (entry.tree.kind === "scalar" && entry.tree.value === null)) return undefined;
  if (entry.tree.kind !== "list") {
    const text = textOf(draft, entry.tree)?.value ?? "";
    return plainWords.test(text) ? text.split(/ +/) : "unknown";
  }
  const words = entry.tree.items.map((item) => textOf(draft, item)?.value);
  return words.every((word) => word !== undefined) ? words : "unknown";
}

/** What is started: an entry point of the service forgets the command of the image. */
export function commandOf(
  draft: Draft,
  tree: Tree,
  file: LiftedDockerfile | undefined,
): readonly string[] | undefined {
  const table = tableOf(tree);
  const [entrypoint, command] = [wordsAt(draft, table, "entrypoint"), wordsAt(draft, table, "command")];
  const first = entrypoint ?? file?.entrypoint ?? (file ? [] : "unknown");
  const rest = command ?? (entrypoint === undefined ? (file?.cmd ?? []) : []);
  return first === "unknown" || rest === "unknown" || first.length + rest.length === 0
    ? undefined
    : [...first, ...rest];
}
