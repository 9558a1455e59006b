// "The same command again", after a run was killed or met a fault. In a full sweep, every tenth time it is a process of its own;
// the other times processes that are already there carry it out (warm-command.mjs), with the engine a new process each time.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type CliResult, runCli } from '../run-cli.ts';
import { isFull } from './sweep.ts';

const idle: ChildProcess[] = [];
let times = 0;

export async function startAgain(words: readonly string[]): Promise<Pick<CliResult, 'exitCode' | 'stderr'>> {
  if (!isFull || times++ % 10 === 0) return runCli(words);
  const process = idle.pop() ?? started();
  const settled = new AbortController();
  const { signal } = settled;
  const answer = Promise.race([
    once(process, 'message', { signal }).then(([message]) => message),
    once(process, 'exit', { signal }).then(([exitCode]) => ({ exitCode, stderr: 'the process ended' })),
  ]);
  process.send(words);
  const result = await answer;
  settled.abort();
  if (process.connected) idle.push(process);
  return result;
}

/** Without our variables, as runCli; the process ends with the tests, whose channel it listens to. */
function started(): ChildProcess {
  const environment = Object.entries(process.env).filter(([name]) => !/^SCOREMILL_|^NODE_|^VITEST/.test(name));
  return fork(resolve(import.meta.dirname, 'warm-command.mjs'), {
    env: { ...Object.fromEntries(environment), NO_COLOR: '1' },
    execArgv: [],
  });
}
