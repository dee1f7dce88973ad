/** The standard library's syntax trees, as they were parsed when it was packed. */
import type { PolicyFile } from "../syntax/ast.ts";
import type { Source } from "../text/source.ts";
import { stdAsts } from "./std-ast.generated.ts";

/** Gives each span its source, in place: the tree is nobody else's yet. */
function addSource(node: unknown, source: Source): void {
  if (typeof node !== "object" || node === null) return;
  if ("start" in node && "end" in node) {
    Object.assign(node, { source });
    return;
  }
  for (const child of Object.values(node)) addSource(child, source);
}

/** The tree of one of the library's files; a test holds it against the parser. */
export function stdAst(path: string, source: Source): PolicyFile {
  const file: PolicyFile = JSON.parse(stdAsts[path] ?? '{"declarations":[]}');
  addSource(file, source);
  return file;
}
