/** The format of recordings. A file of its own: who records or replays needs no schema, only who reads a file. */
import * as z from "zod";
import { questions } from "./host.ts";
import { snapshotVersion } from "./snapshot.ts";

/** A recording: where it was made for, and each question with its answer. */
export const snapshotSchema = z.strictObject({
  snapshotVersion: z.literal(snapshotVersion),
  root: z.string().regex(/^\//),
  home: z.string().regex(/^\//),
  answers: z.record(z.enum(questions), z.record(z.string(), z.json())),
});
