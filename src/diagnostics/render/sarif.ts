/** Diagnostics as SARIF 2.1.0 (OASIS), for code scanning services. */
import { positionAt } from "../../text/source.ts";
import type { Span } from "../../text/span.ts";
import { catalogue } from "../catalogue.ts";
import { type Diagnostic, withServer } from "../diagnostic.ts";

function region({ source, start, end }: Span) {
  const from = positionAt(source, start);
  const to = positionAt(source, end);
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

/** A URI reference: a relative path as it is, an absolute one with its scheme (RFC 8089). */
function uriOf(name: string): string {
  const path = encodeURI(name).replace(/[#?]/g, encodeURIComponent);
  return name.startsWith("/") ? `file://${path}` : path;
}

function location(span: Span, text?: string) {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(span.source.name) },
      region: region(span),
    },
    ...(text !== undefined && { message: { text } }),
  };
}

/** One SARIF log with one run. */
export function renderSarif(diagnostics: readonly Diagnostic[], version: string): string {
  const used = [...new Set(diagnostics.map((d) => d.code))].sort();
  const rules = used.map((id) => {
    const entry = catalogue.get(id);
    return {
      id,
      shortDescription: { text: entry?.title ?? id },
      fullDescription: { text: entry?.why ?? id },
    };
  });
  const results = diagnostics.map((d) => ({
    ruleId: d.code,
    ruleIndex: used.indexOf(d.code),
    level: d.severity,
    message: { text: [withServer(d), ...d.notes, ...d.fixes.map((fix) => fix.title)].join("\n") },
    locations: d.primary ? [location(d.primary.span)] : [],
    relatedLocations: d.related.map((label, id) => ({ id, ...location(label.span, label.text) })),
    ...(d.fixes.some((fix) => fix.edits.length > 0) && {
      fixes: d.fixes
        .filter((fix) => fix.edits.length > 0)
        .map((fix) => ({
          description: { text: fix.title },
          artifactChanges: fix.edits.map(({ span, newText }) => ({
            artifactLocation: { uri: uriOf(span.source.name) },
            replacements: [{ deletedRegion: region(span), insertedContent: { text: newText } }],
          })),
        })),
    }),
  }));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "mcpc", version, rules } }, columnKind: "utf16CodeUnits", results }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
