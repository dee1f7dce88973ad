import { describe, expect, test } from "vitest";
import { BudgetExceeded } from "../../src/authority/bdd.ts";
import { ruleMachine } from "../../src/authority/path-rules.ts";
import { type Compiled, compile } from "../../src/compile/compile.ts";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import { createWorkspace } from "../../src/verify/decide.ts";
import { failuresOf, isProven } from "../../src/verify/describe.ts";
import { proveBundle } from "../../src/verify/prove.ts";
import { worldProject } from "../support/random-policies.ts";
import { broken, named, seeded } from "./seeded/broken.ts";
import { richPolicy } from "./seeded/seeded.ts";

test("there are bugs enough to tell", () => {
  expect(Object.values(seeded).flat().length).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(seeded))("%s", (name, bugs) => {
  test("a policy with something of everything is proven", () => {
    const { artifacts, diagnostics } = compile(worldProject(richPolicy), named(name));
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(artifacts.length).toBeGreaterThan(0);
  });

  test.each(bugs.map((bug) => [bug.name, bug] as const))("%s: nothing is written", (_, bug) => {
    const seen = { changed: false };
    const run = (): Compiled => compile(worldProject(bug.policy ?? richPolicy), broken(name, bug, seen));
    expect(run).toThrow(bug.says);
    // Each evaluator that speaks of the operation says so too.
    expect(run).not.toThrow(/another evaluator contradicts/);
    expect(seen.changed).toBe(true);
  });
});

test.each<[string, RegExp, RegExp, string]>([
  ["seccomp", /seccomp\.json$/, /"names": \["access", /, '"names": ['],
  ["docker", /^compose\.yaml$/, /"pids_limit": 32/, '"pids_limit": 16'],
  ["kubernetes", /^patch\.yaml$/, /"readOnly": false/, '"readOnly": true'],
  ["sb", /^profile\.sb$/, /^\(allow signal.*\n/m, ""],
  ["systemd", /^mcp-s@\.service$/, /^BindPaths=/m, "BindReadOnlyPaths="],
])("%s: what is stricter than its policy passes", (name, file, from, to) => {
  const seen = { changed: false };
  const stricter = { file, edit: (text: string) => text.replace(from, to) };
  const { artifacts } = compile(worldProject(richPolicy), broken(name, stricter, seen));
  expect(seen.changed).toBe(true);
  expect(artifacts.length).toBeGreaterThan(0);
});

test("no answer to what is softly denied is no answer at all", () => {
  const { artifacts, analysed } = compile(worldProject(richPolicy), named("systemd"));
  const [server] = analysed.get("linux")?.ir.servers ?? [];
  if (!server) throw new Error("nothing was compiled");
  const space = createWorkspace();
  const tooLarge = ruleMachine([]);
  space.machines.set("systemd soft", {
    ...tooLarge,
    step: () => {
      throw new BudgetExceeded("too many states");
    },
  });
  const files = new Map(artifacts.map(({ path, content }) => [path.replace("s/systemd/", ""), content]));
  const bundle = { server, environment: defaultEnvironment, location: "/srv", files };
  const proof = proveBundle("systemd", bundle, { space });
  expect(isProven(proof)).toBe(false);
  expect(failuresOf(proof).map(({ kind, slice }) => `${kind} ${slice}`)).toContain("unknown files");
});

test("a drop-in that leaves open what its unit may hold is told, and no evaluator contradicts that", () => {
  const bare = `server s <
  runtime node;
  read ./a;
  user 1001:1001;
  accept systemd: processes.other, syscalls.arguments;
>
`;
  const dropIn = /^s\.service\.d\//;
  for (const line of [/^ConfigurationDirectory=\n/m, /^PassEnvironment=\n/m, /^SystemCallFilter=\n/m]) {
    const seen = { changed: false };
    const lost = { file: dropIn, edit: (text: string) => text.replace(line, "") };
    const run = (): Compiled => compile(worldProject(bare), broken("systemd", lost, seen));
    expect(run).toThrow(/the proof of s\/systemd failed/);
    expect(run).not.toThrow(/another evaluator contradicts/);
    expect(seen.changed).toBe(true);
  }
});

test("a port of one address is a port of each of a pod's, which must be accepted", () => {
  const text = (accept: string): string => `server s <\n  net listen 10.0.0.5:8080;\n  ${accept}\n>\n`;
  const refused = compile(worldProject(text("")), named("kubernetes"));
  expect(refused.artifacts).toEqual([]);
  expect(refused.diagnostics.map(({ message }) => message).join()).toContain("open on each of them");
  const accepted = compile(worldProject(text("accept kubernetes: net.listen;")), named("kubernetes"));
  expect(accepted.artifacts.length).toBeGreaterThan(0);
});
