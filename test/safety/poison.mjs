// Loaded into every process and thread of a run under test (`node --import`): lets native code end the engine process, as a
// fault of its own would. POISON in the environment says when; without it nothing is touched.
import Module, { createRequire } from 'node:module';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** { calls: { value: signal }, reads: { path, signal, by }, starts: { signal } }, as crashes.test.ts builds it. */
const poison = process.env.POISON === undefined ? null : JSON.parse(process.env.POISON);
const isEngine = isMainThread && process.send !== undefined;
const load = createRequire(import.meta.url);

/** A signal may reach another thread first: this one must not get any further meanwhile. */
function end(signal) {
  process.kill(process.pid, signal);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** The call of a model ends the process when one of its rows holds a marked value. */
function poisonCalls(calls) {
  const { binding } = load('onnxruntime-node/dist/binding.js');
  const signals = new Map(Object.entries(calls).map(([value, signal]) => [Number(value), signal]));
  binding.InferenceSession = class extends binding.InferenceSession {
    run(feeds, ...more) {
      for (const { data } of Object.values(feeds)) {
        for (const value of data) if (signals.has(Number(value))) end(signals.get(Number(value)));
      }
      return super.run(feeds, ...more);
    }
  };
}

/** Reading a file ends the process: any reader's, or only that of a worker. */
function poisonReads({ path, signal, by }) {
  if (by === 'worker' && isMainThread) return;
  const loadNative = Module._extensions['.node'];
  // What native code exports cannot be written to: others get an object in front of it.
  Module._extensions['.node'] = (module, filename) => {
    loadNative(module, filename);
    if (basename(filename) !== 'duckdb.node') return;
    const native = module.exports;
    const poisoned = (name) => ({
      value: (connection, sql) => {
        if (sql.includes(path) && sql.includes('read_')) end(signal);
        return native[name](connection, sql);
      },
    });
    module.exports = Object.create(native, { query: poisoned('query'), prepare: poisoned('prepare') });
  };
}

if (poison !== null && (isEngine || !isMainThread)) {
  if (poison.starts !== undefined && !isMainThread) end(poison.starts.signal);
  if (poison.calls !== undefined) poisonCalls(poison.calls);
  if (poison.reads !== undefined) poisonReads(poison.reads);
}
