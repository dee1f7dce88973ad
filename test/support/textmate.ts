import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

const grammarPath = join(dirname(fileURLToPath(import.meta.url)), "../../grammar/mcp.tmLanguage.json");

/** The scopes of each character of a text, without the grammar's own; line ends have none. */
export type Scopes = readonly (readonly string[])[];

/** Loads the committed grammar into the engine of VS Code; gives the function that tokenizes a text with it. */
export async function loadGrammar(): Promise<(text: string) => Scopes> {
  const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
  await oniguruma.loadWASM(readFileSync(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(grammarPath, "utf8"), grammarPath),
  });
  const grammar = await registry.loadGrammar("source.mcp");
  if (!grammar) throw new Error("no grammar source.mcp");
  return (text) => {
    const scopes: (readonly string[])[] = [];
    let stack = textmate.INITIAL;
    // The ends of lines as VS Code's text model has them, which hands lines over without.
    for (const [whole, line = ""] of text.matchAll(/([^\r\n]*)(?:\r\n|\r|\n|$)/g)) {
      const { tokens, ruleStack, stoppedEarly } = grammar.tokenizeLine(line, stack);
      if (stoppedEarly) throw new Error("out of time");
      stack = ruleStack;
      for (const token of tokens) {
        for (let at = token.startIndex; at < Math.min(token.endIndex, line.length); at++)
          scopes.push(token.scopes.slice(1));
      }
      for (let at = line.length; at < whole.length; at++) scopes.push([]);
    }
    return scopes;
  };
}
