/** The standard library's lists of paths, as patterns. */

import type { PathNode } from "../syntax/ast.ts";
import { standardLibrary } from "./load.ts";

function denied(profile: string): readonly PathNode[] {
  const clauses = standardLibrary("linux").profiles.get(profile)?.declaration.clauses ?? [];
  return clauses.flatMap((clause) => (clause.kind === "deny" ? clause.paths : []));
}

/** The homes that credential paths are meant in: the bound one, root's, and any other's. */
export function homePatterns(home: string): readonly string[] {
  return [...new Set([home, "/root", "/home/*", "/Users/*"])];
}

/** Credential paths: in every home, and those that are nobody's. */
export function credentialLists(home: string): readonly string[] {
  const personal = denied("credentials").flatMap((path) =>
    homePatterns(home).map((at) => `${at}/${path.text.slice(2)}`),
  );
  return [...personal, ...denied("system-credentials").map((path) => path.text)];
}

/** What other programs run or obey later. */
export function protectedPatterns(): readonly string[] {
  return denied("protected").map((path) => `/${path.text}`);
}
