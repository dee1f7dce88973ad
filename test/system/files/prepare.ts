/**
 * Runs in the world: makes the trees of all examples, compiles each for one target, as its unmodified artifacts, and prints
 * as JSON what is probed and what the reference evaluator answers.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { writeArtifacts } from "../../../src/cli/artifacts.ts";
import { type OpenedProject, openProject } from "../../../src/cli/open.ts";
import { analyse } from "../../../src/compile/analyse.ts";
import { compile, targetContext } from "../../../src/compile/compile.ts";
import type { Project } from "../../../src/compile/project.ts";
import { referencePolicy } from "../../../src/compile/reference.ts";
import { hasErrors } from "../../../src/diagnostics/diagnostic.ts";
import { renderTerminal } from "../../../src/diagnostics/render/terminal.ts";
import type { HostSnapshot } from "../../../src/host/snapshot.ts";
import { forgetTrees } from "../../../src/host/walk.ts";
import type { PolicyIr, ServerIr } from "../../../src/policy/ir.ts";
import { decide } from "../../../src/reference/decide.ts";
import type { ReferencePolicy } from "../../../src/reference/policy.ts";
import { gapsOf } from "../../../src/targets/enforce.ts";
import { targets } from "../../../src/targets/registry.ts";
import { isApi } from "../../../src/targets/shared/files.ts";
import { positionAt } from "../../../src/text/source.ts";
import type { Asked, Order, Prepared, Right } from "./asked.ts";
import { excusedDenial, excusedPermit, isOfImage, isOfRuntime, type Target } from "./excuses.ts";
import { nodesOf, probedPaths } from "./nodes.ts";
import { insideName, mustBeInWorld, type Place, realiseNodes, realiseSnapshot } from "./realise.ts";
import { besideEnd } from "./world.ts";

const order = JSON.parse(process.argv[2] ?? "") as Order;
const environments = {
  docker: ["compose=1.29", "docker=20.10", "runc=1.1"],
  systemd: ["systemd=252"],
} as const;

/** Where the temporary directory is in a unit. */
const temporary = { docker: "/tmp", systemd: "/mcp-tmp" } as const;

function placeOf(name: string): Place {
  const snapshot = JSON.parse(
    readFileSync(join(order.checkout, "examples/out", name, "host.json"), "utf8"),
  ) as HostSnapshot;
  return {
    world: order.world,
    root: join(order.world, "app", name),
    home: join(order.world, "home"),
    snapshot,
  };
}

async function open(name: string, { root, home }: Place): Promise<OpenedProject> {
  forgetTrees();
  const options = { home, out: join(root, "sandbox"), env: environments[order.target] };
  const result = await openProject(join(root, `${name}.mcp`), options);
  if (!result.ok) throw new Error(renderTerminal(result.diagnostics, { color: false }));
  return result.opened;
}

function irOf(project: Project): { readonly ir: PolicyIr; readonly server: ServerIr } {
  const ir = analyse(project, ["linux"]).results.get("linux")?.ir;
  const server = ir?.servers[0];
  if (!ir || !server) throw new Error(`${project.main.path} has no server`);
  return { ir, server };
}

const nodesFor = (project: Project): readonly string[] => {
  const { ir, server } = irOf(project);
  return nodesOf(ir, server, { policy: project.main.path, location: project.location });
};

async function realise(name: string): Promise<void> {
  const place = placeOf(name);
  const text = readFileSync(join(order.checkout, "examples", `${name}.mcp`), "utf8");
  realiseSnapshot(place, { plain: order.prober, linked: order.linked });
  // A container's systemd has no controllers of cgroups, and refuses a unit that asserts them.
  const policy = order.target === "systemd" ? text.replace(/^ *limits .*$/gm, "") : text;
  writeFileSync(join(place.root, `${name}.mcp`), policy);
  mkdirSync(join(place.root, "sandbox"), { recursive: true });
  const { project } = await open(name, place);
  realiseNodes(place, nodesFor(project), order.prober);
}

function hashOf(path: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of readFileSync(path)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16);
}

const hashes = new Map<string, string>();

/** By what the host's own is told: a directory by a name that no sandbox has to show on the way to something else. */
function evidenceOf(path: string, nodes: ReadonlySet<string>): string | undefined {
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isDirectory()) {
    if (isApi(path)) return undefined;
    const known = hashes.get(path) ?? hashOf(path);
    hashes.set(path, known);
    return known;
  }
  const names = readdirSync(path).sort();
  const usual =
    /^(?:\d+|null|zero|full|u?random|tty|ptmx|pts|shm|mqueue|hugepages|fd|core|std.*|console|log|initctl)$/;
  return (
    names.find((name) => name === insideName) ??
    names.find((name) => name.endsWith(besideEnd)) ??
    names.filter((name) => !usual.test(name) && !nodes.has(join(path, name))).at(-1)
  );
}

