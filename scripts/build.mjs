// Bundles the command line and the library into dist/.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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

await build({ ...common, entryPoints: ["src/cli/entry.ts"], outfile: "dist/cli.cjs", format: "cjs" });
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

if (readFileSync(join(root, "dist/cli.cjs")).some((byte) => byte > 127))
  throw new Error("dist/cli.cjs is not ASCII");
// Whatever the example's own findings are here, the code has run.
const words = ["compile", "examples/filesystem.mcp", "--target=all", "--emit=ir"];
spawnSync(process.execPath, ["scripts/write-code-cache.cjs", ...words], { cwd: root, stdio: "ignore" });
if (!existsSync(join(root, "dist/cli.cache"))) throw new Error("no code cache was written");
