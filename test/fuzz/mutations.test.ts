import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasErrors } from "../../src/diagnostics/diagnostic.ts";
import { lex } from "../../src/syntax/lexer.ts";
import { parse } from "../../src/syntax/parse.ts";

const directory = join(dirname(fileURLToPath(import.meta.url)), "../../examples");
const texts = readdirSync(directory)
  .filter((name) => name.endsWith(".mcp"))
  .map((name) => readFileSync(join(directory, name), "utf8"));
const runs = process.env.MCPC_LONG ? 100_000 : 10_000;

const pieces = [
  "server",
  "fs",
  "<",
  ">",
  ";",
  ",",
  "read",
  "deny",
  "./a",
  "net",
  "connect",
  "a:1",
  "[",
  "]",
  "(",
  ")",
  "...",
  "+",
  "-",
  "=",
  "{",
  "}",
  "#",
  '"',
  "\\",
  "'",
  "\n",
  " ",
  "syscalls",
  "default-deny",
  "limits",
  "memory",
  "1MiB",
  "accept",
  "docker:",
  "unix",
  "run",
  "env",
  "A=b",
  "\u0000",
  "\u202e",
  "é",
  "group",
  "@g",
  "import",
  "language",
  "1",
];

describe("no text crashes the parser", () => {
  test("random pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 40 }),
        fc.constantFrom("", " "),
        (words, glue) => {
          parse({ name: "p", text: words.join(glue) });
        },
      ),
      { numRuns: runs / 2 },
    );
  });

  test("mutated examples: no crash, and one syntax error a statement at most", () => {
    const mutation = fc.record({
      text: fc.constantFrom(...texts),
      at: fc.nat(),
      length: fc.nat({ max: 12 }),
      insert: fc.constantFrom("", ...pieces),
    });
    fc.assert(
      fc.property(mutation, ({ text, at, length, insert }) => {
        const start = at % text.length;
        const mutated = text.slice(0, start) + insert + text.slice(start + length);
        const { diagnostics } = parse({ name: "p", text: mutated });
        const places = diagnostics.map((d) => `${d.primary?.span.start}`);
        expect(new Set(places).size).toBe(places.length);
      }),
      { numRuns: runs / 2 },
    );
  });

  test("a lost `;` is always an error", () => {
    for (const text of texts) {
      const { tokens } = lex({ name: "p", text });
      expect(hasErrors(parse({ name: "p", text }).diagnostics)).toBe(false);
      for (const [index, token] of tokens.entries()) {
        const next = tokens[index + 1];
        if (token.image !== ";" || next === undefined || next.image === ">" || next.image === ";") continue;
        const without = text.slice(0, token.startOffset) + text.slice(token.startOffset + 1);
        expect(
          hasErrors(parse({ name: "p", text: without }).diagnostics),
          without.slice(token.startOffset - 40, token.startOffset + 40),
        ).toBe(true);
      }
    }
  });

  test("a text of 200 kB is read in well under a second's worth of work", () => {
    const text = Array.from(
      { length: 4000 },
      (_, i) => `server s${i} < read ./p${i}; net connect h${i}.example:443 >`,
    ).join("\n");
    const { value, diagnostics } = parse({ name: "p", text });
    expect(diagnostics).toEqual([]);
    expect(value.declarations.length).toBe(4000);
  });
});
