/**
 * Emitted compose files, command lines and Dockerfiles with one thing wrong: those that permit more fail, with an operation
 * that the evaluator confirms; of the others it finds none either.
 */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { always } from "../../src/authority/bdd.ts";
import { createCallDiagram } from "../../src/authority/calls.ts";
import { fileOutside, type PathMachine, rights } from "../../src/authority/paths.ts";
import {
  type ContainerForm,
  type ContainerWorld,
  containerHolds,
  containerLimit,
  containerMayGain,
  containerPermitsCall,
  containerPermitsFile,
  containerReaches,
  containerTouchesProcesses,
  containerUser,
  containerVariable,
} from "../../src/evaluate/container.ts";
import { liftCompose } from "../../src/lift/compose.ts";
import { ContainerError, type LiftedContainer } from "../../src/lift/container.ts";
import { liftDockerRun } from "../../src/lift/docker-run.ts";
import { argvMutants, lineMutants } from "../mutants/container.ts";
import {
  type ContainerExcess,
  containerExcess,
  containerFiles,
  type EmittedContainer,
  emittedContainer,
  ownEnvironment,
  runArgv,
} from "../support/container-policy.ts";
import { acceptEverything, world as places, randomPolicies } from "../support/random-policies.ts";

const policies = process.env.MCPC_LONG ? 40 : 2;

interface Mutant {
  readonly what: string;
  readonly form: ContainerForm;
  readonly world: ContainerWorld;
  readonly lift: () => LiftedContainer;
  /** The same form as it was emitted. */
  readonly own: () => LiftedContainer;
}

function composeMutants(emitted: EmittedContainer): readonly Mutant[] {
  const environment = ownEnvironment(emitted);
  const lift =
    (text: string, world = environment) =>
    (): LiftedContainer => {
      const [only] = liftCompose(text, world);
      if (!only) throw new Error("no service");
      return only;
    };
  const text = emitted.files.get("compose.yaml") ?? "";
  const unchanged = lift(text);
  const own = lineMutants(text).map(
    ({ what, text: other }): Mutant => ({
      what: `compose: ${what}`,
      form: { kind: "compose", text: other },
      world: environment,
      lift: lift(other),
      own: unchanged,
    }),
  );
  const ofFiles = ["Dockerfile", "Dockerfile.dockerignore", "seccomp.json"].flatMap((name) =>
    lineMutants(name === "seccomp.json" ? "" : (emitted.files.get(name) ?? "")).map(
      ({ what, text: other }): Mutant => {
        const world = ownEnvironment({ ...emitted, files: new Map([...emitted.files, [name, other]]) });
        return {
          what: `${name}: ${what}`,
          form: { kind: "compose", text },
          world,
          lift: lift(text, world),
          own: unchanged,
        };
      },
    ),
  );
  return [...own, ...ofFiles];
}

function runMutants(emitted: EmittedContainer): readonly Mutant[] {
  const world = ownEnvironment(emitted);
  const argv = runArgv(emitted);
  return argvMutants(argv).map(({ what, argv: other }) => ({
    what: `run: ${what}`,
    form: { kind: "run", argv: other },
    world,
    lift: () => liftDockerRun(other, world),
    own: () => liftDockerRun(argv, world),
  }));
}

/** Paths that a mutant is asked about: of the small world, and above. */
const probes: readonly string[] = [
  ...new Set(
    [
      ...Object.keys(places),
      "/etc/shadow",
      "/srv/world/other",
      "/srv/x",
      "/dev/shm/x",
      "/proc/kcore",
      "/dev/kvm",
    ].flatMap((p) => p.split("/").map((_, count, parts) => parts.slice(0, count + 1).join("/") || "/")),
  ),
];

function allowedBy(machine: PathMachine, path: string, right: keyof typeof rights): boolean {
  const names = path.split("/").filter((name) => name !== "");
  return (
    (machine.rightsAt(names.reduce((s, name) => machine.step(s, name), machine.start)) & rights[right]) !== 0
  );
}

/** Whether the evaluator confirms; undefined where it has nothing to say of it. */
function confirmed({ form, world }: Mutant, excess: ContainerExcess): boolean | undefined {
  const { slice, text, file, variable, call } = excess;
  if (file) return containerPermitsFile(form, world, slice === "sockets" ? "connect" : file.right, file.path);
  if (variable !== undefined) return containerVariable(form, world, variable) !== undefined;
  if (call?.name !== undefined && call.entry === "x86_64")
    return containerPermitsCall(form, world, { name: call.name, words: call.words });
  if (slice === "network") return containerReaches(form, world);
  if (slice === "processes") return containerTouchesProcesses(form, world);
  if (/^CAP_/.test(text)) return containerHolds(form, world, text);
  if (/^runs as \d/.test(text)) return text === `runs as ${containerUser(form, world)}`;
  if (text.startsWith("may gain")) return containerMayGain(form, world);
  const [, limit, bound] = /^(memory|processes|files|cpu|tmp) (\d+|without)/.exec(text) ?? [];
  if (limit === undefined) return undefined;
  const found = containerLimit(form, world, limit as "tmp");
  return bound === "without" ? found === Number.POSITIVE_INFINITY : found === Number(bound);
}

