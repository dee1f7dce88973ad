import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import type { Host } from "../../src/host/host.ts";
import { liveHost } from "../../src/host/live.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import { targets } from "../../src/targets/registry.ts";
import { workspace } from "../support/project.ts";

const space = workspace({
  "linked/tool": "",
  "linked/secret": "",
  "scripts/tool.sh": "",
  "data/file": "",
});
afterAll(space.dispose);
beforeEach(forgetTrees);

const at = (name: string): string => `${space.directory}/${name}`;

/** This host, where the programs of one directory are linked, and with what the profile `git` names. */
const host: Host = {
  ...liveHost(),
  lookup: (path) =>
    path === "/usr/share/git-core" || path === "/usr/lib/git-core"
      ? { kind: "found", path, type: "directory", uid: 0, gid: 0, executable: false }
      : liveHost().lookup(path),
  libraries: (path) =>
    path === at("linked") || path === "/usr/lib/git-core" ? ["/usr/lib/libone.so.1"] : undefined,
};

function compiled(policy: string, target: "docker" | "kubernetes") {
  const chosen = targets.filter(({ name }) => name === target);
  const { artifacts, diagnostics } = compile(space.project(policy, { host }), chosen);
  const file = target === "docker" ? "compose.yaml" : "patch.yaml";
  return {
    text: artifacts.find(({ path }) => path === `s/${target}/${file}`)?.content ?? "",
    warnings: diagnostics.filter(({ code }) => code === "MC4003").map(({ message }) => message),
  };
}

describe.each(["docker", "kubernetes"] as const)("%s", (target) => {
  test("linked programs are the image's, which is said", () => {
    const { text, warnings } = compiled("server s < exec ./linked >", target);
    expect(text).not.toBe("");
    expect(text).not.toContain(at("linked"));
    expect(warnings).toEqual([
      `${target}: \`${at("linked")}\` means the image's own directory, which must bring it`,
    ]);
  });

  test("a directory of scripts is mounted", () => {
    const { text, warnings } = compiled("server s < exec ./scripts >", target);
    expect(text).toContain(at("scripts"));
    expect(warnings).toEqual([]);
  });

  test("what a profile of the library reads is the image's too; the user's data are mounted", () => {
    const policy = `server s extends git < read ./data; accept ${target}: files.exec >`;
    const { text } = compiled(policy, target);
    expect(text).toContain(at("data"));
    expect(text).not.toContain("git-core");
    expect(text).not.toContain("gitconfig");
  });
});

test("what is denied inside the image's programs is masked", () => {
  const policy = "server s < exec ./linked; deny ./linked/secret; accept docker: deny.future >";
  expect(compiled(policy, "docker").text).toContain(at("linked/secret"));
});
