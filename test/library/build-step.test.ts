import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { workspace } from "../support/project.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const space = workspace({ node_modules: undefined });
const at = (name: string): string => join(space.directory, name);
const run = (command: string, words: readonly string[]) =>
  spawnSync(command, words, { cwd: space.directory, encoding: "utf8" });

/** Installs the packed package as npm would, without a registry: its one dependency is linked. */
beforeAll(() => {
  execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { stdio: "pipe" });
  const packed = execFileSync(
    "npm",
    ["pack", "--ignore-scripts", "--json", "--pack-destination", space.directory],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  mkdirSync(at("node_modules/mcpc"), { recursive: true });
  execFileSync("tar", ["-xzf", at(filename), "--strip-components=1", "-C", at("node_modules/mcpc")]);
  const { dependencies, bin } = JSON.parse(readFileSync(at("node_modules/mcpc/package.json"), "utf8"));
  expect(Object.keys(dependencies)).toEqual(["zod"]);
  symlinkSync(join(root, "node_modules/zod"), at("node_modules/zod"));
  mkdirSync(at("node_modules/.bin"));
  symlinkSync(`../mcpc/${bin.mcpc}`, at("node_modules/.bin/mcpc"));
  for (const name of ["package.json", "policy.mcp", "build.mjs", "server", "data"])
    cpSync(join(root, "examples/build-step", name), at(name), { recursive: true });
}, 240_000);
afterAll(space.dispose);

describe("the packed package", () => {
  test("the example's build writes, and its ci holds what is written", () => {
    const built = run("npm", ["run", "--silent", "build"]);
    expect(built.stderr).not.toMatch(/error/i);
    expect(built.status).toBe(0);
    for (const file of ["docker/compose.yaml", "docker/seccomp.json", "seccomp/seccomp.json"])
      expect(existsSync(at(`sandbox/notes/${file}`)), file).toBe(true);
    expect(run("npm", ["run", "--silent", "ci"]).status).toBe(0);
    writeFileSync(
      at("policy.mcp"),
      readFileSync(at("policy.mcp"), "utf8").replace("read ./data", "write ./data"),
    );
    const stale = run("npm", ["run", "--silent", "ci"]);
    expect(stale.stderr).toContain("MC9007");
    expect(stale.status).toBe(1);
  });

  test("a policy with an error fails the build and writes nothing", () => {
    rmSync(at("sandbox"), { recursive: true, force: true });
    writeFileSync(at("policy.mcp"), "server a < limits < time 1h > >\n");
    const { status, stderr } = run("npm", ["run", "--silent", "build"]);
    expect(stderr).toContain("accept docker: limits.time;");
    expect(status).toBe(1);
    expect(existsSync(at("sandbox"))).toBe(false);
  });

  test("the documented build step is the example's", () => {
    const page = readFileSync(join(root, "docs/library.md"), "utf8");
    expect(page).toContain(readFileSync(join(root, "examples/build-step/build.mjs"), "utf8"));
  });

  test("every documented name is exported", async () => {
    const page = readFileSync(join(root, "docs/library.md"), "utf8");
    const table = page.slice(page.indexOf("## Names"));
    const names = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`(\w+)[`(]/g)].map((m) => m[1] ?? ""),
    );
    expect(names.length).toBeGreaterThan(15);
    writeFileSync(at("names.mjs"), 'console.log(JSON.stringify(Object.keys(await import("mcpc"))));');
    const exported = JSON.parse(run(process.execPath, ["names.mjs"]).stdout) as string[];
    expect(names.filter((name) => !exported.includes(name))).toEqual([]);
  });

  test("a consumer's strict tsc takes the types, declarations included", () => {
    writeFileSync(
      at("consumer.ts"),
      `import { answerQuestion, compile, type Diagnostic, openProject, type PolicyIr, targets } from "mcpc";

const opening = await openProject("policy.mcp", { out: "sandbox", env: ["docker=24"] });
if (opening.ok) {
  const { artifacts, diagnostics, analysed } = compile(opening.opened.project, targets);
  const first: Diagnostic | undefined = diagnostics[0];
  const ir: PolicyIr | undefined = analysed.get("linux")?.ir;
  const name: string | undefined = ir?.servers[0]?.name;
  const answer = answerQuestion(opening.opened.project, name ?? "", "read ./data");
  console.log(artifacts.map((a) => a.path), first?.code, answer.ok && answer.decision.allowed);
  // @ts-expect-error: the types are there, and no any.
  const wrong: number = ir?.servers[0]?.name;
  console.log(wrong);
}
`,
    );
    const options = { strict: true, skipLibCheck: false, module: "nodenext", target: "es2022", noEmit: true };
    const compilerOptions = { ...options, types: ["node"], typeRoots: [join(root, "node_modules/@types")] };
    writeFileSync(at("tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    const { stdout, status } = run(process.execPath, [
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      ".",
    ]);
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });
});