/** Whether two containers permit the same. */
function isSame(a: LiftedContainer, b: LiftedContainer): boolean {
  const { files, sockets, calls, environment, identity, limits, network, processes } = a.authority;
  const other = b.authority;
  if (!files || !sockets || !other.files || !other.sockets) return false;
  const differs = (x: PathMachine, y: PathMachine): boolean =>
    fileOutside(x, y) !== undefined || fileOutside(y, x) !== undefined;
  if (differs(files, other.files) || differs(sockets, other.sockets)) return false;
  if (calls !== other.calls) {
    const bdd = createCallDiagram();
    if ((calls?.(bdd) ?? always) !== (other.calls?.(bdd) ?? always)) return false;
  }
  return isDeepStrictEqual(
    [environment, identity, limits, network === undefined, processes],
    [other.environment, other.identity, other.limits, other.network === undefined, other.processes],
  );
}

/** Something beyond the policy that the evaluator finds. */
function probed({ form, world }: Mutant, { server }: EmittedContainer): string | undefined {
  const policy = containerFiles(server);
  for (const path of probes)
    for (const right of ["read", "write", "exec"] as const)
      if (!allowedBy(policy, path, right) && containerPermitsFile(form, world, right, path))
        return `${right} ${path}`;
  if (containerMayGain(form, world)) return "gains";
  if (/^0:/.test(containerUser(form, world) ?? "0:")) return "root";
  for (const capability of ["CAP_CHOWN", "CAP_SYS_ADMIN"])
    if (containerHolds(form, world, capability)) return capability;
  if (containerTouchesProcesses(form, world)) return "processes";
  const most = {
    memory: server.limits.memory?.value,
    processes: server.limits.processes?.value,
    files: server.limits.files?.value,
    cpu: server.limits.cpu?.value,
    tmp: server.tmp?.bytes ?? 0,
  };
  for (const name of ["memory", "processes", "files", "cpu", "tmp"] as const)
    if (containerLimit(form, world, name) > (most[name] ?? Number.POSITIVE_INFINITY)) return name;
  return undefined;
}

/** What a reader says of parts that it leaves open is no operation: the finding is the witness. */
const isOpenPart = ({ text }: ContainerExcess): boolean =>
  /^(?:everything|any variable|anybody|any capability|runs as any|less than)/.test(text);

describe("mutants of emitted containers", () => {
  const found = {
    all: 0,
    refused: 0,
    equivalent: 0,
    stricter: 0,
    byFinding: 0,
    more: 0,
    confirmed: 0,
    open: 0,
    contradicted: 0,
  };
  const contradictions: string[] = [];
  let emitted: readonly EmittedContainer[] = [];
  beforeAll(() => {
    const more =
      "  limits < memory 64MiB; processes 64; files 64; cpu 50% >;\n  tmp 1MiB;\n  run node ./program/index.js;\n";
    emitted = fc
      .sample(randomPolicies(acceptEverything), { numRuns: policies * 8, seed: 20 })
      .map(({ text }) => text.replace(/^ *(?:limits|tmp|run|net|image) .*\n/gm, ""))
      .flatMap((text) => emittedContainer(text.replace(/>\n$/, `${more}>\n`)) ?? [])
      .filter(({ files }) => /"volumes":/.test(files.get("compose.yaml") ?? ""))
      .slice(0, policies);
  });

  function decide(mutant: Mutant, one: EmittedContainer): void {
    found.all++;
    let container: LiftedContainer;
    try {
      container = mutant.lift();
    } catch (error) {
      if (!(error instanceof ContainerError)) throw error;
      found.refused++;
      return;
    }
    const excess = containerExcess(container, one.server);
    if (excess.length === 0) {
      found[isSame(container, mutant.own()) ? "equivalent" : "stricter"]++;
      if (container.findings.length > 0) found.byFinding++;
      expect(probed(mutant, one), mutant.what).toBe(undefined);
      return;
    }
    found.more++;
    const answers = excess.map((e) => ({ e, answer: confirmed(mutant, e) }));
    if (answers.some(({ answer }) => answer === true)) found.confirmed++;
    else if (excess.every(isOpenPart)) found.open++;
    for (const { e, answer } of answers) {
      if (answer === false && !isOpenPart(e)) {
        found.contradicted++;
        contradictions.push(`${mutant.what}: ${e.slice} ${e.text}`);
      }
      if (isOpenPart(e) && answer !== true)
        expect(container.findings.length, `${mutant.what}: ${e.slice} ${e.text}`).toBeGreaterThan(0);
    }
  }

  test("those that permit more fail with a witness, and the others pass", () => {
    expect(emitted.length).toBe(policies);
    for (const one of emitted)
      for (const mutant of [...composeMutants(one), ...runMutants(one)]) decide(mutant, one);
    console.log(`mutants of containers: ${JSON.stringify(found)}`);
    expect(contradictions).toEqual([]);
    expect(found.more).toBeGreaterThan(found.all / 5);
    expect(found.confirmed + found.open).toBe(found.more);
    expect(found.confirmed).toBeGreaterThan(found.more * 0.8);
    expect(found.equivalent).toBeGreaterThan(0);
    expect(found.stricter).toBeGreaterThan(0);
    expect(found.refused).toBeGreaterThan(0);
  });
});
