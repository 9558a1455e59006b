// The built command line as its users start it: another process, its exit code or signal, and what it printed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const main = resolve(import.meta.dirname, '../dist/cli/main.js');

export interface CliOptions {
  /** The working directory; by default the checkout. */
  readonly folder?: string;
  /** Laid over the environment of the tests, in which no SCOREMILL_ variable is left; undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** A program that starts the command, with its own words: `unshare --pid --fork`. */
  readonly through?: readonly string[];
  /** Ends the process with SIGKILL when it takes longer. */
  readonly timeoutMs?: number;
  /** Called with the process as soon as it is started, for a test that stops or kills it. */
  readonly onStart?: (process: ChildProcess) => void;
}

export interface CliResult {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `scoremill` with these words and resolves when it has ended, however it did. */
export async function runCli(
  words: readonly string[],
  {
    folder = resolve(import.meta.dirname, '..'),
    environment = {},
    through = [],
    timeoutMs = process.env.SCOREMILL_SAFETY === 'full' ? 600_000 : 55_000,
    onStart,
  }: CliOptions = {},
): Promise<CliResult> {
  const [program, ...before] = [...through, process.execPath];
  const child = spawn(program, [...before, main, ...words], {
    cwd: folder,
    env: { ...withoutOurs(process.env), NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  onStart?.(child);
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [stdout, stderr, [exitCode, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { exitCode, signal, stdout, stderr };
}

/** Without what would change the command line's behaviour: its own variables, and the color that a test runner forces. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) =>
        !name.startsWith('SCOREMILL_') && !['FORCE_COLOR', 'NODE_ENV', 'NODE_OPTIONS', 'VITEST'].includes(name),
    ),
  );
}
