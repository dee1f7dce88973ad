import { writeFileSync } from "node:fs";
import { configurationErrors as e } from "../../diagnostics/catalogue/configuration.ts";
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { format } from "../../format/format.ts";
import type { PolicyFile } from "../../syntax/ast.ts";
import { lex } from "../../syntax/lexer.ts";
import { parse } from "../../syntax/parse.ts";
import type { Command, Invocation } from "../command.ts";
import { readUtf8, reasonOf } from "../io.ts";
import { formatOption, report, usageError } from "../report.ts";

/** A tree without its places, to compare what two texts say. */
function withoutSpans(file: PolicyFile): string {
  const declarations = file.declarations.filter((d) => d.kind !== "language");
  return JSON.stringify(declarations, (key, value: unknown) =>
    /span|keyword/i.test(key) ? undefined : value,
  );
}

/** The comments of a text, in order. */
const commentsOf = (text: string): string =>
  JSON.stringify(lex({ name: "", text }).comments.map((c) => c.image.trimEnd()));

/** Formats, and makes sure that the result says the same and has lost no comment. */
export function checkedFormat(
  name: string,
  text: string,
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  const source = { name, text };
  const before = parse(source);
  if (hasErrors(before.diagnostics)) return { text, diagnostics: before.diagnostics };
  const formatted = format(source);
  const after = parse({ name, text: formatted });
  if (
    withoutSpans(before.value) !== withoutSpans(after.value) ||
    commentsOf(text) !== commentsOf(formatted)
  ) {
    throw new Error(`the formatter was about to change what ${name} says`);
  }
  return { text: formatted, diagnostics: [] };
}

function runFmt(invocation: Invocation): number {
  const { streams, operands, options } = invocation;
  if (operands.length === 0)
    return usageError(streams, "`mcpc fmt` needs a policy file, or `-` for standard input");
  const diagnostics: Diagnostic[] = [];
  let failed = false;
  for (const operand of operands) {
    const read = readUtf8(operand === "-" ? 0 : operand);
    if (!read.ok) {
      diagnostics.push(
        read.reason === "utf8"
          ? e.notUtf8.report({ path: operand })
          : e.unreadable.report({ path: operand, reason: read.reason }),
      );
      failed = true;
      continue;
    }
    const result = checkedFormat(operand === "-" ? "<stdin>" : operand, read.text);
    diagnostics.push(...result.diagnostics);
    if (hasErrors(result.diagnostics)) continue;
    if (operand === "-") streams.out(result.text);
    else if (result.text !== read.text) {
      if (options.check === true)
        diagnostics.push(e.stale.report({ path: operand, how: "is not formatted" }));
      else {
        try {
          writeFileSync(operand, result.text);
        } catch (error) {
          diagnostics.push(e.unwritable.report({ path: operand, reason: reasonOf(error) }));
          failed = true;
        }
      }
    }
  }
  if (diagnostics.length > 0) report(invocation, diagnostics);
  return failed ? 2 : hasErrors(diagnostics) ? 1 : 0;
}

/** `mcpc fmt`. */
export const fmtCommand: Command = {
  name: "fmt",
  summary: "format policies in place; comments survive",
  usage: "POLICY…",
  options: {
    check: { type: "boolean", help: "write nothing; exit 1 when a file is not formatted" },
    ...formatOption,
  },
  run: runFmt,
};
