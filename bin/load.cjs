"use strict";
// Runs the chunks of the command line from V8's code cache, which the build wrote beside each: compiling is a third of a
// start. The chunks are ASCII, which the build makes sure of, and so read without decoding.
// V8 refuses a cache of another version or other flags; then a chunk is compiled as ever.
const { readFileSync } = require("node:fs");
const { wrap } = require("node:module");
const { join } = require("node:path");
const { Script } = require("node:vm");

const directory = join(__dirname, "../dist/cli");
const cachePathOf = (name) => join(directory, `${name.slice(0, -".js".length)}.cache`);

function readCache(name) {
  try {
    return readFileSync(cachePathOf(name));
  } catch {
    return undefined;
  }
}

/** The scripts that have run, of which the build makes the caches, and what they export. */
const scripts = new Map();
const exported = new Map();

/** What a chunk exports, as plain properties: the bundler's are getters, and each use of one would be a call. */
function settled(exports) {
  return Object.fromEntries(Object.keys(exports).map((key) => [key, exports[key]]));
}

function requireFrom(id) {
  return id.startsWith("./") ? requireChunk(id.slice(2)) : require(id);
}

function requireChunk(name) {
  const known = exported.get(name);
  if (known) return known;
  const filename = join(directory, name);
  const script = new Script(wrap(readFileSync(filename, "latin1")), {
    filename,
    cachedData: readCache(name),
  });
  scripts.set(name, script);
  const module = { exports: {} };
  exported.set(name, module.exports);
  script.runInThisContext().call(module.exports, module.exports, requireFrom, module, filename, directory);
  const exports = settled(module.exports);
  exported.set(name, exports);
  return exports;
}

/** Runs the command line. */
exports.load = () => requireChunk("main.js");
exports.scripts = scripts;
exports.cachePathOf = cachePathOf;
