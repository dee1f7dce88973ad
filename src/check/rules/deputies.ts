import { socketDeputies } from "../../authority/deputies.ts";
import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { isWithin, matchesPattern } from "../../host/patterns.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { type CheckInput, spanOf } from "../rule.ts";

/** Grants of sockets that hand over the authority of what listens there. */
export function deputyGrants(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const accepted = new Set(server.accepts.map((a) => a.item));
  return server.unix.flatMap((socket) =>
    socketDeputies
      .filter((deputy) => !accepted.has(`deputy.${deputy.name}`))
      .filter(({ patterns }) =>
        patterns.some(
          (p) => matchesPattern(p, socket.path) || (!p.includes("*") && isWithin(p, socket.path)),
        ),
      )
      .map(({ name, authority }) =>
        e.deputy.report(
          { path: socket.path, name, authority },
          { at: spanOf(input, socket.origin), server: server.name },
        ),
      ),
  );
}
