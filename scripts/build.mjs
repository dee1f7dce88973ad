// Bundles the command line and the library into dist/.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
rmSync(join(root, "dist"), { recursive: true, force: true });

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  charset: "ascii",
  define: { MCPC_BUNDLED: "true" },
  logLevel: "warning",
};

// The command line: a chunk for each command, and those that several share. As CommonJS, which can be run from a code cache.
const { outputFiles } = await build({
  ...common,
  entryPoints: { main: "src/cli/entry.ts" },
  outdir: "dist/cli",
  format: "esm",
  splitting: true,
  write: false,
});
mkdirSync(join(root, "dist/cli"), { recursive: true });
for (const { path, text } of outputFiles) {
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target: "node20",
    charset: "ascii",
    minifyWhitespace: true,
    supported: { "dynamic-import": false },
  });
  // bin/load.cjs takes what a chunk exports when it has run: none may be set later.
  if (/\b__esm\(/.test(code))
    throw new Error(`${basename(path)} has a module that is made when it is asked for`);
  if (/[^\0-\x7f]/.test(code)) throw new Error(`${basename(path)} is not ASCII`);
  writeFileSync(join(root, "dist/cli", basename(path)), code);
}

await build({
  ...common,
  entryPoints: ["src/index.ts"],
  outfile: "dist/index.mjs",
  format: "esm",
  // A dependency, because the exported schemas are its: the caller's is the one that they must be of.
  external: ["zod"],
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});

execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.types.json"], {
  cwd: root,
  stdio: "inherit",
});

// Whatever the example's own findings are here, the code has run. What one command leaves, the next adds to.
for (const words of [
  ["compile", "examples/filesystem.mcp", "--target=all", "--emit=ir"],
  ["check", "examples/filesystem.mcp"],
])
  spawnSync(process.execPath, ["scripts/write-code-cache.cjs", ...words], { cwd: root, stdio: "ignore" });
if (!readdirSync(join(root, "dist/cli")).includes("main.cache")) throw new Error("no code cache was written");
