/**
 * Makes the tree that a policy speaks of, in the world: each path that the recorded snapshot of an example was asked about, as
 * what it was; for each pattern something that it matches; beside each node a sibling that no clause names; in each directory
 * a file. All of it belongs to an unprivileged user and is open to everybody, so that nothing but the sandbox denies.
 */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ancestors, isBelow, isWithin } from "../../../src/host/patterns.ts";
import type { HostSnapshot } from "../../../src/host/snapshot.ts";
import { besideEnd, layered, worldMark } from "./world.ts";

/** The name of the file that lies in each directory. */
export const insideName = "mcpc-inside";

const owner = 1000;

/** The tree of one example: where it lies, and where its snapshot says that it does. */
export interface Place {
  /** The world's directory. */
  readonly world: string;
  readonly root: string;
  readonly home: string;
  readonly snapshot: HostSnapshot;
}

/** What the runtime of every sandbox mounts itself. */
const isApi = (path: string): boolean => /^\/(?:proc|sys|dev)(?:\/|$)/.test(path);

/** Refuses to touch anything outside of a world: the layers are what keeps the machine's own files as they are. */
export function mustBeInWorld(world: string): void {
  const mark = existsSync(worldMark) ? readFileSync(worldMark, "utf8") : undefined;
  if (mark !== world) throw new Error("this is not the world that was made for it");
}

/** Whether a path may be made: in the world's directory, or in a layer. */
function isOurs(world: string, path: string): boolean {
  return isWithin(path, world) || path === `${world}${besideEnd}` || layered.some((at) => isWithin(path, at));
}

function open(path: string): void {
  chownSync(path, owner, owner);
  chmodSync(path, 0o777);
}

/** A directory with those above it, as far as they are missing. */
function directory(path: string): void {
  for (const at of [...ancestors(path), path]) {
    if (existsSync(at)) continue;
    mkdirSync(at);
    open(at);
  }
  if (!layered.includes(path)) open(path);
}

/** A file that runs and says where it ran, unlike every other. */
function program(path: string, prober: string): void {
  directory(dirname(path));
  rmSync(path, { force: true, recursive: true });
  copyFileSync(prober, path);
  appendFileSync(path, `\n${path}\n`);
  open(path);
}

/** Programs that the machine of the test starts itself, which stay what they are. */
const isKept = (path: string): boolean => /^\/(?:usr\/)?bin\/(?:ba|da)?sh$/.test(path);

/** Names of patterns' matches that are files wherever they are met. */
const isFileName = (path: string): boolean =>
  /^(?:config|any\.mcp|\.(?:gitmodules|mcp\.json|envrc|profile|pre-commit.*|bash\w+|z\w+))$/.test(
    basename(path),
  );

/** Something that a pattern matches in a directory: at once below it, or deeper. */
function instanceOf(pattern: string, within: string, deep: boolean): string {
  const middle = deep ? ["deep"] : [];
  const parts = pattern.split("/").slice(1);
  const named = (from: readonly string[]): string[] =>
    from.flatMap((part) => (part === "**" ? middle : [part.replaceAll("*", "any")]));
  return parts[0] === "**" ? [within, ...named(parts)].join("/") : `/${named(parts).join("/")}`;
}

const emptied = new Set<string>();

/** An empty directory of the system's: what the machine has there would be other than what another one has. */
function systemDirectory(path: string): void {
  if (layered.some((at) => isWithin(path, at)) && ![...emptied].some((done) => isWithin(path, done))) {
    emptied.add(path);
    rmSync(path, { recursive: true, force: true });
  }
  directory(path);
}

interface Found {
  readonly kind: string;
  readonly path: string;
  readonly type?: string;
}

/** Makes what a snapshot found. */
export function realiseSnapshot(
  { world, root, home, snapshot }: Place,
  probers: { plain: string; linked: string },
): void {
  mustBeInWorld(world);
  const here = (path: string): string =>
    isWithin(path, snapshot.root)
      ? root + path.slice(snapshot.root.length)
      : isWithin(path, snapshot.home)
        ? home + path.slice(snapshot.home.length)
        : path;
  const { answers } = snapshot;
  const linked = new Set(
    [...Object.keys(answers.libraries), ...Object.values(answers.addons).flat()].map((path) =>
      here(String(path)),
    ),
  );
  const found = Object.entries(answers.lookup as unknown as Record<string, Found>).filter(
    ([, { kind, path }]) => kind === "found" && !isApi(path),
  );
  const isDirectory = ([, { type }]: (typeof found)[number]): boolean => type === "directory";
  for (const [, { path }] of found.filter(isDirectory)) systemDirectory(here(path));
  const files = [
    ...found.filter((entry) => !isDirectory(entry)).map(([, { path }]) => here(path)),
    ...linked,
  ];
  for (const path of new Set(files)) {
    if (!isOurs(world, path) || (existsSync(path) && lstatSync(path).isDirectory())) continue;
    if (linked.has(path) && !isKept(path)) program(path, probers.linked);
    else if (!existsSync(path)) program(path, probers.plain);
  }
  for (const [asked, { path }] of found) {
    const link = here(asked);
    if (link === here(path) || existsSync(link)) continue;
    directory(dirname(link));
    symlinkSync(here(path), link);
  }
  for (const [at, manifest] of Object.entries(answers.manifest))
    writeFileSync(join(here(at), "package.json"), JSON.stringify(manifest));
  for (const [turn, question] of Object.keys(answers.matches).entries()) {
    const [pattern = "", within = ""] = question.split(" in ");
    const path = instanceOf(pattern, here(within), turn % 2 === 1);
    if (isFileName(path)) program(path, probers.plain);
    else directory(path);
  }
}

/** Makes what is missing at and around the nodes of a policy: siblings, a file in each directory, credentials in the home. */
export function realiseNodes({ world, home }: Place, nodes: readonly string[], prober: string): void {
  mustBeInWorld(world);
  for (const node of nodes) {
    if (!isWithin(node, home) || existsSync(node)) continue;
    if (nodes.some((other) => isBelow(other, node))) directory(node);
    else program(node, prober);
  }
  for (const node of nodes) {
    if (node === "/" || isApi(node) || !existsSync(dirname(node))) continue;
    const real = join(realpathSync(dirname(node)), basename(node));
    const beside = `${real}${besideEnd}`;
    if (isOurs(world, beside) && !existsSync(beside)) program(beside, prober);
    if (!existsSync(node) || !isOurs(world, realpathSync(node))) continue;
    if (!lstatSync(realpathSync(node)).isDirectory()) open(realpathSync(node));
    else if (!existsSync(join(node, insideName))) program(join(node, insideName), prober);
  }
}