/** In the order in which they are tried: what is executed is read first, and nothing is written before. */
const rights: readonly Right[] = ["read", "exec", "write"];

function askedOf(policy: ReferencePolicy, target: Target, nodes: readonly string[]): readonly Asked[] {
  const known = new Set(nodes);
  const isOwnTemporary = (path: string): boolean =>
    target.server.tmp !== undefined && path === temporary[target.name];
  return rights.flatMap((right) =>
    probedPaths(nodes).flatMap((named): readonly Asked[] => {
      // The private temporary directory has a place of its own in a unit.
      const path = named === "/tmp" && target.server.tmp ? temporary[target.name] : named;
      const exists = existsSync(path);
      const stats = exists ? statSync(path) : undefined;
      if (stats?.isDirectory() && right === "exec") return [];
      const decision = decide(policy, target.server.name, { kind: "file", access: right, path: named });
      const { softly } = decision;
      const allowed = decision.allowed && softly === undefined;
      const clause = softly ?? decision.clause;
      const own = isOwnTemporary(path) || (allowed && isOfRuntime(target, path));
      const evidence = own ? undefined : evidenceOf(path, known);
      const excuse = allowed
        ? excusedDenial(target, path, exists || isOwnTemporary(path))
        : excusedPermit(target, path, right);
      const words = clause?.source.text.slice(clause.start, clause.end).replace(/\s+/g, " ").slice(0, 90);
      const at =
        clause &&
        `${clause.source.name.replace(/^.*\//, "")}:${positionAt(clause.source, clause.start).line}`;
      return [
        {
          path,
          right,
          ...(evidence !== undefined && { evidence }),
          runs: exists && lstatSync(path).isFile() && readFileSync(path).includes("mcpc-went-on"),
          isDevice: stats?.isCharacterDevice() ?? false,
          isOpen: !isApi(path) && ((stats?.mode ?? 0) & 0o777) === 0o777,
          allowed,
          because: `${softly ? "other programs obey it" : decision.because}${clause ? ` (${at}: ${words})` : ""}`,
          ...(excuse !== undefined && { excuse }),
        },
      ];
    }),
  );
}

const lineOf = ({ right, path, evidence, runs }: Asked): string =>
  right === "exec" ? `exec\t${path}\t${runs ? "run" : ""}` : `${right}\t${path}\t${evidence ?? ""}`;

/** The files that an image brings: those of what it must bring that the policy lets anybody read. */
function fillImage(image: string, server: ServerIr, asked: readonly Asked[]): void {
  mkdirSync(image, { recursive: true });
  for (const name of ["tmp", "etc", "proc", "sys", "dev"]) mkdirSync(join(image, name), { recursive: true });
  // runc gives a tmpfs the mode of the directory that it lies over.
  chmodSync(join(image, "tmp"), 0o1777);
  for (const { path, right, allowed } of asked) {
    const isCommand = path === server.program?.argv[0];
    if (right !== "read" || !existsSync(path) || !isOfImage(server, path)) continue;
    if (!allowed && !isCommand) continue;
    if (statSync(path).isDirectory()) mkdirSync(join(image, path), { recursive: true });
    else cpSync(path, join(image, path), { dereference: true });
  }
}

async function prepare(name: string): Promise<Prepared> {
  const place = placeOf(name);
  const { project, out } = await open(name, place);
  const target = targets.find((one) => one.name === order.target);
  if (!target) throw new Error(order.target);
  const { artifacts, diagnostics } = compile(project, [target]);
  if (hasErrors(diagnostics)) throw new Error(renderTerminal(diagnostics, { color: false }));
  const problems = writeArtifacts(out, artifacts);
  if (problems.length > 0) throw new Error(renderTerminal(problems, { color: false }));
  const { ir, server } = irOf(project);
  const gaps = gapsOf(target, server, targetContext(project, ir, server, target));
  const nodes = nodesFor(project);
  const list = server.program?.entry ?? join(order.world, "images", name, "usr/share/probes");
  mkdirSync(dirname(list), { recursive: true });
  const asked = askedOf(referencePolicy(project), { name: order.target, server, gaps }, nodes).map((one) =>
    // The list is the program's text, and has one only when all is asked.
    one.path === list ? { ...one, evidence: "", runs: false } : one,
  );
  const image = join(order.world, "images", name);
  writeFileSync(list, `${asked.map(lineOf).join("\n")}\n`, { mode: 0o777 });
  if (order.target === "docker") fillImage(image, server, asked);
  return {
    name,
    server: server.name,
    artifacts: join(out, server.name, order.target),
    list,
    image,
    nodes: nodes.length,
    asked,
  };
}

mustBeInWorld(order.world);
for (const name of order.names) await realise(name);
const prepared: Prepared[] = [];
for (const name of order.names) prepared.push(await prepare(name));
process.stdout.write(JSON.stringify(prepared));
