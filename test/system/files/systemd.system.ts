import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runInMachine } from "../systemd/machine.ts";
import type { Prepared } from "./asked.ts";
import { counted, failedOutside, judge, readReports } from "./judge.ts";
import { exampleNames, prepareExamples } from "./prepared.ts";
import { makeWorld, type World } from "./world.ts";

let world: World;
let prepared: ReadonlyMap<string, Prepared>;
let printed: ReadonlyMap<string, string>;

const mark = (name: string): string => `=== ${name}`;

/**
 * A policy without `run` confines a unit that somebody else wrote. One without `exec` lets nothing be executed either, so
 * that there is nobody who could read: of such a unit it is probed what can be started.
 */
const isForeign = ({ artifacts, server }: Prepared): boolean =>
  readdirSync(artifacts).includes(`${server}.service.d`);

/** A unit that starts all that could be started: each program reads itself as a list of probes, and says that it ended. */
function foreignUnit({ asked }: Prepared): string {
  const programs = asked.filter(({ right, runs }) => right === "exec" && runs);
  const lines = programs.map(({ path }) => `ExecStart=-"${path}" "${path}"`);
  return ["[Service]", "Type=oneshot", "RemainAfterExit=yes", ...lines, ""].join("\n");
}

/** What came of each command of such a unit, in a prober's words; the manager says of each that it was tried. */
function startedBy(shown: string): string {
  // The journal takes white space off a line's end.
  const said = new Set(shown.split("\n").map((line) => line.trimEnd()));
  const tried = [...shown.matchAll(/^ExecStart=\{ path=(.*?) ; .* pid=[1-9]\d* ; /gm)];
  const lines = tried.flatMap(([, path]) => {
    const outcome = said.has(`end\t${path}`) ? "ran" : "13";
    return [`map\t${path}\t${outcome}`, `run\t${path}\t${outcome}`];
  });
  return [...lines, "end\t/"].join("\n");
}

/** The same unit without what confines it. */
const freely = "mcpc-freely";

/** The units of all examples in one directory, as they were emitted. */
function gatherUnits(directory: string): void {
  mkdirSync(directory);
  const temporary: string[] = [];
  for (const example of prepared.values()) {
    for (const unit of isForeign(example) ? [example.server, freely] : [])
      writeFileSync(join(directory, `${unit}.service`), foreignUnit(example));
    for (const file of readdirSync(example.artifacts)) {
      const path = join(example.artifacts, file);
      if (file === "mcpc-tmpfiles.conf") temporary.push(readFileSync(path, "utf8"));
      else if (/\.(?:service|socket|d)$/.test(file)) cpSync(path, join(directory, file), { recursive: true });
    }
  }
  writeFileSync(join(directory, "mcpc-tmpfiles.conf"), temporary.join("\n"));
}

/** Bugs of a unit: each is seen by what the sandbox then permits. */
const spoilt: readonly (readonly [string, string, RegExp, string, RegExp])[] = [
  [
    "a bind that is not read-only",
    "filesystem",
    /^BindReadOnlyPaths=(\S*\/project:)/m,
    "BindPaths=$1",
    /^write \S*\/project\/mcpc-inside: the policy denies it: nothing grants it; in the sandbox: write: file$/,
  ],
  [
    "a bind that is not noexec",
    "filesystem",
    /^NoExecPaths="\S*\/project"$/m,
    "",
    /^exec \S*\/project\/mcpc-inside: .*; in the sandbox: map: ran, run: ran$/,
  ],
  [
    "a protected directory without its bind",
    "filesystem",
    /^BindReadOnlyPaths=\S*\/\.vscode:.*$/m,
    "",
    /^write \S*\/out\/\.vscode: the policy denies it: other programs obey it \(std:protected\.mcp:.*: directory$/,
  ],
  [
    "a directory that is not hidden",
    "python",
    /^InaccessiblePaths="?\+?\S*\/notes\/private"?$/m,
    "",
    /^read \S*\/notes\/private\/mcpc-inside: the policy denies it: it is denied \(python\.mcp:\d+: deny \*\*\/private/,
  ],
];

const spoiltName = (turn: number): string => `mcpc-spoilt-${turn}`;

/** Units of the examples with a bug, each behind a socket of its own. */
function gatherSpoilt(directory: string): void {
  for (const [turn, [what, name, from, to]] of spoilt.entries()) {
    const example = prepared.get(name);
    if (!example) continue;
    const unit = (end: string): string =>
      readFileSync(join(example.artifacts, `mcp-${example.server}${end}`), "utf8");
    const edited = unit("@.service").replace(from, to);
    if (edited === unit("@.service")) throw new Error(`${what}: there is nothing to spoil`);
    writeFileSync(join(directory, `${spoiltName(turn)}@.service`), edited);
    const socket = unit(".socket").replace(
      `/run/mcp-${example.server}.sock`,
      `/run/${spoiltName(turn)}.sock`,
    );
    writeFileSync(join(directory, `${spoiltName(turn)}.socket`), socket);
  }
}

const askSocket = (unit: string): string =>
  `systemctl start ${unit}.socket && ${world.programs.connect} /run/${unit}.sock`;

function startForeign(unit: string): string {
  return `systemctl start ${unit}.service
journalctl --sync
systemctl show ${unit}.service --property=ExecStart
journalctl --no-pager --output=cat --unit=${unit}.service`;
}

/** How an example is started: by a connection to its socket, or, where it listens or is somebody else's, by its name. */
function startWords(example: Prepared): string {
  const { artifacts, server } = example;
  if (isForeign(example)) return startForeign(server);
  const unit = `mcp-${server}`;
  if (readdirSync(artifacts).includes(`${unit}.socket`)) return askSocket(unit);
  // What it prints is in the journal when it has come to its end.
  return `systemctl start ${unit}.service
while systemctl --quiet is-active ${unit}.service; do sleep 0.1; done
journalctl --sync
journalctl --no-pager --output=cat --unit=${unit}.service`;
}

beforeAll(async () => {
  world = await makeWorld();
  prepared = prepareExamples(world, "systemd");
  await world.end();
  const units = join(world.directory, "units");
  gatherUnits(units);
  gatherSpoilt(units);
  const script = [
    `cp -r ${units}/*.d /etc/systemd/system/ 2>/dev/null`,
    "systemctl daemon-reload",
    ...[...prepared].flatMap(([name, example]) => [`echo "${mark(name)}"`, startWords(example)]),
    `echo "${mark(freely)}"`,
    startForeign(freely),
    ...spoilt.flatMap(([, name], turn) =>
      prepared.has(name) ? [`echo "${mark(spoiltName(turn))}"`, askSocket(spoiltName(turn))] : [],
    ),
    `echo "${mark("journal")}"`,
    "journalctl --no-pager -n 60 --priority=warning",
  ].join("\n");
  const output = `\n${runInMachine(units, script, [], world.layer)}`;
  const parts = output.split("\n=== ").slice(1);
  printed = new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")), part]));
});

afterAll(() => world?.dispose());

/** Of an example what a unit is probed for, and what the machine printed of it. */
function resultOf(name: string, unit = name): { readonly example: Prepared; readonly output: string } {
  const example = prepared.get(name);
  const output = printed.get(unit);
  if (!example || output === undefined)
    throw new Error(`${name} was not started:\n${[...printed.values()].join("\n").slice(-3000)}`);
  if (!isForeign(example)) return { example, output };
  const asked = example.asked.filter(({ right, runs }) => right === "exec" && runs);
  return { example: { ...example, asked }, output: startedBy(output) };
}

test.each(exampleNames)("a unit permits of each node's files what %s grants, and nothing else", (name) => {
  const { example, output } = resultOf(name);
  const verdict = judge(example, readReports(output));
  process.stdout.write(counted(`${name}, systemd`, example, verdict));
  expect(verdict.disagreements).toEqual([]);
});

test.each(exampleNames.filter((name) => name === "one-line"))(
  "without the drop-in all that %s's unit starts does start",
  (name) => {
    const { example, output } = resultOf(name, freely);
    expect(example.asked.length).toBeGreaterThan(100);
    expect(failedOutside(example, readReports(output))).toEqual([]);
  },
);

describe.skipIf(spoilt.some(([, name]) => !exampleNames.includes(name)))("what is spoilt", () => {
  test.each(spoilt.map(([what, name, , , says], turn) => [what, name, says, turn] as const))(
    "%s is seen in the sandbox",
    (_, name, says, turn) => {
      const { example, output } = resultOf(name, spoiltName(turn));
      expect(judge(example, readReports(output)).disagreements).toContainEqual(expect.stringMatching(says));
    },
  );
});
