/** All seeded bugs, by target, and targets that have one. */
import { targets } from "../../../src/targets/registry.ts";
import type { Target } from "../../../src/targets/target.ts";
import { dockerBugs } from "./docker.ts";
import { kubernetesBugs } from "./kubernetes.ts";
import { sbBugs } from "./sb.ts";
import { seccompBugs } from "./seccomp.ts";
import type { SeededBug } from "./seeded.ts";
import { systemdBugs } from "./systemd.ts";

/** The bugs of each target. */
export const seeded: Readonly<Record<string, readonly SeededBug[]>> = {
  docker: dockerBugs,
  kubernetes: kubernetesBugs,
  sb: sbBugs,
  seccomp: seccompBugs,
  systemd: systemdBugs,
};

/** A target of a name, alone. */
export const named = (name: string): readonly Target[] => targets.filter((target) => target.name === name);

/** A target with a bug in what it prints; `seen` says whether it changed anything. */
export function broken(
  name: string,
  { file, edit }: Pick<SeededBug, "file" | "edit">,
  seen: { changed: boolean },
): readonly Target[] {
  return named(name).map((target) => ({
    ...target,
    print: (model, context) =>
      target.print(model, context).map((made) => {
        if (!file.test(made.path)) return made;
        const content = edit(made.content);
        seen.changed ||= content !== made.content;
        return { ...made, content };
      }),
  }));
}
