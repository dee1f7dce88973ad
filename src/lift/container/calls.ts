/** The filter of system calls of a container, and whether it lets sockets be made. */
import type { Bdd, Root } from "../../authority/bdd.ts";
import { createCallDiagram } from "../../authority/calls.ts";
import { liftSeccomp, readSeccomp, SeccompError } from "../seccomp.ts";
import { listens, makesSockets } from "../sockets.ts";
import type { ContainerEnvironment } from "./environment.ts";
import type { Security } from "./security.ts";
import { type Draft, find } from "./settings.ts";
import { cleanPath } from "./values.ts";

/** What a filter lets through. */
export type Filter = (bdd: Bdd) => Root;

/** The filter that was read last, with what was found of it: the forms of one server have the same. */
let last: { readonly text: string; readonly filter: Filter } | undefined;

/** The filter of a profile. @throws SeccompError */
function filterOfText(text: string): Filter {
  if (last?.text === text) return last.filter;
  const profile = readSeccomp(text);
  const filter: Filter = (bdd) => liftSeccomp(bdd, profile);
  last = { text, filter };
  return filter;
}

/** The filter; undefined where there is none, or none that is known. */
export function filterOf(
  draft: Draft,
  { seccomp }: Security,
  environment: ContainerEnvironment,
): Filter | undefined {
  if (draft.privileged) return undefined;
  if (!seccomp) {
    draft.findings.push({
      file: draft.file,
      line: 1,
      message: "no seccomp profile is named: what docker's own lets through depends on its release",
    });
    return undefined;
  }
  const { value, line } = seccomp;
  if (value === "unconfined") return undefined;
  if (value === "builtin" || value === "default") {
    find(draft, line, "what docker's own seccomp profile lets through depends on its release");
    return undefined;
  }
  const path = cleanPath(value, environment.directory);
  const text = environment.read(path);
  if (text === undefined) {
    find(draft, line, `the seccomp profile \`${path}\` can't be read`);
    return undefined;
  }
  try {
    return filterOfText(text);
  } catch (error) {
    if (!(error instanceof SeccompError)) throw error;
    find(draft, line, `the seccomp profile \`${path}\` is not understood: ${error.message}`);
    return undefined;
  }
}

const made = new WeakMap<Filter, { readonly bdd: Bdd; readonly root: Root }>();

/** A filter in a diagram of its own, which is made once. */
function inDiagram(filter: Filter): { readonly bdd: Bdd; readonly root: Root } {
  const known = made.get(filter);
  if (known) return known;
  const bdd = createCallDiagram();
  const found = { bdd, root: filter(bdd) };
  made.set(filter, found);
  return found;
}

/** Whether a filter lets a socket of one of some families be made. */
export function filterMakes(filter: Filter | undefined, families: readonly number[]): boolean {
  if (!filter) return true;
  const { bdd, root } = inDiagram(filter);
  return makesSockets(bdd, root, families);
}

/** Whether a filter lets a socket be reached. */
export function filterListens(filter: Filter | undefined): boolean {
  if (!filter) return true;
  const { bdd, root } = inDiagram(filter);
  return listens(bdd, root);
}
