import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { isWithin } from "../../host/patterns.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { type CheckInput, spanOf } from "../rule.ts";

/** `exec` and `write` on overlapping paths, unless the very same path stands in both. */
export function writableCode(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const own = server.files.grants.filter((grant) => grant.by === "clause" || grant.by === "run");
  const writable = own.filter((grant) => grant.access.includes("write") && grant.type !== "device");
  const executable = own.filter((grant) => grant.access.includes("exec"));
  return executable.flatMap((exec) =>
    writable
      .filter(
        (write) =>
          write.path !== exec.path && (isWithin(exec.path, write.path) || isWithin(write.path, exec.path)),
      )
      .map((write) => {
        const related = spanOf(input, write.origin);
        return e.writableCode.report(
          { write: write.path, exec: exec.path },
          {
            at: spanOf(input, exec.origin),
            related: related ? [{ span: related, text: "may be written here" }] : [],
            server: server.name,
          },
        );
      }),
  );
}
