/** Who answers for the files of a target: together, and for each thing that they start alone. */
import type { PodWorld } from "../../../../src/evaluate/pod.ts";
import type { UnitText } from "../../../../src/lift/unit.ts";
import { profileTemporary } from "../../../../src/verify/floor.ts";
import type { Weights } from "../draw.ts";
import type { PolicySide } from "../policy.ts";
import { containerEvaluator } from "./container.ts";
import { type Evaluator, tolerant } from "./evaluator.ts";
import { podEvaluator } from "./pod.ts";
import { sbEvaluator } from "./sb.ts";
import { seccompEvaluator } from "./seccomp.ts";
import { unitEvaluator } from "./unit.ts";

/** Texts by their paths. */
export type Files = ReadonlyMap<string, string>;

/** An evaluator of some files; `thorough` asks under every reading of what is not known. */
export type OfFiles = (files: Files, thorough: boolean) => Evaluator;

/** One that can't be made has nothing to say. */
export const silently =
  (make: OfFiles): OfFiles =>
  (files, thorough) => {
    try {
      return tolerant(make(files, thorough));
    } catch {
      return () => undefined;
    }
  };

const argvIn = (text = ""): readonly string[] => (JSON.parse(text) as { argv: readonly string[] }).argv;

const buildOf = (location: string, context: string): { context: string; dockerfile: string } => ({
  context: context.replaceAll("$$", "$"),
  dockerfile: `${location}/Dockerfile`,
});

/** A service or a command line, in the place where its files lie. */
const container =
  ({ bundle: { location } }: PolicySide, kind: "compose" | "run"): OfFiles =>
  (files) => {
    const read = (path: string): string | undefined =>
      path.startsWith(`${location}/`) ? files.get(path.slice(location.length + 1)) : undefined;
    const world = { directory: location, read };
    const compose = files.get("compose.yaml") ?? "";
    if (kind === "compose") return containerEvaluator({ kind, text: compose }, world);
    const [, context] = /^ *"context": ("(?:[^"\\]|\\.)*")$/m.exec(compose) ?? [];
    const build = context === undefined ? {} : { build: buildOf(location, JSON.parse(context) as string) };
    return containerEvaluator({ kind, argv: argvIn(files.get("run.json")), ...build }, world);
  };

const isMain = (path: string): boolean => /^mcp-s(?:@)?\.service$|^s\.service\.d\//.test(path);

/** The unit that a command line of `systemd-run` makes: its properties, its variables and its command. */
function unitOf(argv: readonly string[]): UnitText {
  const end = argv.indexOf("--");
  const options = argv.slice(1, end);
  const lines = options.flatMap((word) => {
    const [, name, value] = /^--(property|setenv|uid|gid|working-directory)=(.*)$/s.exec(word) ?? [];
    if (name === "property") return [value ?? ""];
    if (name === "setenv")
      return [value?.includes("=") ? `Environment="${value}"` : `PassEnvironment=${value}`];
    return name === "uid" ? [`User=${value}`] : name === "gid" ? [`Group=${value}`] : [];
  });
  const command = argv.slice(end + 1).map((word) => JSON.stringify(word));
  return {
    path: "run.service",
    text: ["[Service]", ...lines, `ExecStart=:${command.join(" ")}`, ""].join("\n"),
  };
}

const manifests =
  ({ bundle }: PolicySide): OfFiles =>
  (files) => {
    const sources = [...files].flatMap(([path, text]) => (path.endsWith(".yaml") ? [{ path, text }] : []));
    const world: PodWorld = {
      minor: bundle.environment.kubernetes.minor,
      claims: "in-place",
      profile: (path) => (path.startsWith("mcpc/") ? files.get("seccomp.json") : undefined),
      enforcesPolicies: true,
    };
    return podEvaluator(sources, world);
  };

/** What is asked: each thing that is started, by a name for it. */
export const evaluators = {
  compose: (policy) => container(policy, "compose"),
  "docker run": (policy) => container(policy, "run"),
  unit: () => (files, thorough) =>
    unitEvaluator(
      [...files].flatMap(([path, text]) => (isMain(path) ? [{ path, text }] : [])),
      "/run/mcpc/s",
      thorough,
    ),
  "systemd-run": () => (files) => unitEvaluator([unitOf(argvIn(files.get("run.json")))], "/run/mcpc/s", true),
  manifest: manifests,
  sb: () => (files, thorough) =>
    sbEvaluator(files.get("profile.sb") ?? "", files.get("run.sh") ?? "", profileTemporary, thorough),
  seccomp: () => (files) => seccompEvaluator(files.get("seccomp.json") ?? ""),
} satisfies Readonly<Record<string, (policy: PolicySide) => OfFiles>>;

/** What the files of a target start. */
const started: Readonly<Record<string, readonly (keyof typeof evaluators)[]>> = {
  docker: ["compose", "docker run"],
  kubernetes: ["manifest"],
  sb: ["sb"],
  seccomp: ["seccomp"],
  systemd: ["unit"],
};

/** What any of the things that the files of a target start permits. */
export function ofTarget(target: string, policy: PolicySide): OfFiles {
  const all = (started[target] ?? []).map((name) => silently(evaluators[name](policy)));
  return (files, thorough) => {
    const each = all.map((one) => one(files, thorough));
    return (operation) => {
      const answers = each.map((one) => one(operation));
      return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
    };
  };
}

const sandbox: Weights = {
  file: 50,
  unix: 5,
  call: 10,
  env: 10,
  peer: 10,
  amount: 8,
  user: 2,
  capability: 3,
  gain: 1,
  process: 1,
};

/** How often each kind of operation is asked of a target. */
export function weightsOf(target: string): Weights {
  if (target === "seccomp") return { call: 1 };
  return target === "sb" ? { file: 65, unix: 5, env: 6, peer: 12, amount: 4, user: 2, service: 6 } : sandbox;
}
