/** What lowering works with. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Host } from "../host/host.ts";
import { isWithin } from "../host/patterns.ts";
import type { Clause } from "../syntax/ast.ts";
import { positionAt } from "../text/source.ts";
import type { Span } from "../text/span.ts";
import type { Binding } from "./bind.ts";
import type { ClauseOrigin } from "./ir.ts";
import type { LoadedFile, LoadedPolicy, StandardLibrary } from "./load.ts";

/** The operating system that a policy is lowered for. */
export type Platform = "linux" | "macos";

/** A clause and the file that holds it. */
export interface Sourced<C extends Clause = Clause> {
  readonly clause: C;
  readonly file: LoadedFile;
}

/** Collects where the entries of an IR come from. */
export interface Origins {
  /** The index of a clause, added when it is new. */
  readonly of: (file: LoadedFile, span: Span) => number;
  readonly clauses: readonly ClauseOrigin[];
  /** The span of each. */
  readonly spans: readonly Span[];
}

/** Makes an empty collection. */
export function collectOrigins(): Origins {
  const clauses: ClauseOrigin[] = [];
  const spans: Span[] = [];
  const known = new Map<string, number>();
  return {
    clauses,
    spans,
    of: (file, span) => {
      const key = `${file.path}:${span.start}:${span.end}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const text = span.source.text
        .slice(span.start, span.end)
        .replace(/#[^\n]*/g, "")
        .replace(/\s+/g, " ")
        .trim();
      clauses.push({ source: file.source.name, line: positionAt(span.source, span.start).line, text });
      spans.push(span);
      known.set(key, clauses.length - 1);
      return clauses.length - 1;
    },
  };
}

/** The context of lowering one policy for one platform. */
export interface LowerContext {
  readonly policy: LoadedPolicy;
  readonly std: StandardLibrary;
  readonly host: Host;
  readonly root: string;
  readonly home: string;
  readonly platform: Platform;
  /** Directories that artifacts are written to. */
  readonly outputs: readonly string[];
  readonly origins: Origins;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** What `./` and `~/` mean in a file: the policy's own directory is the root, wherever it lies on this machine. */
export function bindingOf(context: LowerContext, file: LoadedFile): Binding {
  const main = context.policy.main.directory;
  const directory = isWithin(file.directory, main)
    ? `${context.root}${file.directory.slice(main.length)}`.replace(/^\/\//, "/")
    : file.directory;
  return { directory, home: context.home };
}

/** The origin of a clause. */
export function originOf(context: LowerContext, sourced: Sourced): number {
  return context.origins.of(sourced.file, sourced.clause.span);
}
