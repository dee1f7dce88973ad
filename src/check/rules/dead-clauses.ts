import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { coversPath, isBelow, reachesInto } from "../../host/patterns.ts";
import type { FileDeny, FileGrant, ServerIr } from "../../policy/ir.ts";
import { type CheckInput, spanOf } from "../rule.ts";

const own = (server: ServerIr): readonly FileGrant[] =>
  server.files.grants.filter((grant) => grant.by === "clause");

/** Grants that are wholly denied. */
export function deadGrants(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  return own(server).flatMap((grant) => {
    const deny = server.files.denies.find(
      (d) => d.access === "all" && d.reason === "clause" && coversPath(d.pattern, grant.path),
    );
    if (!deny) return [];
    const denied = spanOf(input, deny.origin);
    return [
      e.deadGrant.report(
        { path: grant.path },
        {
          at: spanOf(input, grant.origin),
          related: denied ? [{ span: denied, text: "denied here" }] : [],
          server: server.name,
        },
      ),
    ];
  });
}

function denies(deny: FileDeny, grant: FileGrant): boolean {
  if (deny.access !== "all" && !grant.access.includes(deny.access)) return false;
  return (
    coversPath(deny.pattern, grant.path) || (grant.type !== "file" && reachesInto(deny.pattern, grant.path))
  );
}

/** Denies that no grant reaches; not those of a profile, which is written for many servers. */
export function deadDenies(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  return server.files.denies
    .filter((deny) => deny.reason === "clause" && !server.files.grants.some((grant) => denies(deny, grant)))
    .filter((deny) => input.ownClauses(server.name).has(deny.origin))
    .map((deny) => {
      const text = `deny ${deny.access === "all" ? "" : `${deny.access} `}${deny.pattern}`;
      return e.deadDeny.report({ text }, { at: spanOf(input, deny.origin), server: server.name });
    });
}

/** Grants that another one of the same server already holds: what a lost `deny` leaves behind looks like that. */
export function redundantGrants(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const grants = own(server);
  return grants.flatMap((grant) => {
    if (grant.access.length === 1) return [];
    const above = grants.find(
      (g) => isBelow(grant.path, g.path) && grant.access.every((access) => g.access.includes(access)),
    );
    if (!above) return [];
    return [
      e.redundantGrant.report(
        { path: grant.path, above: above.path },
        { at: spanOf(input, grant.origin), server: server.name },
      ),
    ];
  });
}
