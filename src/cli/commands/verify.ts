import { resolve } from "node:path";
import { type Analysed, analyse } from "../../compile/analyse.ts";
import type { Project } from "../../compile/project.ts";
import { deciderOf } from "../../compile/reference.ts";
import { configurationErrors as e } from "../../diagnostics/catalogue/configuration.ts";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import type { Platform } from "../../policy/context.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { isDoubted, isProven } from "../../verify/describe.ts";
import { proveBundle } from "../../verify/prove.ts";
import { type FoundBundle, findBundles, shownName } from "../bundles.ts";
import { type Command, type Invocation, stringOption } from "../command.ts";
import { openOperand, projectOptions } from "../project.ts";
import { verifyProof } from "../proofs.ts";
import { formatOption, report, usageError } from "../report.ts";
import { type Verdict, verdictDiagnostics, verdictJson, verdictTable } from "../verdicts.ts";

/** The server that a bundle is of: the one that is named, the one whose directory it lies in, or the only one. */
function serverOf(
  servers: readonly ServerIr[],
  { directory }: FoundBundle,
  wanted: string | undefined,
): ServerIr | string {
  const names = servers.map(({ name }) => name);
  if (wanted !== undefined) {
    const meant = didYouMean(wanted, names);
    const found = servers.find(({ name }) => name === wanted);
    return found ?? `there is no server \`${wanted}\`${meant ? `; did you mean \`${meant}\`?` : ""}`;
  }
  const above = directory.split("/").reverse();
  const placed = servers.find(({ name }) => above[0] === name || above[1] === name);
  const [only, another] = servers;
  if (placed) return placed;
  if (only && !another) return only;
  return `\`${directory}\` may be of any of the policy's servers; say which: --server=${names.join(", --server=")}`;
}

const platformOf = ({ target }: FoundBundle): Platform => (target === "sb" ? "macos" : "linux");

function verdictOf(project: Project, server: ServerIr, bundle: FoundBundle): Verdict {
  const { target, directory, files, named } = bundle;
  const decisionOf = deciderOf(project, server.name);
  const proof = proveBundle(
    target,
    { server, environment: project.environment, location: resolve(directory), files },
    {
      denies: (witness) => {
        const decision = decisionOf(witness);
        return decision && !decision.allowed;
      },
    },
  );
  // What lies beside it was not asked about.
  const parts = proof.parts.filter(({ from }) => from.some((path) => named.has(path)));
  return {
    proof: { ...proof, parts },
    title: [...named].map((path) => shownName(bundle, path)).join(", "),
    nameOf: (path) => shownName(bundle, path),
    textOf: (path) => files.get(path),
    decisionOf,
  };
}

/** Prints what was decided. */
export function printVerdicts(invocation: Invocation, verdicts: readonly Verdict[]): number {
  const { streams } = invocation;
  const format = stringOption(invocation, "format") ?? "pretty";
  if (format === "pretty") streams.out(verdicts.map(verdictTable).join("\n"));
  if (format === "json") streams.out(`${JSON.stringify(verdicts.map(verdictJson), null, 2)}\n`);
  else report(invocation, verdicts.flatMap(verdictDiagnostics));
  if (verdicts.some(({ proof }) => isDoubted(proof))) {
    streams.err("mcpc: two evaluators contradict this decision, so it may be wrong: please report it\n");
    return 70;
  }
  return verdicts.every(({ proof }) => isProven(proof)) ? 0 : 1;
}

/** The verdict of each bundle, or what is wrong. */
function verdictsOf(
  invocation: Invocation,
  project: Project,
  results: ReadonlyMap<Platform, Analysed>,
  bundles: readonly FoundBundle[],
): readonly Verdict[] | string {
  const verdicts: Verdict[] = [];
  for (const bundle of bundles) {
    const servers = results.get(platformOf(bundle))?.ir.servers ?? [];
    const server = serverOf(servers, bundle, stringOption(invocation, "server"));
    if (typeof server === "string") return server;
    verdicts.push(verdictOf(project, server, bundle));
  }
  return verdicts;
}

async function runVerify(invocation: Invocation): Promise<number> {
  const { streams, operands } = invocation;
  const proof = stringOption(invocation, "proof");
  const [policy, ...paths] = operands;
  if (proof !== undefined) return verifyProof(invocation, proof, operands);
  if (policy === undefined || paths.length === 0)
    return usageError(
      streams,
      "`mcpc verify` needs a policy and the files that are to be within it: `mcpc verify policy.mcp compose.yaml`",
    );
  const refuse = (diagnostics: readonly Diagnostic[], code: number): number => {
    report(invocation, diagnostics);
    return code;
  };
  const found = findBundles(paths);
  if (!found.ok) return refuse([found.diagnostic], 2);
  if (found.bundles.length === 0) return refuse([e.unknownArtifact.report({ path: paths.join(", ") })], 2);
  const opened = await openOperand(invocation, policy);
  if (!opened.ok) return refuse(opened.diagnostics, 2);
  const { project } = opened.opened;
  const { results, diagnostics } = analyse(project, [...new Set(found.bundles.map(platformOf))].sort());
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (hasErrors(errors)) return refuse(errors, 1);
  const verdicts = verdictsOf(invocation, project, results, found.bundles);
  return typeof verdicts === "string" ? usageError(streams, verdicts) : printVerdicts(invocation, verdicts);
}

/** `mcpc verify`. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "decide whether files on disk, made or edited by anyone, permit nothing beyond a policy",
  usage: "POLICY FILE|DIRECTORY…   or   [POLICY] --proof=FILE",
  options: {
    ...projectOptions,
    server: { type: "string", value: "NAME", help: "which server of the policy the files are of" },
    proof: {
      type: "string",
      value: "FILE",
      help: "repeat the decision of a `mcpc.proof.json` from it and the files beside it alone",
    },
    ...formatOption,
  },
  run: runVerify,
};
