#!/usr/bin/env node
// Runs the bundle of this file's name, with the code that Node compiled of it when it was built. Another Node takes no notice of
// that code, and compiles the bundle as it would any other.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const filename = __filename.replace(/\.js$/, '.bundle.js');

function compiledCode() {
  try {
    return readFileSync(filename.replace(/\.js$/, '.code'));
  } catch {
    return undefined;
  }
}

/** What is no part of a bundle: modules of the user's. A script that is run in this way cannot import them itself. */
const importModule = (url) => import(url);

// Bundles are plain ASCII.
const text = readFileSync(filename, 'latin1');
const script = new Script(`(function (exports, require, module, __filename, __dirname, importModule) {${text}\n})`, {
  filename,
  cachedData: compiledCode(),
});
script.runInThisContext()(exports, createRequire(filename), module, filename, dirname(filename), importModule);
