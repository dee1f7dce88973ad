import { configurationErrors as e } from "../diagnostics/catalogue/configuration.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { targets as allTargets } from "../targets/registry.ts";
import type { Target } from "../targets/target.ts";

/** The targets that `--target` names; `all` is every one. */
export function chosenTargets(names: readonly string[]): readonly Target[] | Diagnostic {
  if (names.includes("all")) return allTargets;
  const chosen: Target[] = [];
  for (const name of names) {
    const found = allTargets.find((target) => target.name === name);
    if (!found) {
      const known = allTargets.map((target) => target.name);
      const meant = didYouMean(name, [...known, "all"]);
      return e.unknownTarget.report(
        { name, known: known.join(", ") },
        { notes: meant ? [`did you mean \`${meant}\`?`] : [] },
      );
    }
    if (!chosen.includes(found)) chosen.push(found);
  }
  return chosen;
}
