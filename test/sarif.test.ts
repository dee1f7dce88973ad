import { expect, test } from "vitest";
import { z } from "zod";
import { meaningErrors } from "../src/diagnostics/catalogue/meaning.ts";
import { renderSarif } from "../src/diagnostics/render/sarif.ts";

// What SARIF 2.1.0 requires of the objects that are written (OASIS sarif-v2.1.0, section 3: 3.13, 3.14, 3.27, 3.28, 3.30, 3.49, 3.55 to 3.57).
const message = z.strictObject({ text: z.string().min(1) });
const position = z.int().min(1);
const region = z.strictObject({
  startLine: position,
  startColumn: position,
  endLine: position,
  endColumn: position,
});
const artifactLocation = z.strictObject({
  uri: z
    .string()
    .refine((uri) => /^[!#-;=?-Z_a-z~[\]@$&'()*+,;=%.-]+$/.test(uri) && !/%(?![0-9A-F]{2})/.test(uri)),
});
const location = z.strictObject({
  id: z.int().min(0).optional(),
  physicalLocation: z.strictObject({ artifactLocation, region }),
  message: message.optional(),
});
const fix = z.strictObject({
  description: message,
  artifactChanges: z
    .array(
      z.strictObject({
        artifactLocation,
        replacements: z.array(z.strictObject({ deletedRegion: region, insertedContent: message })).min(1),
      }),
    )
    .min(1),
});
const log = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          version: z.string(),
          rules: z.array(
            z.strictObject({ id: z.string(), shortDescription: message, fullDescription: message }),
          ),
        }),
      }),
      columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level: z.enum(["none", "note", "warning", "error"]),
          message,
          locations: z.array(location),
          relatedLocations: z.array(location),
          fixes: z.array(fix).optional(),
        }),
      ),
    }),
  ),
});

const spanIn = (name: string) => ({ source: { name, text: "server a < x >\n" }, start: 11, end: 12 });

test("every object holds what the specification requires, and no URI has a raw character", () => {
  const at = spanIn("a b/p é#?.mcp");
  const inTheRoot = spanIn("/srv/p.mcp");
  const text = renderSarif(
    [
      meaningErrors.netAny.report({}, { at, server: "a", fixes: [{ title: "only said", edits: [] }] }),
      meaningErrors.deadGrant.report(
        { path: "/x" },
        {
          at: inTheRoot,
          related: [{ span: at, text: "here" }],
          fixes: [{ title: "so", edits: [{ span: at, newText: "y" }] }],
        },
      ),
      meaningErrors.netAny.report({}),
    ],
    "1.2.3",
  );
  const [run] = log.parse(JSON.parse(text)).runs;
  const ids = run?.tool.driver.rules.map(({ id }) => id);
  expect(run?.results.map((r) => [r.ruleId, ids?.[r.ruleIndex]])).toEqual([
    ["MC3016", "MC3016"],
    ["MC3021", "MC3021"],
    ["MC3016", "MC3016"],
  ]);
  const uris = run?.results.flatMap((r) => r.locations.map((l) => l.physicalLocation.artifactLocation.uri));
  expect(uris).toEqual(["a%20b/p%20%C3%A9%23%3F.mcp", "file:///srv/p.mcp"]);
  expect(run?.results[0]?.message.text).toMatch(/\(server a\)/);
  expect(run?.results.map((r) => r.fixes?.length)).toEqual([undefined, 1, undefined]);
});
