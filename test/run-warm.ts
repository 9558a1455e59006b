// The built command line, where starting it is not what is tested: processes that are there already carry out the words, one after
// the other (warm-command.mjs), with an engine process of its own for each. Half of what a small run costs is loading the
// modules of its supervisor. Every tenth time it is a process of its own all the same.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type CliResult, runCli, withoutOurs } from './run-cli.ts';

const idle: ChildProcess[] = [];
let times = 0;

/** Runs `scoremill` with these words, in the checkout. */
export async function runWarm(words: readonly string[]): Promise<CliResult> {
  if (times++ % 10 === 9) return runCli(words);
  const process = idle.pop() ?? started();
  const settled = new AbortController();
  const { signal } = settled;
  const answer = Promise.race([
    once(process, 'message', { signal }).then(([message]) => message as CliResult),
    once(process, 'exit', { signal }).then(([exitCode, ended]): CliResult => {
      return { exitCode, signal: ended, stdout: '', stderr: 'the process ended' };
    }),
  ]);
  process.send(words);
  const result = await answer;
  settled.abort();
  if (process.connected) idle.push(process);
  return result;
}

/** It ends with the tests, to whose channel it listens. */
function started(): ChildProcess {
  return fork(resolve(import.meta.dirname, 'warm-command.mjs'), {
    cwd: resolve(import.meta.dirname, '..'),
    env: { ...withoutOurs(process.env), NO_COLOR: '1' },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}
