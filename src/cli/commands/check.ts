import { analyse } from "../../compile/analyse.ts";
import { configurationErrors as e } from "../../diagnostics/catalogue/configuration.ts";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { UnansweredQuestion } from "../../host/snapshot.ts";
import { type Command, type Invocation, stringOption } from "../command.ts";
import { openOperand, projectOptions } from "../project.ts";
import { formatOption, report, usageError } from "../report.ts";

async function checkOne(
  invocation: Invocation,
  operand: string,
): Promise<{ readonly diagnostics: readonly Diagnostic[]; readonly failed: boolean }> {
  const result = await openOperand(invocation, operand);
  if (!result.ok) return { diagnostics: result.diagnostics, failed: true };
  const { project, recording } = result.opened;
  try {
    const { diagnostics, results } = analyse(project, ["linux"]);
    const [first] = results.values();
    const empty = first?.ir.servers.length === 0 && !hasErrors(diagnostics);
    if (stringOption(invocation, "emit") === "host") {
      invocation.streams.out(`${JSON.stringify(recording.snapshot(project.root, project.home), null, 2)}\n`);
    }
    return {
      diagnostics: [...diagnostics, ...(empty ? [e.nothing.report({ path: operand })] : [])],
      failed: false,
    };
  } catch (error) {
    if (!(error instanceof UnansweredQuestion)) throw error;
    const path = stringOption(invocation, "host") ?? "";
    return { diagnostics: [e.badSnapshot.report({ path, reason: error.message })], failed: true };
  }
}

/** `mcpc check`. */
export const checkCommand: Command = {
  name: "check",
  summary: "say what is wrong with policies, and write nothing",
  usage: "POLICY…",
  options: {
    ...projectOptions,
    emit: { type: "string", value: "host", help: "print what the host said, as JSON" },
    ...formatOption,
  },
  run: async (invocation) => {
    if (invocation.operands.length === 0)
      return usageError(invocation.streams, "`mcpc check` needs a policy file, or `-` for standard input");
    const results: Awaited<ReturnType<typeof checkOne>>[] = [];
    for (const operand of invocation.operands) results.push(await checkOne(invocation, operand));
    const diagnostics = results.flatMap((r) => r.diagnostics);
    report(invocation, diagnostics);
    if (results.some((r) => r.failed)) return 2;
    return hasErrors(diagnostics) ? 1 : 0;
  },
};
