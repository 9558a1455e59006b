// SIGINT, SIGTERM and SIGHUP: the first asks the run to stop after its batches. A second SIGINT, or batches that take longer
// than what a scheduler waits before it kills (Kubernetes: 30 s), give these batches up. Either way the run can be resumed.
import { listenInstead } from './early-signals.ts';
import { say } from './output.ts';

export interface StopSignal {
  /** Aborted by the first signal: finish the batches that are being scored, and end. */
  readonly signal: AbortSignal;
  /** Aborted after it: end without these batches. */
  readonly giveUp: AbortSignal;
  readonly received: NodeJS.Signals | null;
  dispose(): void;
}

const mostDrainMs = 20_000;
/** For giving back what is held, when nothing is scored any more. */
const mostEndMs = 2000;

interface StopOptions {
  /** What a person may do after the first signal. */
  readonly next?: string;
  /** Whether nothing is said until the end. */
  readonly quiet?: boolean;
  /** Where that goes; by default to stderr as it is. */
  readonly tell?: (text: string) => void;
}

export function stopSignal({
  next = 'run the same command again to go on',
  quiet = false,
  tell: tellAnyway = say,
}: StopOptions = {}): StopSignal {
  const tell = quiet ? () => {} : tellAnyway;
  const stopping = new AbortController();
  const ending = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let received: NodeJS.Signals | null = null;
  const after = (ms: number, action: () => void): void => void timers.push(setTimeout(action, ms).unref());
  const end = (): void => {
    if (ending.signal.aborted) return;
    ending.abort();
    after(mostEndMs, () => process.exit(received === 'SIGINT' ? 130 : 143));
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (received !== null) {
      if (signal === 'SIGINT') end();
      return;
    }
    received = signal;
    tell(
      `${signal}: stopping after the batches that are being scored; ${next}${signal === 'SIGINT' ? ' (once more to end at once)' : ''}`,
    );
    after(mostDrainMs, () => {
      tell(`${signal}: ${mostDrainMs / 1000} s are over, and the batches that are being scored are given up`);
      end();
    });
    stopping.abort();
  };
  const takeBack = listenInstead(onSignal);
  return {
    signal: stopping.signal,
    giveUp: ending.signal,
    get received() {
      return received;
    },
    dispose: () => {
      for (const timer of timers) clearTimeout(timer);
      takeBack();
    },
  };
}
