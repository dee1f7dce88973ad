/**
 * Compose files, as compose 2 reads them: a container for each service.
 *
 * Source: Compose specification; "Merge Compose files" of docker's documentation for the override file.
 */
import { commandOf, contextOf, imageName, readBuild } from "./compose/build.ts";
import { entriesOf, tableOf, textOf } from "./compose/read.ts";
import { readService } from "./compose/service.ts";
import { type Entry, readTree, type Table } from "./compose/tree.ts";
import type { VolumeContext } from "./compose/volumes.ts";
import { type Draft, emptyDraft, everySlice, find } from "./container/settings.ts";
import { cleanPath } from "./container/values.ts";
import {
  type ContainerEnvironment,
  ContainerError,
  containerAuthority,
  type LiftedContainer,
} from "./container.ts";

const topLevel: ReadonlySet<string> = new Set(
  "name version services volumes networks secrets configs include models".split(" "),
);

const overrides = [
  "compose.override.yaml",
  "compose.override.yml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/** What may change any service. */
function outsideChanges(draft: Draft, file: Table, environment: ContainerEnvironment): void {
  const include = file.entries.get("include");
  if (include) find(draft, include.line, "`include` is not read here", ...everySlice);
  const override = overrides.find(
    (name) => environment.read(cleanPath(name, environment.directory)) !== undefined,
  );
  if (override)
    find(draft, 1, `compose reads \`${override}\` as well, which may change everything`, ...everySlice);
}

/** The project's name, as compose makes it of a directory's. */
function projectOf(file: Table, { directory }: ContainerEnvironment): string {
  const given = file.entries.get("name");
  const named = given && textOf(emptyDraft(""), given.tree)?.value;
  const base = directory.slice(directory.lastIndexOf("/") + 1).toLowerCase();
  return named ?? base.replace(/[^a-z0-9_-]/g, "").replace(/^[_-]+/, "");
}

function liftService(
  name: string,
  { tree, line }: Entry,
  file: Table,
  context: VolumeContext,
): LiftedContainer {
  const { environment } = context;
  const draft = emptyDraft("compose.yaml");
  outsideChanges(draft, file, environment);
  const table = tableOf(tree);
  const build = table.entries.get("build");
  if (
    !build &&
    !table.entries.has("image") &&
    !table.entries.has("extends") &&
    !table.entries.has("provider")
  )
    throw new ContainerError(`the service \`${name}\` has neither an image nor a build`, line);
  if (table.entries.has("network_mode") && table.entries.has("networks"))
    throw new ContainerError("compose refuses `network_mode` together with `networks`", line);
  const dockerfile = build && readBuild(draft, build.tree, environment);
  readService(draft, table, context);
  const image = imageName(draft, table);
  const command = commandOf(draft, table, dockerfile);
  return {
    name,
    authority: containerAuthority(draft, environment),
    findings: draft.findings,
    assumptions: [...draft.assumptions],
    ...(image !== undefined && { image }),
    ...(command && { command }),
  };
}

/** Reads a compose file. @throws ContainerError, BudgetExceeded */
export function liftCompose(text: string, environment: ContainerEnvironment): readonly LiftedContainer[] {
  const file = tableOf(readTree(text));
  entriesOf(file, (key) => topLevel.has(key));
  const version = file.entries.get("version");
  if (version) textOf(emptyDraft(""), version.tree);
  const services = file.entries.get("services");
  if (!services) throw new ContainerError("there are no services", 1);
  const volumes = file.entries.get("volumes");
  const isEmpty = volumes?.tree.kind === "scalar" && volumes.tree.value === null;
  const context: VolumeContext = {
    environment,
    volumes: volumes && !isEmpty ? tableOf(volumes.tree).entries : new Map(),
    project: projectOf(file, environment),
  };
  return [...tableOf(services.tree).entries].map(([name, entry]) => liftService(name, entry, file, context));
}

/** The contexts of all builds, as they are written. @throws ContainerError */
export function buildContexts(text: string): ReadonlySet<string> {
  const services = tableOf(readTree(text)).entries.get("services");
  if (!services) return new Set();
  return new Set(
    [...tableOf(services.tree).entries.values()].flatMap(({ tree }) => {
      const build = tableOf(tree).entries.get("build");
      return build ? contextOf(build.tree) : [];
    }),
  );
}
