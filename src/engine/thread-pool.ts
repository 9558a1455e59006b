// Worker threads, each with its session, of a fixed number: ending one while it computes would end the process. The one
// owner of piscina.
import { Piscina } from 'piscina';
import type { Model } from '../model/model-file.ts';
import type { Plan } from '../plan/plan.ts';
import type { Pool } from './pool.ts';
import { askToStop, createProgressBoard, readProgress } from './progress-board.ts';
import type { PoolSettings, SplitAnswer, SplitTask } from './protocol.ts';
import type { WorkerData } from './worker.ts';

export function threadPool(plan: Plan, model: Model, settings: PoolSettings): Pool {
  const board = createProgressBoard(settings.workers);
  const workerData: WorkerData = { plan, model, settings, board };
  const pool = new Piscina({
    // The bundle that holds this file is one level below dist, as this file is below src.
    filename: new URL(import.meta.url.endsWith('.ts') ? '../engine/worker.ts' : '../engine/worker.js', import.meta.url)
      .href,
    workerData,
    minThreads: settings.workers,
    maxThreads: settings.workers,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
  });
  return {
    score: (task: SplitTask): Promise<SplitAnswer> => pool.run(task),
    inFlight: () => readProgress(board),
    drain: () => askToStop(board),
    close: () => pool.close(),
  };
}
