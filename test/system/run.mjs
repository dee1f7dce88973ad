// Runs the tests that need root, Debian's packages and daemons. Says what it installs, and what it skips and why.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const say = (text) => process.stdout.write(`test:system: ${text}\n`);

// The filters alone need no daemons.
const kernelOnly = process.argv.slice(2).some((word) => word.startsWith("test/kernel"));
const compiling = [
  ["/usr/bin/gcc", "gcc"],
  ["/usr/include/seccomp.h", "libseccomp-dev"],
];
const needs = kernelOnly
  ? compiling
  : [
      ["/usr/sbin/dockerd", "docker.io"],
      ["/usr/bin/docker-compose", "docker-compose"],
      ["/usr/bin/systemd-nspawn", "systemd-container"],
      ["/lib/systemd/systemd", "systemd"],
      ...compiling,
    ];

if (process.platform !== "linux" || process.getuid() !== 0) {
  say("skipped: these tests start daemons and containers, which needs Linux and root");
  process.exit(0);
}
const missing = needs.filter(([path]) => !existsSync(path)).map(([, name]) => name);
if (missing.length > 0) {
  say(`installing ${missing.join(", ")}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...words) =>
    spawnSync("apt-get", words, { stdio: ["ignore", "ignore", "inherit"], env: environment }).status === 0;
  if (!apt("update") || !apt("install", "-y", "--no-install-recommends", ...missing)) {
    say(`${missing.join(", ")} could not be installed with apt-get`);
    process.exit(1);
  }
}
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config",
    "vitest.system.config.ts",
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
