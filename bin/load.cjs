"use strict";
// Runs the bundle from V8's code cache, which the build wrote beside it: compiling the bundle is a third of a start.
// The bundle is ASCII, which the build makes sure of, and so read without decoding.
// V8 refuses a cache of another version or other flags; then the bundle is compiled as ever.
const { readFileSync } = require("node:fs");
const { createRequire, wrap } = require("node:module");
const { join } = require("node:path");
const { Script } = require("node:vm");

const filename = join(__dirname, "../dist/cli.cjs");
const cachePath = join(__dirname, "../dist/cli.cache");

function readCache() {
  try {
    return readFileSync(cachePath);
  } catch {
    return undefined;
  }
}

/** Runs the bundle; gives its script, of which the build makes the cache. */
exports.load = () => {
  const script = new Script(wrap(readFileSync(filename, "latin1")), { filename, cachedData: readCache() });
  const module = { exports: {} };
  script
    .runInThisContext()
    .call(module, module.exports, createRequire(filename), module, filename, __dirname);
  return script;
};
exports.cachePath = cachePath;
