// SIGINT, SIGTERM and SIGHUP: the first asks the run to stop after its batches, a second SIGINT ends it at once. Either way
// it can be resumed.
import { say } from './output.ts';

export interface StopSignal {
  readonly signal: AbortSignal;
  readonly received: NodeJS.Signals | null;
  dispose(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `next`: what a person may do after the first signal. */
export function stopSignal(next = 'run the same command again to go on'): StopSignal {
  const controller = new AbortController();
  let received: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (received !== null && signal === 'SIGINT') process.exit(130);
    if (received !== null) return;
    received = signal;
    say(
      `${signal}: stopping after the batches that are being scored; ${next}${signal === 'SIGINT' ? ' (once more to end at once)' : ''}`,
    );
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    dispose: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
