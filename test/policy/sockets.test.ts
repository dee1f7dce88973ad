import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { referencePolicy } from "../../src/compile/reference.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import { decide } from "../../src/reference/decide.ts";
import { targets } from "../../src/targets/registry.ts";
import { composeView, runView, unitView } from "../support/evaluate/files.ts";
import { memoryHost } from "../support/memory-host.ts";
import { workspace } from "../support/project.ts";

const space = workspace();
afterAll(space.dispose);
beforeEach(forgetTrees);

const host = memoryHost({
  "/data/a.sock": "socket",
  "/data/b.sock": "socket",
  "/data/file": "file",
  "/data/more/c": "file",
});

function compiled(policy: string) {
  const project = space.project(policy, { host });
  const { artifacts, diagnostics } = compile(
    project,
    targets.filter(({ name }) => name === "docker" || name === "systemd"),
  );
  const text = (end: string): string =>
    artifacts.find(({ path }) => path.endsWith(end))?.content ?? expect.fail(`${end} was not written`);
  const views = () => ({
    compose: composeView(text("compose.yaml")),
    run: runView(JSON.parse(text("run.json")).argv as string[]),
    systemd: unitView(text(".conf")),
  });
  const allowed = (path: string): boolean =>
    decide(referencePolicy(project), "s", { kind: "unix", path }).allowed;
  return { codes: diagnostics.map(({ code }) => code), views, allowed };
}

describe("what `unix` grants", () => {
  test.each(["/data", "/data/file"])(
    "`unix %s` is refused: a mount of it would show what is there",
    (path) => {
      expect(compiled(`server s < unix ${path} >`).codes).toContain("MC3031");
    },
  );

  test("a socket that does not exist is a warning, as for any grant", () => {
    expect(compiled("server s < unix /data/none.sock >").codes).toContain("MC3002");
  });

  test.each(["/data/a.sock", "/data", "**/*.sock"])("`deny %s` beats it", (pattern) => {
    const { codes, views, allowed } = compiled(
      `server s < unix /data/a.sock; deny ${pattern}; accept all: deny.future, unix >`,
    );
    expect(codes).toContain("MC3021");
    expect(allowed("/data/a.sock")).toBe(false);
    for (const view of Object.values(views())) expect(view("read", "/data/a.sock")).toBe(false);
  });

  test("to read a socket, or a directory that holds one, is not to connect to it", () => {
    for (const read of ["/data/b.sock", "/data"]) {
      const { codes, views, allowed } = compiled(
        `server s < read ${read}; unix /data/a.sock; accept all: unix >`,
      );
      expect(codes.includes("MC3032")).toBe(read === "/data/b.sock");
      expect([allowed("/data/a.sock"), allowed("/data/b.sock")]).toEqual([true, false]);
      for (const view of Object.values(views())) {
        expect([view("read", "/data/a.sock"), view("read", "/data/b.sock")]).toEqual([true, false]);
      }
    }
  });
});
