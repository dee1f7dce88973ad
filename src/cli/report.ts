/** Printing of diagnostics in the form that `--format` asks for. */
import { configurationErrors } from "../diagnostics/catalogue/configuration.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { renderGithub } from "../diagnostics/render/github.ts";
import { renderJson } from "../diagnostics/render/json.ts";
import { renderSarif } from "../diagnostics/render/sarif.ts";
import { renderTerminal } from "../diagnostics/render/terminal.ts";
import { version } from "../version.ts";
import { type Invocation, type OptionTable, type Streams, stringOption } from "./command.ts";

/** The forms of diagnostics. */
export const formats = ["pretty", "json", "sarif", "github"] as const;

/** The option that chooses the form. */
export const formatOption = {
  format: { type: "string", value: formats.join("|"), help: "how diagnostics are printed" },
} as const satisfies OptionTable;

/** In the order of the text, whichever stage found them; what has no place comes last. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const names = [...new Set(diagnostics.map((d) => d.primary?.span.source.name))];
  const fileOf = (d: Diagnostic): number =>
    d.primary ? names.indexOf(d.primary.span.source.name) : names.length;
  const placeOf = (d: Diagnostic): number => d.primary?.span.start ?? 0;
  return [...diagnostics].sort((a, b) => fileOf(a) - fileOf(b) || placeOf(a) - placeOf(b));
}

/** Prints diagnostics: for people to standard error, for programs to standard output. */
export function report(invocation: Invocation, found: readonly Diagnostic[]): void {
  const { streams } = invocation;
  const diagnostics = inOrder(found);
  const format = stringOption(invocation, "format") ?? "pretty";
  if (format === "json") streams.out(renderJson(diagnostics));
  else if (format === "sarif") streams.out(renderSarif(diagnostics, version));
  else if (format === "github") streams.out(renderGithub(diagnostics));
  else streams.err(renderTerminal(diagnostics, { color: streams.color }));
}

/** A mistake on the command line; exit code 2. */
export function usageError(streams: Streams, message: string): number {
  const diagnostic = configurationErrors.usage.report({ message });
  streams.err(renderTerminal([diagnostic], { color: streams.color }));
  return 2;
}
