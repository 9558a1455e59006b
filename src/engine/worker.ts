// The entry of a worker thread: opens its scorer with the first split and keeps it.
import { deserialize } from 'node:v8';
import { workerData } from 'node:worker_threads';
import { openAhead } from '../core/duckdb-database.ts';
import { failuresOf } from '../core/failure.ts';
import type { Model } from '../model/model-file.ts';
import type { Plan } from '../plan/plan.ts';
import { beat, mustStop, type ProgressBoard, takeNumber, writeProgress } from './progress-board.ts';
import type { PoolSettings, SplitAnswer, SplitTask } from './protocol.ts';
import { SplitScorer } from './split-scorer.ts';

export interface WorkerTask {
  readonly task: SplitTask;
  /** A WorkerSetup in V8's serialisation, the same with every task. */
  readonly setup: SharedArrayBuffer;
}

export interface WorkerSetup {
  readonly plan: Plan;
  readonly model: Model;
  readonly settings: PoolSettings;
}

/** Piscina hands user data over as the second of a pair. */
const board = (Array.isArray(workerData) ? workerData[1] : workerData) as ProgressBoard;
const worker = takeNumber(board);
let scorer: Promise<SplitScorer> | undefined;

// The plan is still being made.
openAhead();

export default async function score({ task, setup }: WorkerTask): Promise<SplitAnswer> {
  try {
    scorer ??= openScorer(setup);
    writeProgress(board, worker, { split: task.split.index, rows: 0, rejected: 0 });
    beat(board, worker);
    return await (await scorer).score(task, (rows, rejected) => {
      writeProgress(board, worker, { split: task.split.index, rows, rejected });
      return !mustStop(board);
    });
  } catch (error) {
    scorer = undefined;
    return { ok: false, failures: failuresOf(error) };
  } finally {
    writeProgress(board, worker, null);
  }
}

async function openScorer(setup: SharedArrayBuffer): Promise<SplitScorer> {
  // What is deserialised are views, and the runtime takes no model in shared memory.
  const { plan, model, settings } = deserialize(new Uint8Array(setup).slice()) as WorkerSetup;
  return SplitScorer.open({ plan, model, pool: settings, worker, onCall: () => beat(board, worker) });
}
