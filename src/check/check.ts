/** The checks that run on every policy, a line each. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckInput, Rule } from "./rule.ts";
import { deadDenies, deadGrants, redundantGrants } from "./rules/dead-clauses.ts";
import { deputyGrants } from "./rules/deputies.ts";
import {
  imageWithoutDigest,
  netAny,
  readsSocket,
  secretValues,
  singleFileWrite,
} from "./rules/risky-grants.ts";
import { grantsCredentials, grantsEssential, grantsProtected } from "./rules/sensitive-paths.ts";
import { linuxOnly, missingCalls } from "./rules/system-calls.ts";
import { undermining } from "./rules/undermining.ts";
import { unstableGrants } from "./rules/unstable-grants.ts";
import { writableCode } from "./rules/writable-code.ts";

const rules: readonly Rule[] = [
  unstableGrants,
  writableCode,
  undermining,
  grantsCredentials,
  grantsProtected,
  grantsEssential,
  netAny,
  readsSocket,
  singleFileWrite,
  imageWithoutDigest,
  secretValues,
  deputyGrants,
  missingCalls,
  linuxOnly,
  deadGrants,
  deadDenies,
  redundantGrants,
];

/** Runs every check on every server. */
export function checkPolicy(input: CheckInput): readonly Diagnostic[] {
  return input.ir.servers.flatMap((server) => rules.flatMap((rule) => rule(server, input)));
}
