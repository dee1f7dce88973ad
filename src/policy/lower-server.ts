import { coversPath, isWithin, reachesInto } from "../host/patterns.ts";
import type { BlockDeclaration, ImageClause, PathClause, RuntimeName } from "../syntax/ast.ts";
import { type LowerContext, originOf, type Sourced } from "./context.ts";
import { type CallInputs, expandCalls } from "./expand-calls.ts";
import {
  essentialDenies,
  expandCredentials,
  expandDenies,
  expandGrants,
  uniteGrants,
} from "./expand-files.ts";
import { expandAccepts, expandEnvironment, expandLimits, expandUser } from "./expand-identity.ts";
import { expandNetwork, grantsInet, needsNames } from "./expand-network.ts";
import { type ExpandedProgram, expandProgram } from "./expand-program.ts";
import { expandUnix, socketsWithin } from "./expand-sockets.ts";
import { clausesOf, findProfile, type Layer, layerOf, scalarOf, unknownProfile } from "./inherit.ts";
import { inferRuntime } from "./interpreters.ts";
import type { FileGrant, Program, ServerIr } from "./ir.ts";
import type { Declared } from "./load.ts";
import { sortUnique } from "./sort.ts";

/** What of one server is known before the others' programs are. */
export interface Draft {
  readonly declared: Declared<BlockDeclaration>;
  readonly layer: Layer;
  readonly program: ExpandedProgram | undefined;
  readonly image: Sourced<ImageClause> | undefined;
  readonly runtimeName: RuntimeName;
}

const baseImages: Readonly<Record<RuntimeName, string | undefined>> = {
  node: "docker.io/library/node:22-bookworm-slim",
  python: "docker.io/library/python:3.11-slim-bookworm",
  native: "docker.io/library/debian:bookworm-slim",
  none: "scratch",
};

/** Resolves what a server extends, and what it runs. */
export function draftOf(context: LowerContext, declared: Declared<BlockDeclaration>): Draft {
  const layer = layerOf(declared, [context.policy, context.std], context.report);
  const run = scalarOf(layer, "run", context.report);
  const image = scalarOf(layer, "image", context.report);
  const program = run && expandProgram(context, run, image !== undefined);
  const runtime = scalarOf(layer, "runtime", context.report);
  const first = run?.clause.words[0]?.text;
  const runtimeName = runtime?.clause.name ?? (first === undefined ? "native" : inferRuntime(first));
  return { declared, layer, program, image, runtimeName };
}

function runtimeLayer(context: LowerContext, name: RuntimeName): Layer | undefined {
  const declared = context.std.profiles.get(`runtime-${name}`);
  return declared && layerOf(declared, [context.std], context.report);
}

type PathSourced = Sourced<PathClause<"read" | "write" | "exec">>;

function pathClauses(layer: Layer): PathSourced[] {
  return [...clausesOf(layer, "read"), ...clausesOf(layer, "write"), ...clausesOf(layer, "exec")];
}

function programGrants(program: ExpandedProgram | undefined): FileGrant[] {
  return (program?.files ?? []).map(({ path, type, access, by }) => ({
    path,
    type,
    access: [...access],
    by,
    origin: program?.origin ?? 0,
  }));
}

/** The groups that the server's own clauses imply, and by which clause. */
function impliedGroups(context: LowerContext, layer: Layer): CallInputs["implied"] {
  const first = (sourced: readonly Sourced[]): number | undefined =>
    sourced[0] && originOf(context, sourced[0]);
  const net = clausesOf(layer, "net");
  const connecting = net.filter(
    ({ clause }) => clause.verb === "connect" || clause.verb === "any" || clause.verb === "loopback",
  );
  const listening = net.filter(({ clause }) => clause.verb === "listen" || clause.verb === "loopback");
  const groups: [string, number | undefined][] = [
    ["@fs-write", first([...clausesOf(layer, "write"), ...clausesOf(layer, "tmp")])],
    ["@net-client", first(connecting)],
    ["@net-server", first(listening)],
    ["@unix-client", first(clausesOf(layer, "unix"))],
    ["@spawn", first(clausesOf(layer, "exec"))],
    ["@child", first(clausesOf(layer, "exec"))],
  ];
  return groups.flatMap(([group, origin]) => (origin === undefined ? [] : [{ group, origin }]));
}

function workingDirectory(context: LowerContext, grants: readonly FileGrant[]): string {
  const visible = grants.some((g) => isWithin(g.path, context.root) || isWithin(context.root, g.path));
  return visible ? context.root : "/";
}

function programOf(
  context: LowerContext,
  program: ExpandedProgram | undefined,
  grants: readonly FileGrant[],
): Program | undefined {
  if (!program) return undefined;
  return {
    argv: [...program.argv],
    ...(program.executable !== undefined && { executable: program.executable }),
    ...(program.entry !== undefined && { entry: program.entry }),
    workingDirectory: workingDirectory(context, grants),
    origin: program.origin,
  };
}

function protectedClauses(context: LowerContext) {
  const declared = context.std.profiles.get("protected");
  return declared ? clausesOf({ declared, parents: [] }, "deny") : [];
}

