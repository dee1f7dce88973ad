"use strict";
// Runs a command, and keeps what V8 compiled for it: `node scripts/write-code-cache.cjs WORDS…` runs `mcpc WORDS…`. Called
// by build.mjs in a process of its own.
const { writeFileSync } = require("node:fs");
const { cachePathOf, load, scripts } = require("../bin/load.cjs");

load();
process.on("exit", () => {
  for (const [name, script] of scripts) writeFileSync(cachePathOf(name), script.createCachedData());
});
