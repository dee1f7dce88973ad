/** Every format that is emitted, with the mutants of some artifacts of it. */
import { createRandom, type Random } from "../../support/random.ts";
import { argvMutants, lineMutants } from "../container.ts";
import type { Edited } from "../edited.ts";
import { manifestMutants } from "../kubernetes.ts";
import { launcherMutants } from "../launcher.ts";
import { profileMutants } from "../sb.ts";
import { loosened } from "../seccomp.ts";
import { unitMutants } from "../unit.ts";
import { acceptedBy } from "./accepted.ts";
import { bpfSubject } from "./bpf.ts";
import { evaluators, type Files, type OfFiles, silently, weightsOf } from "./evaluators/files.ts";
import { policies } from "./policies.ts";
import { type PolicySide, policySide } from "./policy.ts";
import { Bundles, type Mutant, type Subject } from "./subject.ts";

/** A file of a bundle with one thing changed. */
type EditedFile = Edited & { readonly path: string };

/** A subject of one target's files: what is replaced, by its path, and who answers for the files together. */
function subject(
  format: string,
  target: string,
  policy: PolicySide,
  files: Files,
  mutants: readonly EditedFile[],
  make: OfFiles,
): Subject {
  const bundles = new Bundles(target, policy, files);
  const evaluate = silently(make);
  return {
    format,
    policy,
    weights: weightsOf(target),
    own: evaluate(files, false),
    accepted: acceptedBy(policy, target),
    mutants: mutants.map(({ what, text, path }): Mutant => {
      const replaced = new Map([...files, [path, text]]);
      return {
        what: `${path}: ${what}`,
        judge: () => bundles.judge(replaced),
        evaluator: () => evaluate(replaced, true),
        prober: () => evaluate(replaced, false),
      };
    }),
  };
}

/** Edits of the files whose path fits; what is no change is none. */
function edits(
  files: Files,
  path: RegExp,
  mutate: (text: string) => readonly Edited[],
): readonly EditedFile[] {
  return [...files].flatMap(([name, text]) =>
    path.test(name) ? mutate(text).flatMap((one) => (one.text === text ? [] : [{ ...one, path: name }])) : [],
  );
}

const without = (files: Files, path: RegExp): Files =>
  new Map([...files].filter(([name]) => !path.test(name)));

const only = (files: Files, path: RegExp): Files => new Map([...files].filter(([name]) => path.test(name)));

/** So many different profiles with one token changed. */
function loosenedProfiles(text: string, count: number, random: Random): readonly Edited[] {
  const found = new Map<string, Edited>();
  for (let tries = 0; found.size < count && tries < count * 20; tries++) {
    const other = loosened(text, random);
    const at = [...other].findIndex((letter, index) => letter !== text[index]);
    if (other !== text) found.set(other, { what: other.slice(Math.max(0, at - 40), at + 40), text: other });
  }
  return [...found.values()];
}

/** The words of a command line that stands in a file, each changed; `mutate` changes one word more. */
function commandLines(
  text: string,
  from: number,
  mutate?: (word: string) => readonly string[],
): readonly Edited[] {
  const { argv } = JSON.parse(text) as { argv: readonly string[] };
  return argvMutants(argv, from, mutate).map(({ what, argv: other }) => ({
    what,
    text: JSON.stringify({ argv: other }, null, 2),
  }));
}

function docker(text: string): readonly Subject[] {
  const policy = policySide(text, "docker");
  const { files } = policy.bundle;
  const composed = without(files, /^run\.json$/);
  const compose = evaluators.compose(policy);
  const lines = edits(files, /^run\.json$/, (one) => commandLines(one, 2));
  return [
    subject("Dockerfile", "docker", policy, composed, edits(files, /Dockerfile/, lineMutants), compose),
    subject("compose", "docker", policy, composed, edits(files, /^compose\.yaml$/, lineMutants), compose),
    subject("docker run", "docker", policy, files, lines, evaluators["docker run"](policy)),
  ];
}

/** A property of a unit on a command line is changed as its line would be. */
function propertyMutants(word: string): readonly string[] {
  const [, option = "", line] = /^(--property=)(.*)$/s.exec(word) ?? [];
  if (line === undefined) return [];
  return unitMutants(line).flatMap(({ text }) => (text === "" ? [] : [option + text]));
}

function units(text: string): readonly Subject[] {
  const policy = policySide(text, "systemd");
  const { files } = policy.bundle;
  const unit = without(files, /^run\.json$/);
  const mutated = edits(unit, /^mcp-s@?\.service$|^s\.service\.d\//, unitMutants);
  const ofUnit = subject("unit", "systemd", policy, unit, mutated, evaluators.unit());
  if (!files.has("run.json")) return [ofUnit];
  const line = only(files, /^run\.json$/);
  const lines = edits(line, /./, (one) => commandLines(one, 1, propertyMutants));
  return [ofUnit, subject("systemd-run", "systemd", policy, line, lines, evaluators["systemd-run"]())];
}

function manifests(text: string): readonly Subject[] {
  const policy = policySide(text, "kubernetes");
  const { files } = policy.bundle;
  const mutated = edits(files, /\.yaml$/, manifestMutants);
  return [subject("manifest", "kubernetes", policy, files, mutated, evaluators.manifest(policy))];
}

function profiles(text: string): readonly Subject[] {
  const policy = policySide(text, "sb");
  const { files } = policy.bundle;
  const of = (format: string, path: RegExp, mutate: (one: string) => readonly Edited[]): Subject =>
    subject(format, "sb", policy, files, edits(files, path, mutate), evaluators.sb());
  return [of("sandbox profile", /\.sb$/, profileMutants), of("launcher", /^run\.sh$/, launcherMutants)];
}

function filters(text: string, count: number, seed: number): readonly Subject[] {
  const policy = policySide(text, "seccomp");
  const { files } = policy.bundle;
  const mutants = edits(files, /\.json$/, (one) => loosenedProfiles(one, count, createRandom(seed)));
  return [
    subject("seccomp JSON", "seccomp", policy, files, mutants, evaluators.seccomp()),
    bpfSubject(policy, files.get("seccomp.json") ?? "", count, createRandom(seed)),
  ];
}

/** All subjects; each is made when its turn comes. `count` is how many mutants of a filter there are. */
export function subjects(count: number, seed: number): readonly (() => readonly Subject[])[] {
  const { rich, lone, bare, dynamic, deployed, pod, desktop, exact } = policies;
  return [
    () => filters(rich, count, seed),
    () => filters(exact, count, seed + 1),
    () => profiles(rich),
    () => profiles(desktop),
    () => docker(rich),
    () => docker(lone),
    () => units(rich),
    () => units(bare),
    () => units(dynamic),
    () => manifests(rich),
    () => manifests(pod),
    () => manifests(deployed),
  ];
}
