#!/usr/bin/env node
"use strict";
// Small, so that `--version` does not pay for the compiler.
if (process.argv.length === 3 && process.argv[2] === "--version") {
  process.stdout.write(`${require("../package.json").version}\n`);
} else {
  require("./load.cjs").load();
}
