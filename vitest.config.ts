import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/system/**", "**/node_modules/**"],
    // The long runs take minutes for one test, and more on a machine that does something else as well.
    testTimeout: process.env.MCPC_LONG ? 3_600_000 : 300_000,
    hookTimeout: 120_000,
    pool: "threads",
    maxWorkers: "100%",
  },
});
