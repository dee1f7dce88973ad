/**
 * Volumes and tmpfs of a service.
 *
 * Source: Compose specification, services, `volumes`, `tmpfs`; top-level `volumes`.
 */
import type { ContainerEnvironment } from "../container/environment.ts";
import { ContainerError, type Draft, find } from "../container/settings.ts";
import { bytesOf } from "../container/values.ts";
import {
  absolute,
  bindMount,
  isPath,
  shortVolume,
  tmpfsMount,
  type VolumeSetting,
  volumeMount,
} from "../container/volumes.ts";
import { entriesOf, listOf, numberOf, tableOf, textOf, textsOf, truthOf, wordOf } from "./read.ts";
import type { Entry, Table, Tree } from "./tree.ts";

/** What the file says besides the service. */
export interface VolumeContext {
  readonly environment: ContainerEnvironment;
  /** The top-level volumes. */
  readonly volumes: ReadonlyMap<string, Entry>;
  readonly project: string;
}

const mountSlices = ["files", "sockets", "limits"] as const;

type NamedVolume = Pick<VolumeSetting, "name" | "driver" | "options">;

/** A volume of the top level: its name for docker, its driver, its options. */
function namedVolume(draft: Draft, key: string, line: number, context: VolumeContext): NamedVolume {
  const entry = context.volumes.get(key);
  if (!entry) throw new ContainerError(`there is no volume \`${key}\``, line);
  const out = { name: `${context.project}_${key}`, options: new Map<string, string>() };
  if (entry.tree.kind === "scalar" && entry.tree.value === null) return out;
  let driver: string | undefined;
  const known = (k: string): boolean => ["name", "driver", "driver_opts", "external", "labels"].includes(k);
  for (const [name, { tree }] of entriesOf(tableOf(entry.tree), known)) {
    if (name === "name") out.name = textOf(draft, tree, ...mountSlices)?.value ?? out.name;
    if (name === "driver") driver = textOf(draft, tree, ...mountSlices)?.value;
    if (name === "external" && truthOf(draft, tree, ...mountSlices) !== false)
      find(draft, tree.line, `the volume \`${key}\` is made elsewhere`, ...mountSlices);
    if (name !== "driver_opts") continue;
    for (const [option, value] of tableOf(tree).entries) {
      const text = wordOf(draft, value.tree, ...mountSlices);
      if (text) out.options.set(option, text.value);
    }
  }
  return { ...out, ...(driver !== undefined && { driver }) };
}

function shortForm(draft: Draft, tree: Tree, context: VolumeContext): void {
  const text = textOf(draft, tree, ...mountSlices);
  if (!text) return;
  const { source, target, write } = shortVolume(text.value, text.line);
  const { environment } = context;
  if (source !== undefined && isPath(source))
    draft.mounts.push(bindMount(draft, { source, target, write, recursive: true }, text.line, environment));
  else {
    const named =
      source === undefined ? { options: new Map() } : namedVolume(draft, source, text.line, context);
    draft.mounts.push(volumeMount(draft, { target, write, ...named }, text.line, environment));
  }
}

const longKeys: ReadonlySet<string> = new Set(
  "type source target read_only consistency bind volume tmpfs image".split(" "),
);
const bindKeys: ReadonlySet<string> = new Set("propagation create_host_path selinux recursive".split(" "));

interface LongForm {
  readonly type: string;
  readonly source: string | undefined;
  readonly target: string;
  readonly write: boolean;
  readonly recursive: boolean | "writable";
  readonly size: number | undefined;
}

function nested(table: Table, key: string, known: (name: string) => boolean): ReadonlyMap<string, Entry> {
  const entry = table.entries.get(key);
  return new Map(entry ? entriesOf(tableOf(entry.tree), known) : []);
}

/** Takes the long form apart; undefined when something of it is not known. */
function longForm(draft: Draft, table: Table): LongForm | undefined {
  entriesOf(table, (key) => longKeys.has(key));
  const text = (key: string): string | undefined => {
    const entry = table.entries.get(key);
    return entry && textOf(draft, entry.tree, ...mountSlices)?.value;
  };
  const bind = nested(table, "bind", (key) => bindKeys.has(key));
  const volume = nested(table, "volume", (key) => ["nocopy", "subpath", "labels"].includes(key));
  const tmpfs = nested(table, "tmpfs", (key) => ["size", "mode"].includes(key));
  const subpath = volume.get("subpath") ?? table.entries.get("image");
  if (subpath) find(draft, subpath.line, "a part of a volume or image is not read here", ...mountSlices);
  const [type, target] = [text("type"), text("target")];
  if (type === undefined || target === undefined) {
    if (table.entries.has("type") && table.entries.has("target")) return undefined;
    throw new ContainerError("a volume without a type or target", table.line);
  }
  const readOnly = table.entries.get("read_only");
  const recursive = bind.get("recursive");
  const below = recursive && textOf(draft, recursive.tree, ...mountSlices)?.value;
  const size = tmpfs.get("size");
  return {
    type,
    target,
    source: text("source"),
    write: !(readOnly && truthOf(draft, readOnly.tree, ...mountSlices) === true),
    recursive: below === "writable" ? below : below !== "disabled",
    size: size && numberOf(draft, size.tree, bytesOf, ...mountSlices),
  };
}

function addLong(draft: Draft, table: Table, context: VolumeContext): void {
  const form = longForm(draft, table);
  if (!form) return;
  const { type, source, target, write, recursive, size } = form;
  const { line } = table;
  const at = { value: absolute(draft, target, line), line, write, exec: true, submounts: false };
  if (type === "bind") {
    if (!table.entries.has("source")) throw new ContainerError("a bind mount without a source", line);
    if (source !== undefined)
      draft.mounts.push(bindMount(draft, { source, target, write, recursive }, line, context.environment));
  } else if (type === "volume") {
    const named = source === undefined ? { options: new Map() } : namedVolume(draft, source, line, context);
    draft.mounts.push(volumeMount(draft, { target, write, ...named }, line, context.environment));
  } else if (type === "tmpfs") {
    if (write && !size) find(draft, line, `the tmpfs at \`${target}\` has no size: memory is its bound`);
    draft.mounts.push({ kind: "private", ...at, ...(size && { bytes: size }) });
  } else find(draft, line, `a volume of type \`${type}\` is not read here`, ...mountSlices);
}

/** Reads `volumes`. @throws ContainerError */
export function addVolumes(draft: Draft, tree: Tree, context: VolumeContext): void {
  for (const item of listOf(tree).items)
    if (item.kind === "table") addLong(draft, item, context);
    else shortForm(draft, item, context);
}

/** Reads `tmpfs`. @throws ContainerError */
export function addTmpfs(draft: Draft, tree: Tree): void {
  const texts =
    tree.kind === "list" ? textsOf(draft, tree, "limits", "files") : [textOf(draft, tree, "limits", "files")];
  for (const text of texts) if (text) draft.mounts.push(tmpfsMount(draft, text.value, text.line));
}
