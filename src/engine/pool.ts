// What scores splits: threads of their own, or the engine's own thread.
import type { SplitAnswer, SplitProgress, SplitTask } from './protocol.ts';

export interface Pool {
  score(task: SplitTask): Promise<SplitAnswer>;
  /** The splits that are being scored now. */
  inFlight(): readonly SplitProgress[];
  /** Every split that is being scored ends after its batch, as interrupted. */
  drain(): void;
  /** To be called when nothing is being scored: a busy worker must never be terminated. */
  close(): Promise<void>;
}
