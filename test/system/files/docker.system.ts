import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptCommand, mustRun } from "../command.ts";
import { importImage } from "../docker/base-image.ts";
import { type DockerDaemon, startDocker } from "../docker/daemon.ts";
import type { Prepared } from "./asked.ts";
import { counted, failedOutside, judge, readReports, type Verdict } from "./judge.ts";
import { exampleNames, prepareExamples } from "./prepared.ts";
import { makeWorld, type World } from "./world.ts";

let world: World;
let docker: DockerDaemon;
let prepared: ReadonlyMap<string, Prepared>;

beforeAll(async () => {
  world = await makeWorld();
  prepared = prepareExamples(world, "docker");
  docker = await startDocker(world);
});

afterAll(async () => {
  await docker?.stop();
  await world?.dispose();
});

const made = new Map<string, NodeJS.ProcessEnv>();

/** The image of an example, made once; what docker and compose need of the environment. */
function imageOf(example: Prepared): NodeJS.ProcessEnv {
  const environment = made.get(example.name) ?? makeImage(example);
  made.set(example.name, environment);
  return environment;
}

/** The image of an example: what is copied onto a base of its own, or a base that starts the prober where no `run` is. */
function makeImage({ name, server, image, artifacts, list }: Prepared): NodeJS.ProcessEnv {
  const base = `mcpc-probes/${name}:1`;
  const environment = {
    ...docker.environment,
    MCPC_BASE: base,
    [`MCP_${server.toUpperCase()}_IMAGE`]: base,
  };
  const isBare = list.startsWith(image);
  if (isBare) cpSync(world.programs.prober, join(image, "usr/bin/prober"));
  const entry = isBare ? [`ENTRYPOINT ["/usr/bin/prober","${list.slice(image.length)}"]`] : [];
  importImage(environment, image, base, ...entry);
  if (isBare) return environment;
  // The Dockerfile says how it is built.
  const [, words] = /^# +docker (build .*)$/m.exec(readFileSync(join(artifacts, "Dockerfile"), "utf8")) ?? [];
  const command = `docker ${words?.replace(/^build/, "build --build-arg MCPC_BASE")}`;
  mustRun(["/bin/sh", "-c", command], { cwd: artifacts, env: environment });
  return environment;
}

/** The image's name is a variable of the policy without `run`; a shell would put it there. */
function runWords({ artifacts }: Prepared, environment: NodeJS.ProcessEnv): readonly string[] {
  const { argv } = JSON.parse(readFileSync(join(artifacts, "run.json"), "utf8")) as { argv: string[] };
  return argv.slice(1).map((word) => word.replace(/^\$\{(\w+)\}$/, (_, name) => environment[name] ?? ""));
}

function tryFiles(example: Prepared, argv: readonly string[], environment: NodeJS.ProcessEnv): Verdict {
  const { output } = attemptCommand(argv, { cwd: example.artifacts, env: environment, seconds: 60 });
  return judge(example, readReports(output));
}

function exampleOf(name: string): Prepared {
  const example = prepared.get(name);
  if (!example) throw new Error(`${name} was not prepared`);
  return example;
}

test.each(exampleNames)("nothing but a sandbox denies an unprivileged user the files of %s", (name) => {
  const example = exampleOf(name);
  const argv = [
    "/usr/bin/setpriv",
    "--reuid=65532",
    "--regid=65532",
    "--clear-groups",
    world.programs.prober,
  ];
  const { output } = attemptCommand(world.enter([...argv, example.list]));
  expect(failedOutside(example, readReports(output))).toEqual([]);
});

test.each(exampleNames)("docker permits of each node's files what %s grants, and nothing else", (name) => {
  const example = exampleOf(name);
  const environment = imageOf(example);
  const forms = {
    compose: ["/usr/bin/docker-compose", "run", "--rm", "-T", example.server],
    "docker run": ["/usr/bin/docker", ...runWords(example, environment)],
  };
  for (const [form, argv] of Object.entries(forms)) {
    const verdict = tryFiles(example, argv, environment);
    process.stdout.write(counted(`${name}, ${form}`, example, verdict));
    expect(verdict.disagreements, form).toEqual([]);
  }
});

type Edit = (words: readonly string[], root: string) => readonly string[];

const spoilt: readonly (readonly [string, string, Edit, RegExp])[] = [
  [
    "a volume that is not read-only",
    "filesystem",
    (words) => words.map((word) => word.replace("o=bind,ro,noexec", "o=bind,noexec")),
    /^write \S*\/project\/mcpc-inside: the policy denies it: nothing grants it; in the sandbox: write: file$/,
  ],
  [
    "a volume that is not noexec",
    "filesystem",
    (words) => words.map((word) => word.replace("ro,noexec", "ro")),
    /^exec \S*\/project\/mcpc-inside: .*; in the sandbox: map: ran, run: ran$/,
  ],
  [
    "a protected directory without its mount",
    "filesystem",
    (words) =>
      words.map((word) => (word.includes("/project/out/.vscode,") ? "type=tmpfs,dst=/run/nothing" : word)),
    /^write \S*\/out\/\.vscode: the policy denies it: other programs obey it \(std:protected\.mcp:.*: directory$/,
  ],
  [
    "a mask that lies elsewhere",
    "python",
    (words) => words.map((word) => word.replace(/^\S*\/notes\/private:ro/, "/run/nothing:ro")),
    /^read \S*\/notes\/private\/mcpc-inside: the policy denies it: it is denied \(python\.mcp:\d+: deny \*\*\/private/,
  ],
  [
    "what lies beside a grant",
    "python",
    ([run = "", ...words], root) => [run, `--volume=${root}/notes~beside:${root}/notes~beside:ro`, ...words],
    /^read \S*\/notes~beside: the policy denies it: nothing grants it; in the sandbox: read: file /,
  ],
];

describe.skipIf(spoilt.some(([, name]) => !exampleNames.includes(name)))("what is spoilt", () => {
  test.each(spoilt)("%s is seen in the sandbox", (_, name, edit, says) => {
    const example = exampleOf(name);
    const environment = imageOf(example);
    const words = runWords(example, environment);
    const edited = edit(words, join(world.directory, "app", name));
    expect(edited).not.toEqual(words);
    const { disagreements } = tryFiles(example, ["/usr/bin/docker", ...edited], environment);
    expect(disagreements).toContainEqual(expect.stringMatching(says));
  });
});
