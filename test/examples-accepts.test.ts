/** Each thing that an example accepts is needed: without it the compiler has more to say. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compileExample, examples } from "../scripts/examples.ts";
import type { Diagnostic } from "../src/diagnostics/diagnostic.ts";
import type { AcceptClause } from "../src/syntax/ast.ts";
import { parse } from "../src/syntax/parse.ts";

const checkout = join(dirname(fileURLToPath(import.meta.url)), "..");
const policy = (name: string): string => readFileSync(join(checkout, "examples", `${name}.mcp`), "utf8");

const problems = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.filter(({ severity }) => severity !== "note").map(({ code, message }) => `${code} ${message}`);

/** The policy without one accepted item of one target, for each of them. */
function acceptsTakenAway(text: string): { without: string; edit: (text: string) => string }[] {
  const blocks = parse({ name: "example.mcp", text }).value.declarations;
  const clauses = blocks
    .flatMap((d) => (d.kind === "server" || d.kind === "profile" ? d.clauses : []))
    .filter((clause): clause is AcceptClause => clause.kind === "accept");
  return clauses.flatMap(({ span, targets: of, items }) => {
    const all = of.flatMap((target) => items.map((item) => `${target.text}: ${item.text}`));
    return all.map((without) => {
      const kept = all.filter((one) => one !== without).map((one) => `accept ${one};`);
      return {
        without,
        edit: (whole) => whole.slice(0, span.start) + kept.join(" ") + whole.slice(span.end),
      };
    });
  });
}

test.each(examples.map(({ name }) => name))("%s accepts nothing that it need not", async (name) => {
  for (const { without, edit } of acceptsTakenAway(policy(name))) {
    const before = problems((await compileExample(checkout, name, true)).diagnostics);
    const after = problems((await compileExample(checkout, name, true, edit)).diagnostics);
    const more = after.filter((problem) => !before.includes(problem));
    expect(more, `\`accept ${without};\` changes nothing`).not.toEqual([]);
  }
});
