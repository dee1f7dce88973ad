/** Groups of system calls: known wherever a policy is compiled for, and implied where system calls are a dimension. */
import { afterAll, expect, test } from "vitest";
import { analyse } from "../../src/compile/analyse.ts";
import { workspace } from "../support/project.ts";

const space = workspace({ "project/x": "" });
afterAll(space.dispose);

const calls = (policy: string, platform: "linux" | "macos"): readonly string[] | undefined => {
  const { diagnostics, results } = analyse(space.project(policy), [platform]);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return results.get(platform)?.ir.servers[0]?.systemCalls.allow.map(({ name }) => name);
};

test("a group that is named is known on both platforms", () => {
  for (const platform of ["linux", "macos"] as const) {
    const found = calls("server s < syscalls default-deny + [@fs-read, @poll, @runc-floor] >", platform);
    expect(found, platform).toEqual(expect.arrayContaining(["getdents64", "epoll_wait", "statx"]));
  }
});

test("what clauses imply is of Linux", () => {
  const policy = "server s < write ./project; syscalls default-deny + [...] >";
  expect(calls(policy, "linux")).toContain("ftruncate");
  expect(calls(policy, "macos")).toEqual([]);
});
