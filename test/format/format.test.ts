import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkedFormat } from "../../src/cli/commands/fmt.ts";
import { hasErrors } from "../../src/diagnostics/diagnostic.ts";
import { stdFiles } from "../../src/policy/std.generated.ts";
import { lex } from "../../src/syntax/lexer.ts";
import { parse } from "../../src/syntax/parse.ts";

const examples = join(dirname(fileURLToPath(import.meta.url)), "../../examples");
const texts: readonly (readonly [string, string])[] = [
  ...Object.entries(stdFiles),
  ...readdirSync(examples)
    .filter((name) => name.endsWith(".mcp"))
    .map((name) => [name, readFileSync(join(examples, name), "utf8")] as const),
];

/** Breaks a text's layout: other white space, and comments on lines of their own, between any two tokens. */
function disturb(text: string, choices: readonly number[]): string {
  const { tokens } = lex({ name: "t", text });
  let out = "";
  let end = 0;
  for (const [index, token] of tokens.entries()) {
    const between = text.slice(end, token.startOffset);
    const choice = choices[index % choices.length] ?? 0;
    // Words of `run` stay on their line, and what is glued stays glued.
    if (between === "" || between.includes("#") || choice < 3) out += between;
    else if (choice === 3) out += `${between}  `;
    else out += between.includes("\n") ? `\n# note ${index}\n${between}` : between;
    out += token.image;
    end = token.startOffset + token.image.length;
  }
  return out + text.slice(end);
}

describe("the formatter", () => {
  test.each(texts)("%s: says the same, keeps each comment, and is done after once", (name, text) => {
    const once = checkedFormat(name, text).text;
    expect(checkedFormat(name, once).text).toBe(once);
  });

  test.each(texts.filter(([name]) => name !== "one-line.mcp"))("%s is formatted", (name, text) => {
    expect(checkedFormat(name, text).text).toBe(text);
  });

  test("disturbed texts", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 40 }),
        ([name, text], choices) => {
          const disturbed = disturb(text, choices);
          if (hasErrors(parse({ name, text: disturbed }).diagnostics)) return;
          const once = checkedFormat(name, disturbed).text;
          expect(checkedFormat(name, once).text).toBe(once);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a policy with errors is left as it is", () => {
    const text = "server a < raed ./x >";
    const result = checkedFormat("p", text);
    expect(result.text).toBe(text);
    expect(result.diagnostics.map((d) => d.code)).toEqual(["MC1005"]);
  });
});
