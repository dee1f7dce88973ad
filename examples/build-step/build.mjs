import { chosenTargets, compile, hasErrors, openProject, renderTerminal, writeArtifacts } from "mcpc";

const opening = await openProject("policy.mcp", { out: "sandbox" });
const targets = chosenTargets(["docker", "seccomp"]);
if (!opening.ok || "severity" in targets) throw new Error("no policy, or no such target");

const { project, out } = opening.opened;
const { artifacts, diagnostics } = compile(project, targets);
const said = hasErrors(diagnostics) ? diagnostics : [...diagnostics, ...writeArtifacts(out, artifacts)];
process.stderr.write(renderTerminal(said));
process.exitCode = hasErrors(said) ? 1 : 0;
