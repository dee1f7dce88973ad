/** Diagnostics as workflow commands of GitHub Actions. */
import { positionAt } from "../../text/source.ts";
import { type Diagnostic, withServer } from "../diagnostic.ts";

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
const commands = { error: "error", warning: "warning", note: "notice" } as const;

/** A line a diagnostic. */
export function renderGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((d) => {
      const properties: string[] = [];
      if (d.primary) {
        const { source, start, end } = d.primary.span;
        const from = positionAt(source, start);
        const to = positionAt(source, end);
        properties.push(
          `file=${property(source.name)}`,
          `line=${from.line}`,
          `endLine=${to.line}`,
          `col=${from.column}`,
        );
      }
      properties.push(`title=${property(d.code)}`);
      const message = [withServer(d), ...d.notes, ...d.fixes.map((fix) => fix.title)].join("\n");
      return `::${commands[d.severity]} ${properties.join(",")}::${data(message)}\n`;
    })
    .join("");
}
