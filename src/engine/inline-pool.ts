// No threads: splits are scored one after the other on the engine's own thread (`--workers 0`, and runs that are soon over).
import type { Pool } from './pool.ts';
import type { SplitProgress } from './protocol.ts';
import { type ScorerSettings, SplitScorer } from './split-scorer.ts';

/** `calls` counts the calls of the model on this thread: while one is under way, nothing else happens here. */
/** `onBegin` is told when a split begins: while the model is called, nothing else happens on this thread. */
export async function inlinePool(
  settings: Omit<ScorerSettings, 'worker'>,
  { calls, onBegin }: { readonly calls: () => number; readonly onBegin: () => void },
): Promise<Pool> {
  const scorer = await SplitScorer.open({ ...settings, worker: 0 });
  let current: Omit<SplitProgress, 'beats'> | null = null;
  let begun = 0;
  let isDraining = false;
  let last: Promise<unknown> = Promise.resolve();
  return {
    score: (task) => {
      const answer = last.then(() => {
        current = { split: task.split.index, rows: 0, rejected: 0 };
        begun++;
        onBegin();
        return scorer.score(task, (rows, rejected) => {
          current = { split: task.split.index, rows, rejected };
          return !isDraining;
        });
      });
      last = answer.finally(() => {
        current = null;
      });
      return answer;
    },
    inFlight: () => (current === null ? [] : [{ ...current, beats: calls() + begun }]),
    drain: () => {
      isDraining = true;
    },
    close: async () => {
      await last;
    },
  };
}
