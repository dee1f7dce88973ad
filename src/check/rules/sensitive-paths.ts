import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { coversPath, isWithin } from "../../host/patterns.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { credentialLists, protectedPatterns } from "../../policy/lists.ts";
import { type CheckInput, spanOf } from "../rule.ts";

/** Grants that name a credential path, or something in one. */
export function grantsCredentials(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const patterns = credentialLists(input.ir.home);
  const own = server.files.grants.filter((grant) => grant.by === "clause");
  return [...own, ...server.unix].flatMap((grant) => {
    const credential = patterns.find((pattern) => coversPath(pattern, grant.path));
    if (!credential) return [];
    return [
      e.grantsCredential.report(
        { path: grant.path, credential },
        { at: spanOf(input, grant.origin), server: server.name },
      ),
    ];
  });
}

/** Grants to write what other programs run or obey. */
export function grantsProtected(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  return server.files.grants.flatMap((grant) => {
    if (grant.by !== "clause" || !grant.access.includes("write")) return [];
    if (!protectedPatterns().some((pattern) => coversPath(pattern, grant.path))) return [];
    return [
      e.grantsProtected.report(
        { path: grant.path },
        { at: spanOf(input, grant.origin), server: server.name },
      ),
    ];
  });
}

/** Grants to write the policy, an import, or the artifacts. */
export function grantsEssential(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const { essentials } = input;
  return server.files.grants.flatMap((grant) => {
    if (grant.by !== "clause" || !grant.access.includes("write")) return [];
    const found = essentials.find(({ path }) => isWithin(grant.path, path));
    if (!found) return [];
    return [
      e.grantsEssential.report(
        { path: grant.path, what: found.what },
        { at: spanOf(input, grant.origin), server: server.name },
      ),
    ];
  });
}
