import { afterAll, beforeEach, expect, test } from "vitest";
import { analyse } from "../../src/compile/analyse.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import { workspace } from "../support/project.ts";

const space = workspace({ "dist/index.js": "", "dist/key.pem": "" });
afterAll(space.dispose);
beforeEach(forgetTrees);

/** What is said of a policy, paths as the policy writes them; what is said of the host's users is left out. */
const said = (policy: string): readonly string[] =>
  analyse(space.project(policy), ["linux"])
    .diagnostics.filter(({ code }) => !["MC3018", "MC3002"].includes(code))
    .map(({ code, message }) => `${code} ${message.replaceAll(space.directory, ".")}`);

test.each([
  ["a tree that does not exist yet", "server a < write ./new > server b < read ./new/sub >", ["MC3010"]],
  ["beside it", "server a < write ./new > server b < read ./newer >", []],
  [
    "a program that does not exist yet",
    "server a < write ./new > server b < exec ./new/x >",
    ["MC3010", "MC3012"],
  ],
  ["two values", "server s < env A, A=1 >", ["MC3033"]],
  ["two values in two clauses", "server s < env A=2; env A=1 >", ["MC3033"]],
  ["one value twice", "server s < env A=1, A=1; env B, B >", []],
  [
    "profiles that disagree",
    "profile p < env A=1 > profile q < env A > server s extends p, q < net none >",
    ["MC3004"],
  ],
  [
    "an own value over them",
    "profile p < env A=1 > profile q < env A > server s extends p, q < env A=3 >",
    [],
  ],
  ["a short password", "server s < env PASSWORD=hunter2 >", ["MC3024"]],
  ["each secret of a clause", "server s < env PASSWORD=hunter2, API_KEY=abcd >", ["MC3024", "MC3024"]],
  ["no secrets", "server s < env AUTH=none, TOKEN_LIMIT=4096, CREDENTIALS=/run/secrets/key, SECRET= >", []],
])("%s", (_, policy, codes) => {
  expect(
    said(policy)
      .map((text) => text.slice(0, 6))
      .sort(),
  ).toEqual([...codes].sort());
});

test("a deny that denies nothing is named alone, not with the rest of its clause", () => {
  expect(said("server s < read ./dist; deny **/*.pem, ./other; accept all: deny.future >")).toEqual([
    "MC3022 `deny ./other` takes nothing away: no grant reaches there",
  ]);
});

test("a socket family that contradicts is named as it is written", () => {
  for (const family of ["AF_INET", "AF_INET6", "AF_UNIX"]) {
    const policy = `server s < syscalls default-deny + [..., socket(domain = ${family})] >`;
    expect(said(policy)[0]).toMatch(`\`${family}\` is asked for`);
  }
});

test("a sign that is glued to `default-deny` is said to be, not that the word is missing", () => {
  const [first, ...others] = said("server s < syscalls default-deny+[...] >");
  expect(first).toMatch(/`\+` and `-` stand between spaces/);
  expect(others).toEqual([]);
});
