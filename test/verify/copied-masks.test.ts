/**
 * What is denied inside of a program's own files: a build copies it where no ignore file beside the Dockerfile is obeyed, and
 * a mask lies over the copy. Found by probing real containers.
 */
import { afterAll, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { defaultEnvironment, parseRelease } from "../../src/policy/environment.ts";
import { targets } from "../../src/targets/registry.ts";
import type { Target } from "../../src/targets/target.ts";
import { memoryHost } from "../support/memory-host.ts";
import { workspace } from "../support/project.ts";

const root = "/srv/house";
const space = workspace();
afterAll(space.dispose);

const text = `server s <
  run python3 ./program/main.py;
  read ./data;
  deny **/private, **/*.key;
  accept docker: deny.future;
>`;
const project = space.project(text, {
  root,
  home: "/home/someone",
  main: { path: `${root}/policy.mcp`, source: { name: "policy.mcp", text } },
  location: `${root}/sandbox`,
  environment: { ...defaultEnvironment, docker: parseRelease("20.10") ?? expect.fail() },
  host: memoryHost({
    "/usr/bin/python3": "file",
    [`${root}/data/file`]: "file",
    [`${root}/program/main.py`]: "file",
    [`${root}/program/deep/private/notes`]: "file",
    [`${root}/program/own.key`]: "file",
  }),
});

/** The docker target with something of what it prints replaced. */
const edited = (file: RegExp, from: RegExp, to: string): readonly Target[] =>
  targets
    .filter(({ name }) => name === "docker")
    .map((target) => ({
      ...target,
      print: (model, context) =>
        target
          .print(model, context)
          .map((made) =>
            file.test(made.path) ? { ...made, content: made.content.replace(from, to) } : made,
          ),
    }));

test("a mask lies over the copy: the policy compiles", () => {
  const { artifacts, diagnostics } = compile(project, edited(/^none$/, /^/, ""));
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(artifacts.map(({ path }) => path)).toContain("s/docker/compose.yaml");
});

test.each<[string, RegExp, RegExp, string, RegExp]>([
  ["the mask of a directory", /^compose/, / *- "[^"]*\/private:ro[^\n]*\n/, "", /deep\/private/],
  ["the mask of a file", /^compose/, /"source": "\/dev\/null"/, '"source": "/dev/zero"', /own\.key/],
  [
    "a mask that no volume lies above",
    /^compose/,
    /"volumes":\n/,
    '"volumes":\n      - {type: bind, source: /srv/house/data, target: /srv/house/program, read_only: true}\n',
    /private|own\.key/,
  ],
  ["a copy elsewhere", /^Dockerfile$/, /, "\/srv\/house\/program"/, ', "/elsewhere"', /private|own\.key/],
  ["a copy of the copy", /^Dockerfile$/, /^USER /m, "RUN cp -r /srv/house/program /elsewhere\nUSER ", /./],
  ["a second stage", /^Dockerfile$/, /^USER /m, "FROM scratch\nCOPY --from=0 / /x\nUSER ", /./],
])("without %s nothing is written", (_, file, from, to, says) => {
  expect(() => compile(project, edited(file, from, to))).toThrow(says);
});
