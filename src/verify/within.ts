/** `within`: whether a server permits nothing beyond the profile that it must stay within, and if not, what. */
import { proofErrors } from "../diagnostics/catalogue/proof.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PolicyIr } from "../policy/ir.ts";
import type { Ceiling } from "../policy/lower-server.ts";
import type { Span } from "../text/span.ts";
import { compare, policyDimensions } from "./compare.ts";

/** Decides each server's ceiling; a message shows an operation that breaks it, and the clause that grants that. */
export function decideCeilings(
  ir: PolicyIr,
  ceilings: readonly Ceiling[],
  spans: readonly Span[],
): readonly Diagnostic[] {
  return ceilings.flatMap((ceiling) => {
    const server = ir.servers.find(({ name }) => name === ceiling.server);
    if (!server?.within) return [];
    const asked = policyDimensions.filter((d) => d !== "syscalls" || ceiling.bindsCalls);
    const { excesses, undecided } = compare(server, ceiling.ir, asked);
    const { profile, origin } = server.within;
    const named = spans[origin];
    const holes = { server: server.name, profile };
    return [
      ...excesses.map((excess) => {
        const clause = excess.origin === undefined ? undefined : spans[excess.origin];
        const isStd = clause?.source.name.startsWith("std:") ?? true;
        return proofErrors.exceedsCeiling.report(
          { ...holes, operation: excess.operation },
          {
            at: isStd ? named : clause,
            related: !isStd && named ? [{ span: named, text: "must stay within this" }] : [],
            server: server.name,
          },
        );
      }),
      ...undecided.map((dimension) =>
        proofErrors.tooLarge.report(
          { what: `\`${server.name}\` and \`${profile}\``, dimension },
          { at: named, server: server.name },
        ),
      ),
    ];
  });
}
