import { defineConfig } from "vitest/config";

// What needs root and daemons; `npm run test:system` installs what it needs first.
export default defineConfig({
  test: {
    include: ["test/{system,kernel}/**/*.system.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    sequence: { concurrent: false },
  },
});
