import { compile } from "../../compile/compile.ts";
import { configurationErrors as e } from "../../diagnostics/catalogue/configuration.ts";
import { hasErrors } from "../../diagnostics/diagnostic.ts";
import { UnansweredQuestion } from "../../host/snapshot.ts";
import { targets as allTargets } from "../../targets/registry.ts";
import { staleArtifacts, writeArtifacts } from "../artifacts.ts";
import { chosenTargets } from "../chosen-targets.ts";
import { type Command, type Invocation, listOption, stringOption } from "../command.ts";
import { openOperand, projectOptions } from "../project.ts";
import { formatOption, report, usageError } from "../report.ts";

async function runCompile(invocation: Invocation): Promise<number> {
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
  const result = await openOperand(invocation, operand);
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
  const problems = options.check === true ? staleArtifacts(out, artifacts) : writeArtifacts(out, artifacts);
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
