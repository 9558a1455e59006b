// The engine's process. It takes as long to load as all that comes before its first order, so the command line starts it while
// it reads its words and the job.
import { type ChildProcess, fork } from 'node:child_process';
import { usableCores } from '../core/resources.ts';

/** Node reads and checks these at every start: 40 ms for the 144 of a system. */
const certificates = 'NODE_EXTRA_CA_CERTS';

let early: ChildProcess | undefined;

/** Starts a process for the first engine, where that does not take the only core from who will need it. */
export function forkEarly(): void {
  if (usableCores() < 2) return;
  early = forkEngine({ ...process.env, [certificates]: undefined });
  // One that cannot be started is no engine, as one that died; the next attempt tells why.
  early.on('error', () => {});
}

/** The process for an engine: the early one, once, while it lives. */
export function takeEngineProcess(): ChildProcess {
  const taken = early;
  early = undefined;
  const lives = taken?.pid !== undefined && taken.exitCode === null && taken.signalCode === null && taken.connected;
  return lives ? taken : forkEngine();
}

/** Modules of the user's run in the engine, and what they reach over the network they reach as their user set it up. */
export function forUserModules(): void {
  if (process.env[certificates] !== undefined) endEarly();
}

/** Ends the early process when nobody took it. */
export function endEarly(): void {
  early?.kill('SIGKILL');
  early?.unref();
  if (early?.connected) early.disconnect();
  early = undefined;
}

const forkEngine = (environment = process.env): ChildProcess =>
  // The bundle that holds this file is one level below dist, as this file is below src.
  fork(new URL('../engine/engine-process.js', import.meta.url), {
    serialization: 'advanced',
    // For core/young-garbage.
    execArgv: [...process.execArgv, '--expose-gc'],
    // The threads that read files and decode images: Node's default of 4 would hold up more workers than that.
    env: { UV_THREADPOOL_SIZE: String(usableCores() + 4), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
