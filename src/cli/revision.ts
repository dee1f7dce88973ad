/** Files as they were at a revision of git. */
import { basename, dirname, resolve } from "node:path";
import type { ReadText } from "./io.ts";

/** An operand `REVISION:PATH`; undefined when it is a plain path. */
export function readRevision(
  operand: string,
): { readonly revision: string; readonly path: string } | undefined {
  const parts = /^([^:/]+(?:\/[^:]*)?):(.+)$/.exec(operand);
  const [, revision, path] = parts ?? [];
  return revision === undefined || path === undefined || operand.startsWith("./") || operand.startsWith("../")
    ? undefined
    : { revision, path };
}

/** A file's text at a revision, by its path in the working tree, where it need not be any more. */
export function textAt(revision: string, file: string): ReadText {
  const path = resolve(file);
  // Loaded here, since no other command starts a process. `--end-of-options`: a revision is never a flag.
  const shown = process
    .getBuiltinModule("node:child_process")
    .spawnSync(
      "git",
      ["-C", dirname(path), "show", "--no-textconv", "--end-of-options", `${revision}:./${basename(path)}`],
      { maxBuffer: 1 << 26 },
    );
  if (shown.error) return { ok: false, reason: `git could not be started: ${shown.error.message}` };
  if (shown.status !== 0) {
    const [said = "git said nothing"] = shown.stderr.toString().trim().split("\n");
    return { ok: false, reason: said.replace(/^fatal: /, "") };
  }
  try {
    return {
      ok: true,
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(shown.stdout),
    };
  } catch {
    return { ok: false, reason: "utf8" };
  }
}
