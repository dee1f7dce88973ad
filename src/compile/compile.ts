/** `compile`: from a project to the files of its artifacts. */
import { enforcementErrors } from "../diagnostics/catalogue/enforcement.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { accepts } from "../policy/accepts.ts";
import type { Platform } from "../policy/context.ts";
import type { PolicyIr, ServerIr } from "../policy/ir.ts";
import { deadAccepts, gapsOf, notEnforced, reportGaps } from "../targets/enforce.ts";
import { asciiLine } from "../targets/escape/text.ts";
import type { OutputFile, Target, TargetContext } from "../targets/target.ts";
import { createWorkspace, remembered, type Workspace } from "../verify/decide.ts";
import { proofName, proofRecord, proofText } from "../verify/proof-file.ts";
import { version } from "../version.ts";
import { type Analysed, analyse, distinct, ownClauses } from "./analyse.ts";
import type { Project } from "./project.ts";
import { proveFiles } from "./prove.ts";

/** A file of an artifact, its path relative to the output directory: `<server>/<target>/…`. */
export interface Artifact extends OutputFile {
  readonly server: string;
  readonly target: string;
}

/** What a compile gives: the artifacts of the servers without errors, and everything there is to say. */
export interface Compiled {
  readonly artifacts: readonly Artifact[];
  readonly diagnostics: readonly Diagnostic[];
  /** The IR for each platform that a target was compiled for. */
  readonly analysed: ReadonlyMap<Platform, Analysed>;
}

function headerOf(
  analysed: Analysed,
  server: ServerIr,
  target: Target,
  missing: readonly string[],
): readonly string[] {
  const { ir } = analysed;
  const lines = [
    `Made by mcpc ${version} (language ${ir.language}, standard library ${ir.std}) for the target ${target.name}.`,
    `Policy ${ir.policy.name}, server ${server.name}, SHA-256 ${ir.policy.hash}.`,
    missing.length === 0 ? "Everything that the policy denies is enforced here." : "Not enforced here:",
    ...missing.map((line) => `  ${line}`),
  ];
  return lines.map(asciiLine);
}

/** What a target is told of a server beside its policy. */
export function targetContext(
  project: Project,
  policy: PolicyIr,
  server: ServerIr,
  target: Target,
): TargetContext {
  return {
    environment: project.environment,
    accepts: (item) => accepts(server, target.name, item),
    policy,
    location: `${project.location === "/" ? "" : project.location}/${server.name}/${target.name}`,
    header: [],
  };
}

/** One target for one server. */
function compileTarget(
  project: Project,
  analysed: Analysed,
  server: ServerIr,
  target: Target,
  space: Workspace,
): { readonly artifacts: readonly Artifact[]; readonly diagnostics: readonly Diagnostic[] } {
  const context = targetContext(project, analysed.ir, server, target);
  const gaps = gapsOf(target, server, context);
  const diagnostics = [
    ...reportGaps(target, server, gaps, analysed.spans),
    ...deadAccepts(target, server, context, analysed.spans, ownClauses(analysed, server.name)),
  ];
  const lowered = target.lower(server, context);
  if (!lowered.ok) {
    for (const { what, text, reason, origin } of lowered.unrepresentable) {
      const at = origin === undefined ? undefined : analysed.spans[origin];
      const holes = { target: target.name, message: what, text, reason };
      diagnostics.push(enforcementErrors.unrepresentable.report(holes, { at, server: server.name }));
    }
    return { artifacts: [], diagnostics };
  }
  if (hasErrors(diagnostics)) return { artifacts: [], diagnostics };
  const header = headerOf(analysed, server, target, notEnforced(gaps));
  const files = target.print(lowered.model, { ...context, header });
  const proven = proveFiles(project, server, target.name, context.location, files, gaps, space);
  if (!proven.ok) return { artifacts: [], diagnostics: [...diagnostics, ...proven.diagnostics] };
  const record = proofRecord(proven.proof, {
    version,
    policy: analysed.ir,
    server,
    environment: project.environment,
    location: context.location,
    artifacts: files.map(({ path, content }) => ({ path, sha256: project.hash(content) })),
  });
  const artifacts = [...files, { path: proofName, content: proofText(record) }].map((file) => ({
    ...file,
    path: `${server.name}/${target.name}/${file.path}`,
    server: server.name,
    target: target.name,
  }));
  return { artifacts, diagnostics };
}

/** The platforms that targets run on. */
function platformsOf(targets: readonly Target[]): readonly Platform[] {
  const platforms = new Set(targets.map((target) => target.platform));
  return platforms.size === 0 ? ["linux"] : [...platforms].sort();
}

function spaceOf(spaces: Map<Platform, Workspace>, platform: Platform): Workspace {
  return remembered(spaces, platform, createWorkspace);
}

/** Hook for progress: called before each server. */
export type Progress = (done: number, total: number, server: string) => void;

/** Compiles; an error in one target stops all artifacts of its server, and of no other server. */
export function compile(project: Project, targets: readonly Target[], progress?: Progress): Compiled {
  const { results, diagnostics } = analyse(project, platformsOf(targets));
  const all: Diagnostic[] = [...diagnostics];
  const artifacts: Artifact[] = [];
  const [first] = results.values();
  const names = first?.ir.servers.map((server) => server.name) ?? [];
  const general = diagnostics.some((d) => d.severity === "error" && d.server === undefined);
  for (const [index, name] of names.entries()) {
    progress?.(index, names.length, name);
    const broken = general || diagnostics.some((d) => d.severity === "error" && d.server === name);
    const made: Artifact[] = [];
    let refused = broken;
    // What the policy of a platform permits is made once for its targets.
    const spaces = new Map<Platform, Workspace>();
    for (const target of broken ? [] : targets) {
      const analysed = results.get(target.platform);
      const server = analysed?.ir.servers.find((s) => s.name === name);
      if (!analysed || !server) continue;
      const result = compileTarget(project, analysed, server, target, spaceOf(spaces, target.platform));
      all.push(...result.diagnostics);
      if (hasErrors(result.diagnostics)) refused = true;
      made.push(...result.artifacts);
    }
    if (!refused) artifacts.push(...made);
  }
  return { artifacts, diagnostics: distinct(all), analysed: results };
}
