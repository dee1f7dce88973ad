import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import { lex } from "../../src/syntax/lexer.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const configuration = JSON.parse(readFileSync(join(root, "grammar/language-configuration.json"), "utf8")) as {
  readonly wordPattern: string;
  readonly indentationRules: Readonly<Record<"increaseIndentPattern" | "decreaseIndentPattern", string>>;
};
const increase = new RegExp(configuration.indentationRules.increaseIndentPattern);
const decrease = new RegExp(configuration.indentationRules.decreaseIndentPattern);
const examples = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".mcp"));

describe("the language configuration", () => {
  test.each(examples)("%s: a double click takes words as the lexer does", (name) => {
    const text = readFileSync(join(root, "examples", name), "utf8");
    const words = new Set(
      [...text.matchAll(new RegExp(configuration.wordPattern, "gu"))].map((m) => `${m.index} ${m[0]}`),
    );
    const unquoted = lex({ name, text }).tokens.filter(({ image }) => /^[\w./@:*-]+$/.test(image));
    expect(unquoted.length).toBeGreaterThan(5);
    for (const { startOffset, image } of unquoted) expect(words).toContain(`${startOffset} ${image}`);
  });

  test("the indentation of a block is the formatter's", () => {
    const text = 'server a < read ./"<"; deny ./x; > # <\nserver b < limits < memory 1MiB >; net none; >\n';
    const lines = format({ name: "p", text }).split("\n");
    let depth = 0;
    for (const line of lines.filter((l) => l !== "")) {
      if (decrease.test(line)) depth--;
      expect(line.length - line.trimStart().length, line).toBe(depth * 2);
      if (increase.test(line)) depth++;
    }
    expect(depth).toBe(0);
  });

  test.each([
    ["server a <", true],
    ["  syscalls default-deny + [read,", true],
    ["server a < # what for", true],
    ['read "a <";', false],
    ["# a <", false],
    ["limits < memory 1MiB >;", false],
  ])("%j opens: %s", (line, opens) => {
    expect(increase.test(line)).toBe(opens);
  });
});
