"use strict";
// Runs the bundle on an example, and keeps what V8 compiled for it: `node scripts/write-code-cache.cjs WORDS…` runs
// `mcpc WORDS…`. Called by build.mjs in a process of its own.
const { writeFileSync } = require("node:fs");
const { cachePath, load } = require("../bin/load.cjs");

const script = load();
process.on("exit", () => writeFileSync(cachePath, script.createCachedData()));
