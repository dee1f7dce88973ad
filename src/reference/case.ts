/** What is decided, and what of a policy it is decided by. */
import type { DenyClause } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import { clausesOfServer, clausesOfStd, covers, type Held, ofKind, type ReferencePolicy } from "./policy.ts";

/** The answer to a question. */
export interface Decision {
  readonly allowed: boolean;
  /** The clause that decides; absent when nothing grants it. */
  readonly clause?: Span;
  /** In a sentence. */
  readonly because: string;
  /** The clause that denies what is allowed softly: wherever a target can hold it. */
  readonly softly?: Span;
}

/** Allowed, by a clause. */
export const yes = (clause: Span, because: string): Decision => ({ allowed: true, clause, because });
/** Denied, by a clause or because there is none. */
export const no = (because: string, clause?: Span): Decision => ({
  allowed: false,
  because,
  ...(clause && { clause }),
});

/** A server of a policy: its own clauses with those of its profiles, and those of its runtime. */
export interface Case {
  readonly policy: ReferencePolicy;
  readonly own: readonly Held[];
  readonly runtime: readonly Held[];
}

/** Gathers the clauses of a server. */
export function caseOf(policy: ReferencePolicy, server: string): Case {
  const own = clausesOfServer(policy, server);
  const said = ofKind(own, "runtime")[0]?.clause.name;
  const command = ofKind(own, "run")[0]?.clause.words[0]?.text ?? "";
  const name = command.slice(command.lastIndexOf("/") + 1);
  const inferred = /^(?:node|nodejs|npx|npm|bunx|pnpx)$/.test(name)
    ? "node"
    : /^(?:python[0-9.]*|uv|uvx|pipx)$/.test(name)
      ? "python"
      : "native";
  return { policy, own, runtime: clausesOfStd(policy, `runtime-${said ?? inferred}`) };
}

/** The `deny` that takes an access to a path away. */
export function denyOf({ policy, own }: Case, access: string, path: string): Span | undefined {
  const denies: readonly Held<DenyClause>[] = ofKind(own, "deny");
  return denies.find(
    ({ clause, directory }) =>
      (clause.access === "all" || clause.access === access) &&
      clause.paths.some((node) => covers(policy, node, directory, path)),
  )?.clause.span;
}
