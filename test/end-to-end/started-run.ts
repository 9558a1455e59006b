// A run that is going on, for a test that stops or kills it: its events as they come, and the processes it consists of.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childrenOf } from '../descendants.ts';
import { type CliOptions, type CliResult, runCli } from '../run-cli.ts';

export interface LoggedEvent {
  readonly event: string;
  readonly [fact: string]: unknown;
}

export interface StartedRun {
  readonly process: ChildProcess;
  readonly events: readonly LoggedEvent[];
  /** Failures stand in stderr as people read them. */
  readonly ended: Promise<CliResult>;
  /** Resolves with the `times`th event of a name; rejects when the run ends without it. */
  until(event: string, times?: number): Promise<LoggedEvent>;
  /** Resolves when stderr holds these words; rejects when the run ends without them. */
  untilSaid(words: string): Promise<void>;
  /** The processes that the run has started; Linux only, as the engine process. */
  children(): readonly number[];
  engine(): number;
}

/** Events of failures as the lines that they are without `--log-format json`. */
const asText = (stderr: string): string =>
  stderr.replace(/^\{.*"event":"failure".*\}$/gm, (line) => `error: ${(JSON.parse(line) as LoggedEvent).message}`);

/** Starts `scoremill` with these words and JSON messages. */
export function startRun(words: readonly string[], options: CliOptions = {}): StartedRun {
  const events: LoggedEvent[] = [];
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  let supervisor: ChildProcess | undefined;
  let hasEnded = false;
  const ended = runCli([...words, '--log-format', 'json'], {
    ...options,
    onStart: (process) => {
      supervisor = process;
      createInterface({ input: process.stderr! }).on('line', (line) => {
        lines.push(line);
        if (line.startsWith('{')) events.push(JSON.parse(line));
        for (const watch of watchers) watch();
      });
    },
  });
  ended.finally(() => {
    hasEnded = true;
    for (const watch of watchers) watch();
  });
  const waitFor = <Value>(look: () => Value | undefined, what: string): Promise<Value> =>
    new Promise((resolve, reject) => {
      const watch = (): void => {
        const found = look();
        if (found === undefined && !hasEnded) return;
        watchers.delete(watch);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the run ended without ${what}:\n${lines.join('\n')}`));
      };
      watchers.add(watch);
      watch();
    });
  return {
    process: supervisor!,
    events,
    ended: ended.then((result) => ({ ...result, stderr: asText(result.stderr) })),
    until: (name, times = 1) =>
      waitFor(() => events.filter(({ event }) => event === name)[times - 1], `${times} x ${name}`),
    untilSaid: async (words) => {
      await waitFor(() => lines.find((line) => line.includes(words)), words);
    },
    children: () => childrenOf(supervisor!.pid!),
    engine: () => {
      const [engine] = childrenOf(supervisor!.pid!);
      if (engine === undefined) throw new Error('there is no engine process now');
      return engine;
    },
  };
}
