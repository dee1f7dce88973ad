import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { isWithin } from "../../host/patterns.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { type CheckInput, spanOf } from "../rule.ts";

/** A server that may write what another one runs. */
export function undermining(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  for (const other of input.ir.servers) {
    if (other === server) continue;
    const program = other.files.grants.filter((grant) => grant.by === "run" || grant.access.includes("exec"));
    for (const write of server.files.grants.filter((g) => g.by === "clause" && g.access.includes("write"))) {
      const run = program.find(
        (grant) =>
          isWithin(grant.path, write.path) ||
          (isWithin(write.path, grant.path) && (grant.type === "directory" || grant.type === "absent")),
      );
      if (!run) continue;
      const related = spanOf(input, run.origin);
      out.push(
        e.undermines.report(
          { server: server.name, other: other.name, path: run.path },
          {
            at: spanOf(input, write.origin),
            related: related ? [{ span: related, text: `\`${other.name}\` runs it` }] : [],
            server: server.name,
          },
        ),
      );
    }
  }
  return out;
}
