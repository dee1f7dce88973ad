// Mutants of the compiler itself. `npm run test:mutants -- --ring=a` draws some and says which by MCPC_MUTATE; without it
// this is all of them, which takes days.
const drawn = process.env.MCPC_MUTATE;

export default {
  plugins: ["@stryker-mutator/vitest-runner"],
  testRunner: "vitest",
  vitest: { configFile: "vitest.mutants.config.ts", related: false },
  coverageAnalysis: "perTest",
  mutate: drawn ? JSON.parse(drawn) : ["src/{targets,authority,lift}/**/*.ts", "!src/**/*.generated.ts"],
  // What is decided when a module is loaded has no test of its own: each would take all tests.
  ignoreStatic: true,
  concurrency: Number(process.env.MCPC_JOBS ?? 1),
  timeoutMS: 10_000,
  timeoutFactor: 1.5,
  dryRunTimeoutMinutes: 30,
  reporters: ["json", "progress-append-only"],
  jsonReporter: { fileName: ".stryker-tmp/report.json" },
  tempDirName: ".stryker-tmp",
  cleanTempDir: "always",
  ignorePatterns: ["dist", ".ring-a", "/sandbox", "coverage", "/docs", "/.ci"],
  // Types are stripped by what runs the tests; TypeScript 7 has none of the API that would rewrite them.
  disableTypeChecks: false,
  tsconfigFile: "no-tsconfig.json",
  allowEmpty: true,
};
