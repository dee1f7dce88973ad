/** Generates grammar/ from the token table and the parser: for editors the TextMate grammar, for people the EBNF. */
import { writeFileSync } from "node:fs";
import { ebnf } from "./grammar/ebnf.ts";
import { languageConfiguration } from "./grammar/language-configuration.ts";
import { textmateGrammar } from "./grammar/textmate.ts";

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** The files below grammar/, name to text. */
export function grammarFiles(): Readonly<Record<string, string>> {
  return {
    "language-configuration.json": json(languageConfiguration()),
    "mcp.ebnf": ebnf(),
    "mcp.tmLanguage.json": json(textmateGrammar()),
  };
}

if (process.argv.includes("--write")) {
  for (const [name, text] of Object.entries(grammarFiles())) writeFileSync(`grammar/${name}`, text);
}
