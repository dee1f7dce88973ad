/** The form of `mcpc.proof.json`, for those who read one. */
import * as z from "zod";
import { serverIr } from "../policy/ir.ts";
import { proofVersion } from "./proof-file.ts";
import { slices } from "./witness.ts";

const slice = z.enum(slices);

/** A proof on disk. */
export const proofSchema = z.strictObject({
  proof: z.literal(proofVersion),
  mcpc: z.string(),
  language: z.int(),
  std: z.int(),
  policy: z.strictObject({
    name: z.string(),
    hash: z.string(),
    imports: z.array(z.strictObject({ name: z.string(), hash: z.string() })),
  }),
  server: z.string(),
  target: z.string(),
  environment: z.record(z.string(), z.string()),
  location: z.string(),
  artifacts: z.array(z.strictObject({ path: z.string(), sha256: z.string() })),
  parts: z.array(
    z.strictObject({
      name: z.string(),
      from: z.array(z.string()),
      assumptions: z.array(z.string()),
      deputies: z.array(z.string()).optional(),
      slices: z.array(
        z.strictObject({
          slice,
          verdict: z.literal("within"),
          soft: z.string().optional(),
          slack: z.string().optional(),
        }),
      ),
    }),
  ),
  left: z.array(slice),
  accepted: z.array(z.string()),
  exempt: z.array(z.string()),
  ir: serverIr,
});
