// No threads: splits are scored one after the other on the engine's own thread (`--workers 0`).
import type { Model } from '../model/model-file.ts';
import type { Plan } from '../plan/plan.ts';
import type { Pool } from './pool.ts';
import type { PoolSettings, SplitProgress } from './protocol.ts';
import { SplitScorer } from './split-scorer.ts';

export async function inlinePool(plan: Plan, model: Model, pool: PoolSettings): Promise<Pool> {
  const scorer = await SplitScorer.open({ plan, model, pool, worker: 0 });
  let current: SplitProgress | null = null;
  let isDraining = false;
  let last: Promise<unknown> = Promise.resolve();
  return {
    score: (task) => {
      const answer = last.then(() =>
        scorer.score(task, (rows, rejected) => {
          current = { split: task.split.index, rows, rejected };
          return !isDraining;
        }),
      );
      last = answer.finally(() => {
        current = null;
      });
      return answer;
    },
    inFlight: () => (current === null ? [] : [current]),
    drain: () => {
      isDraining = true;
    },
    close: async () => {
      await last;
    },
  };
}
