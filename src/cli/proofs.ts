/** A proof on disk, decided again from it and the files beside it: nothing else of the machine is looked at. */
import { dirname, join } from "node:path";
import { cheapSlack } from "../compile/prove.ts";
import { configurationErrors } from "../diagnostics/catalogue/configuration.ts";
import { proofErrors as e } from "../diagnostics/catalogue/proof.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import {
  defaultEnvironment,
  type Environment,
  type EnvironmentKey,
  environmentKeys,
  parseRelease,
} from "../policy/environment.ts";
import { isProven } from "../verify/describe.ts";
import { type ProofRecord, proofName } from "../verify/proof-file.ts";
import { proveBundle } from "../verify/prove.ts";
import { describeWitness } from "../verify/witness.ts";
import type { Invocation } from "./command.ts";
import { filesBelow, readUtf8, sha256 } from "./io.ts";
import { report } from "./report.ts";
import { type Verdict, verdictDiagnostics, verdictTable } from "./verdicts.ts";

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

async function readProof(path: string): Promise<Read<ProofRecord>> {
  const read = readUtf8(path);
  if (!read.ok) return { ok: false, reason: read.reason === "utf8" ? "it is not valid UTF-8" : read.reason };
  let data: unknown;
  try {
    data = JSON.parse(read.text);
  } catch {
    return { ok: false, reason: "it is no JSON" };
  }
  // Loaded here: the schema's library would cost every other start.
  const { proofSchema } = await import("../verify/proof-schema.ts");
  const parsed = proofSchema.safeParse(data);
  if (parsed.success) return { ok: true, value: parsed.data as ProofRecord };
  const [issue] = parsed.error.issues;
  return { ok: false, reason: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it has another form"}` };
}

function environmentOf({ environment }: ProofRecord): Environment | undefined {
  const out: Record<EnvironmentKey, Environment[EnvironmentKey]> = { ...defaultEnvironment };
  for (const key of environmentKeys) {
    const release = parseRelease(environment[key] ?? "");
    if (!release) return undefined;
    out[key] = release;
  }
  return out;
}

/** The files of a proof, and how they differ from those that it is of. */
function readFiles(
  directory: string,
  { artifacts }: ProofRecord,
): { readonly files: ReadonlyMap<string, string>; readonly changes: readonly Diagnostic[] } {
  const files = new Map<string, string>();
  const changes: Diagnostic[] = [];
  const change = (path: string, how: string): void => {
    changes.push(e.changedArtifact.report({ file: join(directory, path), how }));
  };
  for (const { path, sha256: expected } of artifacts) {
    const read = readUtf8(join(directory, path));
    if (!read.ok) change(path, "is missing, or can't be read");
    else if (sha256(read.text) !== expected) change(path, "is not the file that was proven");
    if (read.ok) files.set(path, read.text);
  }
  const known = new Set([proofName, ...artifacts.map(({ path }) => path)]);
  for (const path of filesBelow(directory)) if (!known.has(path)) change(path, "is no file of the proof");
  return { files, changes };
}

/** What the record claims, and the decision did not give again. */
function differences(path: string, record: ProofRecord, { proof }: Verdict): readonly Diagnostic[] {
  const claimed = record.parts.map(({ name, slices }) => ({ name, slices }));
  const found = proof.parts.map(({ name, slices }) => ({
    name,
    slices: slices.map(({ slice, verdict, soft, slack }) => ({
      slice,
      verdict,
      ...(soft && { soft: describeWitness(soft) }),
      ...(slack && { slack: describeWitness(slack.witness) }),
    })),
  }));
  if (JSON.stringify(claimed) === JSON.stringify(found)) return [];
  return [e.changedArtifact.report({ file: path, how: "claims other than what is decided from it now" })];
}

/** The hash over a policy's file and those that it imports, in their order. */
function policyHash(text: string, { policy }: ProofRecord): string {
  const own = sha256(text);
  if (policy.imports.length === 0) return own;
  return sha256([own, ...policy.imports.map(({ hash }) => hash)].join("\n"));
}

/** Whether the policy that was named is the one that the proof is about. */
function policyDifference(operand: string | undefined, record: ProofRecord): readonly Diagnostic[] {
  if (operand === undefined) return [];
  const read = readUtf8(operand);
  if (!read.ok) return [configurationErrors.unreadable.report({ path: operand, reason: read.reason })];
  if (policyHash(read.text, record) === record.policy.hash) return [];
  return [e.changedArtifact.report({ file: operand, how: "is not the policy that the proof is of" })];
}

/** `mcpc verify --proof`. */
export async function verifyProof(
  invocation: Invocation,
  path: string,
  operands: readonly string[],
): Promise<number> {
  const read = await readProof(path);
  const environment = read.ok ? environmentOf(read.value) : undefined;
  if (!read.ok || !environment) {
    const reason = read.ok ? "a release in its environment can't be read" : read.reason;
    report(invocation, [configurationErrors.badProof.report({ path, reason })]);
    return 2;
  }
  const record = read.value;
  const directory = dirname(path);
  const { files, changes } = readFiles(directory, record);
  const bundle = { server: record.ir, environment, location: record.location, files };
  const verdict: Verdict = {
    proof: proveBundle(record.target, bundle, { slackIn: cheapSlack }),
    title: path,
    nameOf: (file) => join(directory, file),
    textOf: (file) => files.get(file),
    decisionOf: () => undefined,
  };
  const diagnostics = [
    ...policyDifference(operands[0], record),
    ...changes,
    ...verdictDiagnostics(verdict),
    ...(isProven(verdict.proof) && changes.length === 0 ? differences(path, record, verdict) : []),
  ];
  if ((invocation.options.format ?? "pretty") === "pretty") invocation.streams.out(verdictTable(verdict));
  report(invocation, diagnostics);
  return diagnostics.length === 0 && isProven(verdict.proof) ? 0 : 1;
}
