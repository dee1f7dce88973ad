/**
 * The library: each stage by name. A policy goes through `parse`, `loadPolicy`, `lower` and `compile`; none throws for
 * what a user wrote, each gives diagnostics beside its value.
 */
export { analyse } from "./compile/analyse.ts";
export { type Artifact, type Compiled, compile } from "./compile/compile.ts";
export type { Project } from "./compile/project.ts";
export { catalogue } from "./diagnostics/catalogue.ts";
export type { Diagnostic, Fix, Label, Result, Severity } from "./diagnostics/diagnostic.ts";
export { renderGithub } from "./diagnostics/render/github.ts";
export { renderJson } from "./diagnostics/render/json.ts";
export { renderSarif } from "./diagnostics/render/sarif.ts";
export { renderTerminal } from "./diagnostics/render/terminal.ts";
export type { Host } from "./host/host.ts";
export { liveHost } from "./host/live.ts";
export { type HostSnapshot, recordHost, replayHost } from "./host/snapshot.ts";
export { snapshotSchema } from "./host/snapshot-schema.ts";
export { type PolicyIr, policyIr, type ServerIr } from "./policy/ir.ts";
export { irVersion } from "./policy/ir-names.ts";
export { loadPolicy, stdVersion } from "./policy/load.ts";
export { lower } from "./policy/lower.ts";
export type { PolicyFile } from "./syntax/ast.ts";
export { parse } from "./syntax/parse.ts";
export { defaultEnvironment, type Environment } from "./targets/environment.ts";
export { targets } from "./targets/registry.ts";
export { defineTarget, type Target } from "./targets/target.ts";
export type { Source } from "./text/source.ts";
export { version } from "./version.ts";
