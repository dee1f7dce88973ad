/** Artifacts with characters and lines changed by chance: whatever stands in a file, there is a verdict, and no crash. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { filesBelow } from "../../src/cli/io.ts";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import { createWorkspace } from "../../src/verify/decide.ts";
import { nothing } from "../../src/verify/diff.ts";
import { readerOf } from "../../src/verify/parts/readers.ts";
import { proveBundle } from "../../src/verify/prove.ts";
import { partWords } from "../../src/verify/words/part.ts";

const runs = process.env.MCPC_LONG ? 20_000 : 400;
const examples = join(import.meta.dirname, "../../examples/out");

interface Emitted {
  readonly target: string;
  readonly files: ReadonlyMap<string, string>;
}

const directories = (path: string): readonly string[] =>
  readdirSync(path)
    .map((name) => join(path, name))
    .filter((one) => statSync(one).isDirectory());

const emitted: readonly Emitted[] = directories(examples)
  .flatMap(directories)
  .flatMap(directories)
  .map((directory) => {
    const names = filesBelow(directory).filter((name) => !name.endsWith("proof.json"));
    return {
      target: relative(join(directory, ".."), directory),
      files: new Map(names.map((name) => [name, readFileSync(join(directory, name), "utf8")])),
    };
  });

// What has a meaning in one of the formats, or ends one.
const pieces =
  `null|[]|{}|0|-1|1e9|99999999999999999999|"|'|\\|:|=|%|%n|$|\${A}|*|**|~|!|!!str |<<: *a|&a |true|()|(|)|#|[Service]|@|,|/../|//|é`
    .split("|")
    .concat("\n", "\r", "\t", " ", "\0", "\ufeff", "\ud800", "|");
const place = fc.double({ min: 0, max: 1, noNaN: true });
const edit = fc.oneof(
  fc.record({
    kind: fc.constant("text" as const),
    at: place,
    length: fc.nat({ max: 12 }),
    by: fc.constantFrom("", ...pieces),
  }),
  fc.record({ kind: fc.constant("line" as const), at: place, to: place, isKept: fc.boolean() }),
);

function edited(text: string, change: typeof edit extends fc.Arbitrary<infer T> ? T : never): string {
  if (change.kind === "text") {
    const at = Math.floor(change.at * text.length);
    return text.slice(0, at) + change.by + text.slice(at + change.length);
  }
  const lines = text.split("\n");
  const [line = ""] = lines.splice(Math.floor(change.at * (lines.length - 1)), change.isKept ? 0 : 1);
  const copied = change.isKept ? (lines[Math.floor(change.at * (lines.length - 1))] ?? "") : line;
  lines.splice(Math.floor(change.to * lines.length), 0, copied);
  return lines.join("\n");
}

test("a verdict on each", () => {
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(
      fc.nat({ max: emitted.length - 1 }),
      place,
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (number, which, edits) => {
        const { target, files } = emitted[number] ?? { target: "", files: new Map<string, string>() };
        const names = [...files.keys()];
        const name = names[Math.floor(which * names.length * 0.999)] ?? "";
        const text = edits.reduce(edited, files.get(name) ?? "");
        const bundle = {
          server: { ...nothing, name: "server" },
          environment: defaultEnvironment,
          location: `/srv/house/sandbox/server/${target}`,
          files: new Map(files).set(name, text),
        };
        const space = createWorkspace();
        const reader = readerOf(target);
        for (const part of reader?.parts(bundle) ?? []) {
          seen[part.ok ? "read" : "refused"]++;
          if (part.ok) partWords(part.part, reader?.scope ?? [], space);
        }
        proveBundle(target, bundle, { space });
      },
    ),
    { numRuns: runs },
  );
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(runs / 20);
});
