// How much of the machine a run takes: workers by usable cores, memory by the machine's or the container's limit.
import { parseSize, usableCores, usableMemoryBytes } from '../core/resources.ts';
import type { Shard, Split } from '../core/split.ts';
import type { Job } from '../job/schema.ts';
import { threadsOf } from '../job/threads-of.ts';
import type { Plan } from '../plan/plan.ts';

type RunSettings = Job['run'];

/** Memory that the engine may use, in bytes; the rest of the machine's is left to others and to file caches. */
export const engineMemoryBytes = ({ memory }: RunSettings): number =>
  memory === 'auto' ? Math.floor(usableMemoryBytes() * 0.8) : parseSize(memory);

/** Of the engine's memory, what DuckDB may use when it works alone; the model and its tensors need some, too. */
export const databaseMemoryBytes = (memoryBytes: number): number => Math.floor(memoryBytes * 0.7);

const leastWorkerBytes = 256 * 2 ** 20;

export const memoryBytesPerWorker = (memoryBytes: number, workers: number): number =>
  Math.max(leastWorkerBytes, Math.floor(databaseMemoryBytes(memoryBytes) / Math.max(1, workers)));

/** A session holds the weights twice while it is made: as they are read, and as the runtime keeps them. */
const modelCopies = 2;
/** Of the engine's memory; what is left is for data. */
const modelShare = 0.6;

/**
 * ONNX Runtime threads of one worker: what the job says, else 1, or so many that the sessions of all workers and the one of
 * preflight fit into memory beside the data.
 */
export function threadsFor(run: RunSettings, modelBytes: number, cores = usableCores()): number {
  if (run.threadsPerWorker !== 'auto') return run.threadsPerWorker;
  if (run.workers !== 'auto') return 1;
  const sessions = Math.floor((engineMemoryBytes(run) * modelShare) / (modelCopies * Math.max(1, modelBytes)));
  return Math.max(1, Math.floor(cores / Math.min(cores, Math.max(1, sessions - 1))));
}

/** Workers for so many splits: at least 1, as scoring without threads counts as one. */
export function workersFor(run: RunSettings, splits: number): number {
  const { workers } = run;
  const wanted = workers === 'auto' ? Math.floor(usableCores() / threadsOf(run)) : workers;
  return Math.max(1, Math.min(wanted, splits));
}

/** Less than this may well be one split, which needs no thread. */
const severalSplitsBytes = 16 * 2 ** 20;

/** Worker threads that are worth starting before it is known how many splits there are. */
export function workersAhead(run: RunSettings, shards: readonly Pick<Shard, 'fileBytes'>[]): number {
  const bytes = shards.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  return bytes < severalSplitsBytes || run.workers === 0 ? 0 : workersFor(run, Number.POSITIVE_INFINITY);
}

/** A worker thread loads modules, model and database again, which takes a fifth of a second of processor time. */
const soonMs = 1000;

/**
 * Whether the engine's own thread, where preflight has loaded the model already, scores what remains: as the job says, or when
 * that is one split whose calls of the model are soon over. Until they are, this thread hears of nothing else.
 */
export function isScoredInline({ workers }: RunSettings, plan: Plan, remaining: readonly Split[]): boolean {
  if (workers === 0) return true;
  if (remaining.length !== 1 || plan.expectedCallMs === null) return false;
  return Math.ceil(remaining[0].rows / plan.binding.callRows) * plan.expectedCallMs <= soonMs;
}

/** What to say when a job asks for more threads than there are cores; null when it does not. */
export function crowdedText(run: RunSettings): string | null {
  const { workers } = run;
  const threadsPerWorker = threadsOf(run);
  const cores = usableCores();
  if (workers === 'auto' || workers * threadsPerWorker <= cores) return null;
  return `${workers} workers of ${threadsPerWorker} threads are more than the ${cores} usable cores: they will slow each other down`;
}
