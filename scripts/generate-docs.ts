/** Generates docs/diagnostics.md from the catalogue and the table in docs/targets.md from the targets. */
import { readFileSync, writeFileSync } from "node:fs";
import { catalogue } from "../src/diagnostics/catalogue.ts";
import type { Example } from "../src/diagnostics/entry.ts";
import { targets } from "../src/targets/registry.ts";
import { dimensions } from "../src/targets/target.ts";

const families: Readonly<Record<string, string>> = {
  "1": "Syntax",
  "2": "Names",
  "3": "Meaning",
  "4": "Enforceability",
  "9": "Configuration",
};

function example(title: string, { policy, files, options, command }: Example): string {
  const fence = (text: string): string => `\`\`\`\n${text.trimEnd()}\n\`\`\`\n`;
  const parts = [
    ...(policy === undefined ? [] : [fence(policy)]),
    ...(command === undefined ? [] : [fence(command)]),
    ...Object.entries(files ?? {})
      .filter(([, text]) => text.trim() !== "")
      .map(([name, text]) => `with \`${name}\`:\n\n${fence(text)}`),
    ...(options?.target === undefined ? [] : [`compiled with \`--target=${options.target}\`.\n`]),
  ];
  return `${title}\n\n${parts.join("\n")}`;
}

/** The page of all diagnostics. */
export function diagnosticsPage(): string {
  const out = [
    "# Diagnostics",
    "",
    "Generated from the catalogue; a test compiles each example. `mcpc explain CODE` prints an entry.",
    "",
  ];
  let family = "";
  for (const entry of catalogue.values()) {
    const digit = entry.code.charAt(2);
    if (digit !== family) {
      family = digit;
      out.push(`## ${families[digit] ?? digit}`, "");
    }
    out.push(`### ${entry.code}: ${entry.title} (${entry.severity})`, "", entry.why, "");
    out.push(example("This gives it:", entry.bad), example("This does not:", entry.good));
  }
  return `${out
    .join("\n")
    .replace(/[\u200b\u202e]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`)
    .trimEnd()}\n`;
}

/** The coverage table, and each cell's note. */
export function coverageTable(): string {
  const head = `| | ${targets.map((t) => `\`${t.name}\``).join(" | ")} |\n|---|${targets.map(() => "---").join("|")}|`;
  const rows = dimensions.map((dimension) => {
    const cells = targets.map((target) => {
      const { level, note } = target.answers[dimension];
      const mark = level === "-" ? "–" : level;
      return note === undefined ? mark : `${mark} ${note}`;
    });
    return `| ${dimension} | ${cells.join(" | ")} |`;
  });
  return [head, ...rows].join("\n");
}

const begin = "<!-- generated: coverage -->";
const end = "<!-- /generated -->";

/** docs/targets.md with its table made anew. */
export function targetsPage(current: string): string {
  const from = current.indexOf(begin) + begin.length;
  const to = current.indexOf(end);
  return `${current.slice(0, from)}\n\n${coverageTable()}\n\n${current.slice(to)}`;
}

if (process.argv.includes("--write")) {
  writeFileSync("docs/diagnostics.md", diagnosticsPage());
  writeFileSync("docs/targets.md", targetsPage(readFileSync("docs/targets.md", "utf8")));
}