/** What makes up the sandboxes: the policy, its imports, the output, and what the other servers run. */
function essentials(context: LowerContext, others: readonly Draft[]): string[] {
  const { main, imports } = context.policy;
  const programs = others.flatMap(({ program }) =>
    (program?.files ?? []).filter((f) => f.by === "run").map((f) => f.path),
  );
  return [main.path, ...imports.map((file) => file.path), ...context.outputs, ...programs];
}

/** Lowers a server; `others` are those whose programs it must not write. */
export function serverOf(context: LowerContext, draft: Draft, others: readonly Draft[]): ServerIr {
  const { declared, layer, program, image, runtimeName } = draft;
  const { report } = context;
  const runtime = runtimeLayer(context, runtimeName);
  const network = expandNetwork(context, clausesOf(layer, "net"));
  const names = needsNames(network) ? context.std.profiles.get("names") : undefined;
  const own = expandGrants(context, pathClauses(layer), "clause");
  const fromRuntime = [
    ...(runtime ? pathClauses(runtime) : []),
    ...(names ? pathClauses({ declared: names, parents: [] }) : []),
  ];
  const grants = uniteGrants([
    ...own.grants,
    ...programGrants(program),
    ...expandGrants(context, fromRuntime, "runtime").grants,
  ]);
  const clauseOrigin = context.origins.of(declared.file, declared.declaration.name.span);
  const writable = grants.filter((g) => g.by === "clause" && g.access.includes("write"));
  const denies = [
    ...expandDenies(context, clausesOf(layer, "deny"), grants, "clause"),
    ...essentialDenies(context, essentials(context, others), grants, clauseOrigin),
    ...expandDenies(context, protectedClauses(context), writable, "protected").filter(({ pattern }) =>
      writable.some((g) => reachesInto(pattern, g.path) && !coversPath(pattern, g.path)),
    ),
  ];
  const tmp = scalarOf(layer, "tmp", report);
  const isolation = scalarOf(layer, "isolation", report);
  const unix = expandUnix(context, layer, denies);
  const syscalls = scalarOf(layer, "syscalls", report);
  const lowered = programOf(context, program, grants);
  const baseImage = baseImages[runtimeName];
  const ceiling = declared.declaration.ceiling;
  return {
    name: declared.declaration.name.text,
    ...(lowered && { program: lowered }),
    ...(image && {
      image: {
        name: image.clause.name,
        ...(image.clause.digest !== undefined && { digest: image.clause.digest }),
        origin: originOf(context, image),
      },
    }),
    runtime: { name: runtimeName, ...(baseImage !== undefined && { baseImage }) },
    files: {
      grants,
      denies: sortUnique(denies, (d) => `${d.pattern} ${d.access} ${d.reason}`),
      credentials: expandCredentials(context, grants),
      sockets: socketsWithin(context, grants),
    },
    ...(tmp && { tmp: { bytes: tmp.clause.bytes, origin: originOf(context, tmp) } }),
    network,
    unix: [...unix],
    systemCalls: expandCalls(context, {
      clauses: clausesOf(layer, "syscalls"),
      own: syscalls,
      isOwnBlock: syscalls !== undefined && declared.declaration.clauses.includes(syscalls.clause),
      runtime: runtime && scalarOf(runtime, "syscalls", report),
      implied: impliedGroups(context, layer),
      families: { inet: grantsInet(network), unix: unix.length > 0 },
    }),
    environment: expandEnvironment(context, layer, runtime, tmp !== undefined),
    user: expandUser(context, scalarOf(layer, "user", report), own.owners),
    limits: expandLimits(context, layer),
    isolation: {
      level: isolation?.clause.level ?? "process",
      ...(isolation && { origin: originOf(context, isolation) }),
    },
    accepts: expandAccepts(context, clausesOf(layer, "accept")),
    ...(ceiling && {
      within: { profile: ceiling.text, origin: context.origins.of(declared.file, ceiling.span) },
    }),
  };
}

/** A profile that a server must stay within, lowered as if it were a server with the same program. */
export interface Ceiling {
  /** The server's name. */
  readonly server: string;
  readonly ir: ServerIr;
  /** Whether it says anything of system calls: without a clause it does not bind them. */
  readonly bindsCalls: boolean;
}

/** Lowers what a server must stay within; undefined, with a report, when there is no such profile. */
export function ceilingOf(
  context: LowerContext,
  draft: Draft,
  others: readonly Draft[],
): Ceiling | undefined {
  const { ceiling, name } = draft.declared.declaration;
  if (!ceiling) return undefined;
  const scopes = [context.policy, context.std];
  const declared = findProfile(scopes, ceiling.text);
  if (!declared) {
    context.report(unknownProfile(scopes, ceiling));
    return undefined;
  }
  const layer = layerOf(declared, scopes, context.report);
  const ir = serverOf(context, { ...draft, declared, layer }, others);
  return { server: name.text, ir, bindsCalls: clausesOf(layer, "syscalls").length > 0 };
}
