/** Files: allowed or denied, and by which clause. */
import type { PathClause, RunClause } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import { type Case, type Decision, denyOf, no, yes } from "./case.ts";
import {
  absolute,
  clausesOfStd,
  covers,
  type Held,
  ofKind,
  type ReferencePolicy,
  resolved,
} from "./policy.ts";
import { belongsToProgram } from "./program.ts";

type Grant = Held<PathClause<"read" | "write" | "exec">>;

/** Homes in which credential paths are meant. */
const isBelow = (path: string, directory: string): boolean =>
  directory === "/" ? path !== "/" : path.startsWith(`${directory}/`);

/** Places of credentials that lie between a grant and a path: strictly below the one, at or above the other. */
function credentialBetween(policy: ReferencePolicy, grant: string, path: string): Span | undefined {
  for (const [profile, personal] of [
    ["credentials", true],
    ["system-credentials", false],
  ] as const) {
    for (const { clause } of ofKind(clausesOfStd(policy, profile), "deny")) {
      for (const node of clause.paths) {
        const tail = personal ? node.text.slice(2).split("/") : node.text.slice(1).split("/");
        const parts = path.split("/").slice(1);
        const home = policy.home.split("/").slice(1);
        const begins: readonly (readonly string[])[] = personal
          ? [home, ["root"], ["home", "*"], ["Users", "*"]]
          : [[]];
        for (const begin of begins) {
          const whole = [...begin, ...tail];
          const matches =
            whole.length <= parts.length && whole.every((part, at) => part === "*" || part === parts[at]);
          if (matches && isBelow(`/${parts.slice(0, whole.length).join("/")}`, grant)) return clause.span;
        }
      }
    }
  }
  return undefined;
}

/** Where a path leads that goes by the name of a grant, where that is a link: it is another name of what is granted. */
function followed({ policy, own }: Case, path: string): string {
  const grants: readonly Grant[] = [...ofKind(own, "read"), ...ofKind(own, "write"), ...ofKind(own, "exec")];
  for (const { clause, directory } of grants) {
    for (const node of clause.paths) {
      const written = absolute(policy, node.text, directory);
      if (path === written || isBelow(path, written))
        return resolved(policy, written) + path.slice(written.length);
    }
  }
  return path;
}

/** The `deny write` of the standard library that takes a write away softly: from what is granted above what it names. */
function softDenyOf({ policy, own }: Case, path: string): Span | undefined {
  const granted = ofKind(own, "write").flatMap(({ clause, directory }) =>
    clause.paths.map((node) => resolved(policy, absolute(policy, node.text, directory))),
  );
  for (const { clause, directory } of ofKind(clausesOfStd(policy, "protected"), "deny")) {
    for (const node of clause.paths) {
      const takes = granted.some(
        (at) => (path === at || isBelow(path, at)) && !covers(policy, node, directory, at),
      );
      if (takes && covers(policy, node, directory, path)) return clause.span;
    }
  }
  return undefined;
}

/** Decides an access to a path, which may be a name that a grant gives to what lies elsewhere. */
export function decideNamedFile(c: Case, access: "stat" | "read" | "write" | "exec", path: string): Decision {
  const real = followed(c, path);
  const denied = real === path ? undefined : denyOf(c, access, path);
  if (denied) return no("it is denied", denied);
  const decision = decideFile(c, access, real);
  const softly = access === "write" && decision.allowed ? softDenyOf(c, real) : undefined;
  return softly ? { ...decision, softly } : decision;
}

function decideFile(c: Case, access: "stat" | "read" | "write" | "exec", path: string): Decision {
  const { policy, own, runtime } = c;
  const needs = access === "stat" ? "read" : access;
  const denied = denyOf(c, access, path);
  if (denied) return no("it is denied", denied);
  if (access === "write" && policy.essentials.some((e) => path === e || isBelow(path, e))) {
    return no("the sandbox is made of it, so nobody inside may write it");
  }
  const names = ofKind(own, "net").some(
    ({ clause }) =>
      clause.verb === "any" ||
      clause.endpoints.some((e) => e.host.kind !== "network" && clause.verb === "connect"),
  );
  const all = [...own, ...runtime, ...(names ? clausesOfStd(policy, "names") : [])];
  const grants: readonly Grant[] = [...ofKind(all, "read"), ...ofKind(all, "write"), ...ofKind(all, "exec")];
  let shielded: Span | undefined;
  for (const { clause, directory, isStd } of grants) {
    if (needs !== "read" && clause.kind !== needs) continue;
    for (const node of clause.paths) {
      const written = absolute(policy, node.text, directory);
      const real = resolved(policy, written);
      if (isStd && policy.host.lookup(written).kind !== "found") continue;
      const covered = [real, ...(isStd ? [written] : [])].find(
        (at) => path === at || isBelow(path, at) || at === "/",
      );
      if (covered === undefined) {
        const libraries =
          clause.kind === "exec" && needs !== "write" ? (policy.host.libraries(real) ?? []) : [];
        if (libraries.includes(path)) return yes(clause.span, "a library of a granted program");
        continue;
      }
      const credential = credentialBetween(policy, covered, path);
      if (!credential) return yes(clause.span, "it is granted");
      shielded = credential;
    }
  }
  for (const run of ofKind(own, "run") as readonly Held<RunClause>[]) {
    if (needs !== "write" && belongsToProgram(policy, run, needs, path))
      return yes(run.clause.span, "it is part of the program");
  }
  const [tmp] = ofKind(own, "tmp");
  if (tmp && access !== "exec" && (path === "/tmp" || isBelow(path, "/tmp")))
    return yes(tmp.clause.span, "the private temporary directory");
  if (access === "stat") {
    for (const { clause, directory } of grants) {
      const above = clause.paths.some((node) =>
        isBelow(resolved(policy, absolute(policy, node.text, directory)), path),
      );
      if (above) return yes(clause.span, "a directory above what is granted: stat only");
    }
  }
  if (shielded) return no("it holds credentials, and the grant lies above them", shielded);
  return no("nothing grants it");
}
