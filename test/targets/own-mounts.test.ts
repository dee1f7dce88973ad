import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import { targets } from "../../src/targets/registry.ts";
import { composeView, runView } from "../support/evaluate/files.ts";
import { memoryHost } from "../support/memory-host.ts";
import { workspace } from "../support/project.ts";

const space = workspace();
afterAll(space.dispose);
beforeEach(forgetTrees);

const host = memoryHost({
  "/proc/1/environ": "file",
  "/dev/dri/card0": "device",
  "/sys/class/net": "directory",
  "/data/x": "file",
});
const linux = targets.filter(({ name }) => ["docker", "kubernetes", "systemd"].includes(name));

function compiled(policy: string) {
  const { artifacts, diagnostics } = compile(space.project(policy, { host }), linux);
  return {
    said: diagnostics.map(({ code, message }) => `${code} ${message}`),
    text: (end: string): string =>
      artifacts.find(({ path }) => path.endsWith(end))?.content ?? expect.fail(`${end} was not written`),
  };
}

describe("what a runtime mounts itself", () => {
  test.each(["/proc", "/proc/1", "/sys", "/dev", "/dev/dri"])(
    "`read %s` shows the sandbox's own, and each target says so",
    (path) => {
      const { said, text } = compiled(`server s < read ${path}, /data >`);
      for (const { name } of linux) {
        expect(said).toContainEqual(
          expect.stringMatching(`^MC4003 ${name}: \`${path}\` is the sandbox's own`),
        );
      }
      for (const view of [
        composeView(text("compose.yaml")),
        runView((JSON.parse(text("run.json")) as { argv: string[] }).argv),
      ]) {
        expect([view("read", `${path}/x`), view("read", "/data/x")]).toEqual([false, true]);
      }
      expect(text("patch.yaml")).not.toMatch(new RegExp(`"mountPath": "${path}"`));
      expect(text(".conf")).not.toMatch(new RegExp(`^Bind.*=${path}`, "m"));
    },
  );

  test("a deny there is an error until it is accepted", () => {
    const { said } = compiled("server s < read /data; deny /proc/cpuinfo >");
    for (const { name } of linux) {
      expect(said).toContainEqual(expect.stringMatching(`^MC4001 ${name}: \`/proc/cpuinfo\` can't be taken`));
    }
  });
});

test("a grant above many places of credentials is one error for each target", () => {
  const { said } = compiled("server s < read / >");
  expect(said.filter((text) => text.startsWith("MC4001"))).toEqual([
    expect.stringMatching(
      /^MC4001 docker: credentials that appear later at `.*` or \d+ more places in the live/,
    ),
    expect.stringMatching(/^MC4001 kubernetes: `.*` and \d+ more places of credentials can't be taken out/),
    expect.stringMatching(
      /^MC4001 systemd: credentials that appear later at `.*` or \d+ more places in the live/,
    ),
  ]);
});

test("docker refuses a grant of the root, where it mounts nothing", () => {
  const { said } = compiled("server s < read /; accept docker: deny.future >");
  expect(said).toContainEqual(expect.stringMatching(/^MC4006 docker: .*nothing at the root/));
});
