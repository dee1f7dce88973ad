import { describe, expect, test } from "vitest";
import { compile } from "../../src/compile/compile.ts";
import { targets } from "../../src/targets/registry.ts";
import { profileView } from "../support/evaluate/files.ts";
import { worldProject, worldRoot } from "../support/random-policies.ts";

const policy = "server s <\n  write ./a;\n  accept all: processes.other;\n>\n";

describe("what other programs obey, inside a writable grant", () => {
  const { artifacts, diagnostics } = compile(worldProject(policy), targets);

  test("is read-only by name where a target matches names, whether it exists or not", () => {
    const text = (name: string): string => artifacts.find((a) => a.path === `s/sb/${name}`)?.content ?? "";
    const parameters = new Map(
      [...text("run.sh").matchAll(/-D '(P\d+)=([^']*)'/g)].map((m) => [m[1] ?? "", m[2] ?? ""]),
    );
    const permits = profileView(text("profile.sb"), parameters);
    for (const path of ["a/.vscode/tasks.json", "a/x/.git/hooks/pre-push", "a/.envrc", "a/other.mcp"]) {
      expect(permits("write", `${worldRoot}/${path}`), path).toBe(false);
      expect(permits("read", `${worldRoot}/${path}`), path).toBe(true);
    }
    expect(permits("write", `${worldRoot}/a/plain.txt`)).toBe(true);
  });

  test("is masked as far as it exists where a target mounts, and one note says so", () => {
    const compose = artifacts.find((a) => a.path === "s/docker/compose.yaml")?.content ?? "";
    expect(compose).toContain(`"source": "mcpc-`);
    expect(compose).toContain(`"device": "${worldRoot}/a/.git/hooks"`);
    for (const target of ["docker", "systemd", "kubernetes"]) {
      const notes = diagnostics.filter(
        (d) => d.code === "MC4004" && d.message.startsWith(`${target}: what other programs`),
      );
      expect(notes.length, target).toBe(1);
    }
    expect(diagnostics.some((d) => d.code === "MC4004" && d.message.startsWith("sb: what other"))).toBe(
      false,
    );
  });
});
