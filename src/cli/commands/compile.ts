import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Artifact, compile } from "../../compile/compile.ts";
import { configurationErrors as e } from "../../diagnostics/catalogue/configuration.ts";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { UnansweredQuestion } from "../../host/snapshot.ts";
import { targets as allTargets } from "../../targets/registry.ts";
import type { Target } from "../../targets/target.ts";
import { type Command, type Invocation, listOption, stringOption } from "../command.ts";
import { filesBelow, writeServer } from "../io.ts";
import { openProject, projectOptions } from "../project.ts";
import { formatOption, report, usageError } from "../report.ts";

/** The targets that `--target` names; `all` is every one. */
export function chosenTargets(names: readonly string[]): readonly Target[] | Diagnostic {
  if (names.includes("all")) return allTargets;
  const chosen: Target[] = [];
  for (const name of names) {
    const found = allTargets.find((target) => target.name === name);
    if (!found) {
      const known = allTargets.map((target) => target.name);
      const meant = didYouMean(name, [...known, "all"]);
      return e.unknownTarget.report(
        { name, known: known.join(", ") },
        { notes: meant ? [`did you mean \`${meant}\`?`] : [] },
      );
    }
    if (!chosen.includes(found)) chosen.push(found);
  }
  return chosen;
}

/** Differences between what is on disk and what the policy compiles to. */
function staleFiles(out: string, artifacts: readonly Artifact[]): Diagnostic[] {
  const expected = new Map(artifacts.map((artifact) => [artifact.path, artifact.content]));
  const found: Diagnostic[] = [];
  for (const [path, content] of expected) {
    let actual: string | undefined;
    try {
      actual = readFileSync(join(out, path), "utf8");
    } catch {
      actual = undefined;
    }
    const how = actual === undefined ? "is missing" : "is not what the policy compiles to";
    if (actual !== content) found.push(e.stale.report({ path: join(out, path), how }));
  }
  for (const directory of new Set(artifacts.map((a) => `${a.server}/${a.target}`))) {
    for (const file of filesBelow(join(out, directory))) {
      if (!expected.has(`${directory}/${file}`)) {
        found.push(
          e.stale.report({ path: join(out, directory, file), how: "is nothing that the policy compiles to" }),
        );
      }
    }
  }
  return found;
}

function writeAll(out: string, artifacts: readonly Artifact[]): Diagnostic[] {
  const failed: Diagnostic[] = [];
  for (const server of new Set(artifacts.map((artifact) => artifact.server))) {
    const reason = writeServer(
      out,
      artifacts.filter((artifact) => artifact.server === server),
    );
    if (reason !== undefined)
      failed.push(e.unwritable.report({ path: join(out, server), reason }, { server }));
  }
  return failed;
}

function runCompile(invocation: Invocation): number {
  const { streams, operands, options } = invocation;
  const [operand, extra] = operands;
  if (operand === undefined)
    return usageError(streams, "`mcpc compile` needs a policy file, or `-` for standard input");
  if (extra !== undefined)
    return usageError(streams, `\`${extra}\` is one file too many; compile one policy at a time`);
  const emit = stringOption(invocation, "emit");
  if (emit !== undefined && emit !== "ir" && emit !== "host")
    return usageError(streams, `\`--emit ${emit}\`: there are \`ir\` and \`host\``);
  const names = listOption(invocation, "target");
  if (names.length === 0 && emit === undefined) {
    return usageError(
      streams,
      `\`--target\` is missing, as in \`--target=seccomp,sb,docker\`; there are ${allTargets.map((t) => t.name).join(", ")}, and \`all\``,
    );
  }
  const targets = chosenTargets(names);
  if ("severity" in targets) {
    report(invocation, [targets]);
    return 2;
  }
  const result = openProject(invocation, operand);
  if (!result.ok) {
    report(invocation, result.diagnostics);
    return 2;
  }
  const { project, recording, out } = result.opened;
  const progress = (done: number, total: number, server: string): void => {
    if (streams.interactive && total > 20) streams.err(`\r\u001b[K${done + 1}/${total} ${server}`);
  };
  let compiled: ReturnType<typeof compile>;
  try {
    compiled = compile(project, targets, progress);
  } catch (error) {
    if (!(error instanceof UnansweredQuestion)) throw error;
    const path = stringOption(invocation, "host") ?? "";
    report(invocation, [e.badSnapshot.report({ path, reason: error.message })]);
    return 2;
  }
  if (streams.interactive) streams.err("\r\u001b[K");
  const { artifacts, analysed } = compiled;
  const [first] = analysed.values();
  const empty = first?.ir.servers.length === 0 && !hasErrors(compiled.diagnostics);
  const diagnostics = [...compiled.diagnostics, ...(empty ? [e.nothing.report({ path: operand })] : [])];
  if (emit === "ir" && first && !hasErrors(diagnostics))
    streams.out(`${JSON.stringify(first.ir, null, 2)}\n`);
  if (emit === "host")
    streams.out(`${JSON.stringify(recording.snapshot(project.root, project.home), null, 2)}\n`);
  if (emit !== undefined) {
    report(invocation, diagnostics);
    return hasErrors(diagnostics) ? 1 : 0;
  }
  const problems = options.check === true ? staleFiles(out, artifacts) : writeAll(out, artifacts);
  report(invocation, [...diagnostics, ...problems]);
  if (options.check !== true && artifacts.length > 0) {
    const written = artifacts.length - problems.length;
    const format = stringOption(invocation, "format") ?? "pretty";
    if (format === "pretty") streams.err(`wrote ${written} file${written === 1 ? "" : "s"} below ${out}\n`);
  }
  if (problems.length > 0 && options.check !== true) return 2;
  return hasErrors([...diagnostics, ...problems]) ? 1 : 0;
}

/** `mcpc compile`. */
export const compileCommand: Command = {
  name: "compile",
  summary: "compile a policy to artifacts",
  usage: "POLICY --target=NAME,… [--out=DIR]",
  options: {
    target: {
      type: "string",
      short: "t",
      multiple: true,
      value: "NAME,…",
      help: "what to compile to; `all` is every target",
    },
    ...projectOptions,
    check: { type: "boolean", help: "write nothing; exit 1 when the files on disk are stale or edited" },
    emit: { type: "string", value: "ir|host", help: "print the policy's IR, or what the host said, as JSON" },
    ...formatOption,
  },
  run: runCompile,
};
