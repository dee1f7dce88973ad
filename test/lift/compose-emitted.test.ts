/** What the compiler emits for docker is within its policy, and its two forms mean the same. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { liftCompose } from "../../src/lift/compose.ts";
import { defaultContainerEnvironment } from "../../src/lift/container.ts";
import { liftDockerRun } from "../../src/lift/docker-run.ts";
import { liftDockerfile } from "../../src/lift/dockerfile.ts";
import { expectAgreement } from "../support/container-agreement.ts";
import { composeForm, containerExcess, emittedContainer, runForm } from "../support/container-policy.ts";
import { acceptEverything, randomPolicies } from "../support/random-policies.ts";

const runs = process.env.MCPC_LONG ? 1500 : 120;

describe("emitted containers", () => {
  test("are read without a finding, are within their policy, and both forms agree", () => {
    let seen = 0;
    fc.assert(
      fc.property(randomPolicies(acceptEverything), fc.boolean(), ({ text }, isImage) => {
        const more = isImage ? "  image registry.example/s:1;\n" : "  run node ./program/index.js;\n";
        const emitted = emittedContainer(
          /^ *(?:run) /m.test(text) ? text : text.replace(/>\n$/, `${more}>\n`),
        );
        if (!emitted) return;
        seen++;
        const [compose, run] = [composeForm(emitted), runForm(emitted)];
        for (const container of [compose, run]) {
          expect(container.findings).toEqual([]);
          expect(containerExcess(container, emitted.server)).toEqual([]);
        }
        expectAgreement(compose, run);
      }),
      { numRuns: runs },
    );
    expect(seen).toBeGreaterThan(runs / 2);
  });
});

const examples = join(import.meta.dirname, "../../examples/out");
const docker = (name: string): string => {
  const [server = ""] = readdirSync(join(examples, name)).filter((entry) => !entry.includes("."));
  return join(examples, name, server, "docker");
};

describe.each(readdirSync(examples))("the example %s", (name) => {
  const directory = docker(name);
  const texts = new Map(
    readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), "utf8")]),
  );
  const text = (file: string): string => texts.get(file) ?? "";
  const { argv, mcpServers } = JSON.parse(text("run.json")) as {
    argv: string[];
    mcpServers: Record<string, { command: string; args: string[] }>;
  };
  // Where the example's artifacts are meant to lie: its command line says it.
  const at = /^--security-opt=seccomp=(.*)\/seccomp\.json$/.exec(
    argv.find((w) => w.includes("seccomp=")) ?? "",
  )?.[1];
  const environment = {
    ...defaultContainerEnvironment,
    directory: at ?? "",
    read: (path: string) =>
      path.startsWith(`${at}/`) ? texts.get(path.slice((at ?? "").length + 1)) : undefined,
  };

  test("is read without a finding, and both forms agree", () => {
    const [compose, ...others] = liftCompose(text("compose.yaml"), environment);
    if (!compose) throw new Error("no service");
    expect(others).toEqual([]);
    const [, context] = /"context": (".*")/.exec(text("compose.yaml")) ?? [];
    const built =
      context === undefined
        ? undefined
        : liftDockerfile(text("Dockerfile"), text("Dockerfile.dockerignore"), {
            context: JSON.parse(context),
          });
    const run = liftDockerRun(argv, environment, built?.image);
    expect([...compose.findings, ...run.findings, ...(built?.findings ?? [])]).toEqual([]);
    expectAgreement(compose, run);
    expect(compose.authority.calls).toBeDefined();
    if (built) expect(built.sources.length).toBeGreaterThan(0);
  });

  test("is handed to a client in the same words", () => {
    expect(Object.values(mcpServers).map(({ command, args }) => [command, ...args])).toEqual([argv]);
  });
});
