/** The profile's text, and the script that starts a server under it. */
import { shellWord } from "../escape/text.ts";
import type { OutputFile, TargetContext } from "../target.ts";
import { type Line, line, renderTemplate } from "../template.ts";
import { baseline, ownAllowOperations } from "./baseline.ts";
import type { SandboxModel, SandboxRule } from "./model.ts";

// An unfiltered allow of anything else would be the worst of bugs: an empty list that grants everything.
const unfiltered: ReadonlySet<string> = new Set(["process-fork"]);

function printRule({ operations, filters }: SandboxRule): string {
  if (filters.length === 0 && !operations.every((operation) => unfiltered.has(operation))) {
    throw new Error(`an allow of ${operations.join(", ")} without a filter was about to be printed`);
  }
  return `(allow ${[...operations, ...filters].join(" ")})`;
}

/** The text of profile.sb. */
export function printSandboxProfile(model: SandboxModel, header: readonly string[]): string {
  const sections = [
    { title: "What every program needs to start", rules: baseline.map(({ rule }) => rule) },
    ...model.sections.map(({ title, rules }) => ({ title, rules: rules.map(printRule) })),
  ];
  return renderTemplate("profile.sb", {
    header: header.map(line),
    denied: ownAllowOperations.map(line),
    sections: sections.map(({ title, rules }) => ({ title: line(title), rules: rules.map(line) })),
  });
}

const word = (text: string): Line => line(shellWord(text));

function environmentWord({ name, value, temporary }: SandboxModel["environment"][number]): Line {
  if (temporary) return line(`${name}="$tmp"`);
  // A variable that is passed through is absent where it is absent outside.
  return value === undefined ? line(`\${${name}+"${name}=$${name}"}`) : word(`${name}=${value}`);
}

/** The text of the launcher. */
export function printLauncher(model: SandboxModel, header: readonly string[]): string {
  const { files, milliseconds } = model.limits;
  const supervised = model.temporary || milliseconds !== undefined;
  const parameters = [
    ...model.parameters.map(({ name, path }) => word(`${name}=${path}`)),
    ...(model.temporary ? [line('"TMP=$tmp"')] : []),
  ];
  return renderTemplate("launcher.sh", {
    header: header.map(line),
    checked: model.checked.map(word),
    limits: [line("ulimit -c 0"), ...(files === undefined ? [] : [line(`ulimit -n ${files}`)])],
    temporary: model.temporary,
    directory: word(model.workingDirectory),
    given: model.command !== undefined,
    required: model.command === undefined,
    command: (model.command ?? []).map(word),
    environment: model.environment.map(environmentWord),
    parameters,
    supervised,
    direct: !supervised,
    deadline: milliseconds === undefined ? [] : [line(String(milliseconds / 1000))],
  });
}

/** Both files. */
export function printSandbox(model: SandboxModel, context: TargetContext): readonly OutputFile[] {
  return [
    { path: "profile.sb", content: printSandboxProfile(model, context.header) },
    { path: "run.sh", content: printLauncher(model, context.header), executable: true },
  ];
}
