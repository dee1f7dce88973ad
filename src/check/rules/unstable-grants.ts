import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { isBelow } from "../../host/patterns.ts";
import type { FileGrant, ServerIr } from "../../policy/ir.ts";
import { type CheckInput, spanOf } from "../rule.ts";

const written = (server: ServerIr): readonly FileGrant[] =>
  server.files.grants.filter((grant) => grant.by === "clause" && grant.access.includes("write"));

/** A grant that adds nothing to what the same server has above it anyway. */
const addsNothing = (grant: FileGrant, above: FileGrant): boolean =>
  grant.access.every((access) => above.access.includes(access));

/** Whether something can lie below it: what does not exist yet may become a directory. */
const mayHold = ({ type }: FileGrant): boolean => type === "directory" || type === "absent";

/** A grant strictly inside a tree that this server, or another of the file, may write. */
export function unstableGrants(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  for (const grant of server.files.grants) {
    if (grant.by !== "clause") continue;
    for (const other of input.ir.servers) {
      const above = written(other).find((w) => isBelow(grant.path, w.path) && mayHold(w));
      if (!above || (other === server && addsNothing(grant, above))) continue;
      // Writable code has a message of its own.
      if (other === server && grant.access.includes("exec")) continue;
      const related = spanOf(input, above.origin);
      out.push(
        e.unstableGrant.report(
          { path: grant.path, above: above.path, server: other.name },
          {
            at: spanOf(input, grant.origin),
            related: related ? [{ span: related, text: "may be written here" }] : [],
            server: server.name,
          },
        ),
      );
    }
  }
  return out;
}
