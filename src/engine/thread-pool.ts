// Worker threads, each with its session, of a fixed number: ending one while it computes would end the process. They load their
// code while the plan is still being made, and are told with each split what they are to score it with. The one owner of piscina.
import { serialize } from 'node:v8';
import { Piscina } from 'piscina';
import type { Model } from '../model/model-file.ts';
import type { Plan } from '../plan/plan.ts';
import type { Pool } from './pool.ts';
import { askToStop, createProgressBoard, readProgress } from './progress-board.ts';
import type { PoolSettings, SplitAnswer, SplitTask } from './protocol.ts';
import type { WorkerTask } from './worker.ts';

/**
 * Three of V8's semi-spaces. Over a heap of 8 MB it allows 16 MB more before it collects all of it, and begins to as soon as less is left
 * than its young generation may hold. By default that grows to 48 MB in a long run, and then it never stops beginning.
 */
const maxYoungGenerationSizeMb = 12;

export interface Threads {
  readonly size: number;
  pool(plan: Plan, model: Model, settings: PoolSettings): Pool;
  close(): Promise<void>;
}

export function startThreads(size: number): Threads {
  const board = createProgressBoard(size);
  const pool = new Piscina({
    // The bundle that holds this file is one level below dist, as this file is below src.
    filename: new URL(import.meta.url.endsWith('.ts') ? '../engine/worker.ts' : '../engine/worker.js', import.meta.url)
      .href,
    workerData: board,
    minThreads: size,
    maxThreads: size,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
    resourceLimits: { maxYoungGenerationSizeMb },
  });
  const close = (): Promise<void> => pool.close();
  return {
    size,
    pool: (plan, model, settings) => {
      const setup = shared(serialize({ plan, model, settings }));
      return {
        score: (task: SplitTask): Promise<SplitAnswer> => pool.run({ task, setup } satisfies WorkerTask),
        inFlight: () => readProgress(board),
        drain: () => askToStop(board),
        close,
      };
    },
    close,
  };
}

/** Bytes that go to every thread without being copied. */
function shared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
