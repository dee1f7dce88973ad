/**
 * The library: each stage by name. A build step opens a project, compiles it, says what there is to say, and writes:
 * `openProject`, `compile`, `renderTerminal`, `writeArtifacts`. The stages below them: `parse`, `loadPolicy`, `lower`,
 * `analyse`. Nothing throws for what a user wrote; each stage gives diagnostics beside its value.
 */

export { type Answer, answerQuestion } from "./cli/answer.ts";
export { staleArtifacts, writeArtifacts } from "./cli/artifacts.ts";
export { chosenTargets } from "./cli/chosen-targets.ts";
export { type Opened, type OpenedProject, type OpenOptions, openProject } from "./cli/open.ts";
export { type Analysed, analyse } from "./compile/analyse.ts";
export { type Artifact, type Compiled, compile, type Progress } from "./compile/compile.ts";
// A project: a policy, and what it is bound to.
export type { Project } from "./compile/project.ts";
// What there is to say.
export { catalogue } from "./diagnostics/catalogue.ts";
export {
  type Diagnostic,
  type Fix,
  hasErrors,
  type Label,
  type Result,
  type Severity,
} from "./diagnostics/diagnostic.ts";
export { renderGithub } from "./diagnostics/render/github.ts";
export { renderJson } from "./diagnostics/render/json.ts";
export { renderSarif } from "./diagnostics/render/sarif.ts";
export { renderTerminal, type TerminalStyle } from "./diagnostics/render/terminal.ts";
// Beside compiling.
export { format } from "./format/format.ts";
export type { Host } from "./host/host.ts";
export { liveHost } from "./host/live.ts";
export {
  type HostSnapshot,
  type RecordingHost,
  recordHost,
  replayHost,
  UnansweredQuestion,
} from "./host/snapshot.ts";
export { snapshotSchema } from "./host/snapshot-schema.ts";
export { defaultEnvironment, type Environment } from "./policy/environment.ts";
export { type PolicyIr, policyIr, type ServerIr } from "./policy/ir.ts";
export { irVersion } from "./policy/ir-names.ts";
export { type LoadedPolicy, loadPolicy, stdVersion } from "./policy/load.ts";
export { type LoweredPolicy, type LowerOptions, lower } from "./policy/lower.ts";
export type { Decision } from "./reference/decide.ts";
// From text to artifacts.
export type { PolicyFile } from "./syntax/ast.ts";
export { parse } from "./syntax/parse.ts";
// Targets.
export { targets } from "./targets/registry.ts";
export { defineTarget, type Target } from "./targets/target.ts";
export type { Source } from "./text/source.ts";
export type { Span } from "./text/span.ts";
// Decisions.
export {
  type Comparison,
  compare,
  type Excess,
  type PolicyDimension,
  policyDimensions,
} from "./verify/compare.ts";
export { type Failure, failuresOf, isProven } from "./verify/describe.ts";
export { diffPolicies, isWidened, type ServerDifference } from "./verify/diff.ts";
export {
  type BundleProof,
  type Denies,
  type PartProof,
  proveBundle,
  type SliceProof,
} from "./verify/prove.ts";
export { describeWitness, type Slice, slices, type Witness } from "./verify/witness.ts";
export { version } from "./version.ts";
