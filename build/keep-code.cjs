// Loaded into every process and thread of the runs that warm up a build: keeps the code that Node compiles of their bundles.
const { renameSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');
const { isMainThread } = require('node:worker_threads');

/** Code that has run once is thrown away otherwise. Compiled code is refused where other flags are set than when it was written. */
const keepsAll = '--no-flush-bytecode';
const asUsual = '--flush-bytecode';

/** Often, since the engine process is ended without notice. */
const everyMs = 50;

/** Flags are those of all threads of a process: it keeps the code either of its first thread or of the only other one. */
if (isMainThread === (process.env.KEEPS_CODE_OF !== 'worker')) keepCode();

function keepCode() {
  setFlagsFromString(keepsAll);

  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options);
      const path = /^(.*\.bundle)\.js$/.exec(options?.filename)?.[1];
      if (path === undefined) return;
      const keep = () => {
        const written = `${path}.${process.pid}`;
        setFlagsFromString(asUsual);
        writeFileSync(written, this.createCachedData());
        setFlagsFromString(keepsAll);
        renameSync(written, `${path}.code`);
      };
      setInterval(keep, everyMs).unref();
      process.on('exit', keep);
    }
  };
}
