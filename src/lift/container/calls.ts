/** The filter of system calls of a container. */
import { SeccompError } from "../seccomp.ts";
import { type SeccompFilter, seccompFilter } from "../seccomp-filter.ts";
import type { ContainerEnvironment } from "./environment.ts";
import type { Security } from "./security.ts";
import { type Draft, find } from "./settings.ts";
import { cleanPath } from "./values.ts";

/** The filter; undefined where there is none, or none that is known. */
export function filterOf(
  draft: Draft,
  { seccomp }: Security,
  environment: ContainerEnvironment,
): SeccompFilter | undefined {
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
    return seccompFilter(text);
  } catch (error) {
    if (!(error instanceof SeccompError)) throw error;
    find(draft, line, `the seccomp profile \`${path}\` is not understood: ${error.message}`);
    return undefined;
  }
}
