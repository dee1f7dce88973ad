/** All known failures, in the order of their numbers. */
import { containerRows } from "./containers.ts";
import { fileRows } from "./files.ts";
import { networkRows } from "./network.ts";
import type { Row } from "./row.ts";
import { callRows } from "./seccomp-calls.ts";
import { comparisonRows } from "./seccomp-comparisons.ts";
import { unitRows } from "./units.ts";

export const rows: readonly Row[] = [
  ...comparisonRows,
  ...callRows,
  ...fileRows,
  ...networkRows,
  ...containerRows,
  ...unitRows,
].sort((a, b) => a.row - b.row);
