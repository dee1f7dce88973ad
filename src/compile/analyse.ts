/** From a project to its IR: parse, resolve, lower, decide what must stay within what, check. */
import { checkPolicy } from "../check/check.ts";
import type { CheckInput } from "../check/rule.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import type { Platform } from "../policy/context.ts";
import type { PolicyIr } from "../policy/ir.ts";
import { type LoadedPolicy, loadPolicy } from "../policy/load.ts";
import { lower } from "../policy/lower.ts";
import type { Span } from "../text/span.ts";
import { decideCeilings } from "../verify/within.ts";
import type { Project } from "./project.ts";

/** A policy's IR, with the spans of its clauses. */
export interface Analysed {
  readonly loaded: LoadedPolicy;
  readonly ir: PolicyIr;
  readonly spans: readonly Span[];
}

const keyOf = (d: Diagnostic): string =>
  `${d.code} ${d.primary?.span.source.name} ${d.primary?.span.start} ${d.message} ${d.server}`;

/** Drops what is said twice: by both platforms, or by two targets. */
export function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((d) => [keyOf(d), d])).values()];
}

/** The clauses that a server's own block writes, not a profile: indices into the IR's clauses. */
export function ownClauses({ loaded, spans }: Analysed, server: string): ReadonlySet<number> {
  const span = loaded.servers.find((s) => s.declaration.name.text === server)?.declaration.span;
  const inside = spans.flatMap((s, index) =>
    span && s.source === span.source && s.start >= span.start && s.end <= span.end ? [index] : [],
  );
  return new Set(inside);
}

function checkInput(
  project: Project,
  { loaded, ir, spans }: Analysed,
  platforms: readonly Platform[],
): CheckInput {
  const essentials = [
    { path: loaded.main.path, what: "the policy" },
    ...loaded.imports.map((file) => ({ path: file.path, what: "imported by the policy" })),
    { path: project.location, what: "where the artifacts lie" },
  ];
  return { ir, spans, platforms, essentials, ownClauses: (name) => ownClauses({ loaded, ir, spans }, name) };
}

/** Loads and lowers for each platform; the checks run on the first. */
export function analyse(
  project: Project,
  platforms: readonly Platform[],
): { readonly results: ReadonlyMap<Platform, Analysed>; readonly diagnostics: readonly Diagnostic[] } {
  const { policy, diagnostics: loading } = loadPolicy(project);
  const diagnostics: Diagnostic[] = [...loading];
  const results = new Map<Platform, Analysed>();
  for (const platform of platforms) {
    const { host, root, home, hash, location } = project;
    const lowered = lower(policy, { host, root, home, hash, platform, outputs: [location] });
    diagnostics.push(...lowered.diagnostics);
    if (!hasErrors([...loading, ...lowered.diagnostics]))
      diagnostics.push(...decideCeilings(lowered.ir, lowered.ceilings, lowered.spans));
    results.set(platform, { loaded: policy, ir: lowered.ir, spans: lowered.spans });
  }
  const [first] = results.values();
  // What could not be read would be missed by the checks, and reported as missing.
  if (first && !loading.some((d) => d.severity === "error")) {
    diagnostics.push(...checkPolicy(checkInput(project, first, platforms)));
  }
  return { results, diagnostics: distinct(diagnostics) };
}
