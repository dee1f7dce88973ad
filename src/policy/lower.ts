/** Lowering: from a loaded policy to the IR of its servers, for one platform. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Host } from "../host/host.ts";
import { coversPath, isWithin, reachesInto } from "../host/patterns.ts";
import type { BlockDeclaration, PathClause, RuntimeName } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import { collectOrigins, type LowerContext, originOf, type Platform, type Sourced } from "./context.ts";
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
import { clausesOf, type Layer, layerOf, scalarOf } from "./inherit.ts";
import { inferRuntime } from "./interpreters.ts";
import type { FileGrant, PolicyIr, Program, ServerIr } from "./ir.ts";
import { irVersion } from "./ir-names.ts";
import { type Declared, type LoadedPolicy, standardLibrary, stdVersion } from "./load.ts";
import { sortUnique } from "./sort.ts";

/** What lowering needs beside the policy. */
export interface LowerOptions {
  readonly host: Host;
  readonly root: string;
  readonly home: string;
  readonly platform: Platform;
  /** Directories that artifacts are written to; no server may write there. */
  readonly outputs: readonly string[];
  /** SHA-256 of a text, hexadecimal. */
  readonly hash: (text: string) => string;
}

/** The IR, and for each of its clauses the span. */
export interface LoweredPolicy {
  readonly ir: PolicyIr;
  readonly spans: readonly Span[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What of one server is known before the others' programs are. */
interface Draft {
  readonly declared: Declared<BlockDeclaration>;
  readonly layer: Layer;
  readonly program: ExpandedProgram | undefined;
  readonly runtimeName: RuntimeName;
}

const baseImages: Readonly<Record<RuntimeName, string | undefined>> = {
  node: "docker.io/library/node:22-bookworm-slim",
  python: "docker.io/library/python:3.11-slim-bookworm",
  native: "docker.io/library/debian:bookworm-slim",
  none: "scratch",
};

function draftOf(context: LowerContext, declared: Declared<BlockDeclaration>): Draft {
  const layer = layerOf(declared, [context.policy, context.std], context.report);
  const run = scalarOf(layer, "run", context.report);
  const image = scalarOf(layer, "image", context.report);
  const program = run && expandProgram(context, run, image !== undefined);
  const runtime = scalarOf(layer, "runtime", context.report);
  const first = run?.clause.words[0]?.text;
  const runtimeName = runtime?.clause.name ?? (first === undefined ? "native" : inferRuntime(first));
  return { declared, layer, program, runtimeName };
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

function serverOf(context: LowerContext, draft: Draft, others: readonly Draft[]): ServerIr {
  const { declared, layer, program, runtimeName } = draft;
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
  const image = scalarOf(layer, "image", report);
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

/** Lowers every server of a policy. */
export function lower(policy: LoadedPolicy, options: LowerOptions): LoweredPolicy {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  let server: string | undefined;
  const origins = collectOrigins();
  const context: LowerContext = {
    policy,
    std: standardLibrary(options.platform),
    host: options.host,
    root: options.root,
    home: options.home,
    platform: options.platform,
    outputs: options.outputs,
    origins,
    // A clause of a profile is met once for each server that extends it; it is reported once.
    report: (d) => {
      const key = `${d.code} ${d.primary?.span.source.name} ${d.primary?.span.start} ${d.message}`;
      if (seen.has(key)) return;
      seen.add(key);
      diagnostics.push(server === undefined || d.server !== undefined ? d : { ...d, server });
    },
  };
  const drafts = policy.servers.map((declared) => {
    server = declared.declaration.name.text;
    return draftOf(context, declared);
  });
  const servers = drafts.map((draft) => {
    server = draft.declared.declaration.name.text;
    return serverOf(
      context,
      draft,
      drafts.filter((other) => other !== draft),
    );
  });
  const files = [policy.main, ...policy.imports];
  const ir: PolicyIr = {
    irVersion,
    language: 1,
    std: stdVersion,
    policy: {
      name: policy.main.source.name.replace(/^.*\//, ""),
      hash: files.length === 1 ? policy.main.hash : options.hash(files.map((file) => file.hash).join("\n")),
      imports: policy.imports.map((file) => ({ name: file.source.name, hash: file.hash })),
    },
    platform: options.platform,
    root: options.root,
    home: options.home,
    clauses: [...origins.clauses],
    servers,
  };
  return { ir, spans: origins.spans, diagnostics };
}
