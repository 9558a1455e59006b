// The entry of the engine process, which the supervisor forks: all native code runs here and in its worker threads. It does
// what it is told, one message at a time, and ends when the supervisor does.
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failureOfIo } from '../core/atomic-file.ts';
import { Database, openAhead } from '../core/duckdb-database.ts';
import { failuresOf } from '../core/failure.ts';
import { threadsOf } from '../job/threads-of.ts';
import { type Model, readModel } from '../model/model-file.ts';
import { knownModel, requireSameModel } from '../model/require-same-model.ts';
import { isRewritten } from '../model/rewrite.ts';
import { loadRuntime, openSession, type Session } from '../model/session.ts';
import type { Plan } from '../plan/plan.ts';
import { preflight } from '../plan/preflight.ts';
import { inlinePool } from './inline-pool.ts';
import type { Pool } from './pool.ts';
import type { FromEngine, PoolSettings, Reply, ToEngine } from './protocol.ts';
import type { Question } from './questions.ts';
import { replyTo } from './reply.ts';
import type { Threads } from './thread-pool.ts';

const progressEveryMs = 200;
const planningEveryMs = 1000;

let model: Model | undefined;
/** That of preflight, with the model above. */
let session: Session | undefined;
let calls = 0;
let pool: Pool | undefined;
/** Threads that load while the plan is made. */
let threads: Promise<Threads> | undefined;
let progressTimer: NodeJS.Timeout | undefined;
let lastProgress = '[]';
let lastProgressMs = 0;
let isStopping = false;

function send(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}

/** Tells the supervisor how far every split is, when that has changed. */
function report(): void {
  lastProgressMs = performance.now();
  const inFlight = pool?.inFlight() ?? [];
  const text = JSON.stringify(inFlight);
  if (text !== lastProgress) send({ kind: 'progress', inFlight });
  lastProgress = text;
}

/** Without worker threads a model that is called again and again leaves no time for timers. */
function onCall(): void {
  calls++;
  if (performance.now() - lastProgressMs >= progressEveryMs) report();
}

async function plan({
  job,
  folder,
  shards,
  scratchFolder,
  temporaryFolder,
  memoryBytes,
  dryRows,
  batchRows,
  remembers,
  workersAhead,
  pinnedTypes,
}: Extract<ToEngine, { kind: 'preflight' }>): Promise<Plan> {
  // Not the folder that it stands in: that goes with the lock, and is not to be made again by whoever lost the lock.
  await mkdir(temporaryFolder).catch((error: unknown) => {
    throw failureOfIo('create', temporaryFolder, error);
  });
  const folders = [...shards.map(({ path }) => dirname(path)), ...(scratchFolder === null ? [] : [scratchFolder])];
  // Opened on another thread, while this one reads the model.
  const opening = Database.open({
    threads: 1,
    memoryBytes,
    temporaryFolder,
    allowedFolders: [...folders, temporaryFolder],
  });
  try {
    model = await readModel(job.model.path, { fed: Object.keys(job.inputs ?? {}), folder });
    session = await openSession(model, { threads: threadsOf(job.run), onCall });
  } catch (error) {
    opening.then(
      (database) => database.close(),
      () => {},
    );
    throw error;
  }
  const database = await opening;
  // That of this thread, when it is to score as well.
  if (workersAhead === 0) openAhead();
  const connection = await database.connect();
  try {
    const planned = await preflight({
      job,
      shards,
      model,
      session,
      connection,
      scratchFolder,
      temporaryFolder,
      dryRows,
      batchRows,
      remembers,
      pinnedTypes,
    });
    // The workers get the model as it was changed.
    if (isRewritten(planned.model.rewrite)) {
      model = undefined;
      session = undefined;
    }
    return planned;
  } finally {
    connection.close();
    database.close();
  }
}

/** Makes the plan, and tells meanwhile that this thread is not held up. */
async function planAloud(request: Parameters<typeof plan>[0]): Promise<Plan> {
  send({ kind: 'planning' });
  if (request.workersAhead > 0) threads = startThreads(request.workersAhead);
  const timer = setInterval(() => send({ kind: 'planning' }), planningEveryMs);
  try {
    return await plan(request);
  } finally {
    clearInterval(timer);
  }
}

const fedInputs = ({ binding: { inputs, preparations, constants } }: Plan): readonly string[] =>
  [...inputs, ...preparations.flatMap((one) => one.inputs), ...constants].map(({ name }) => name);

const startThreads = async (size: number): Promise<Threads> => (await import('./thread-pool.ts')).startThreads(size);

/** Those that were started ahead, when there are enough of them. */
async function takeThreads(workers: number): Promise<Threads> {
  const ahead = await threads;
  if (ahead !== undefined && ahead.size >= workers) return ahead;
  await ahead?.close();
  return startThreads(workers);
}

async function start(planned: Plan, settings: PoolSettings): Promise<void> {
  await loadRuntime();
  model ??= await readModel(planned.model.path, {
    fed: fedInputs(planned),
    folder: planned.model.folder,
    rewrite: planned.model.rewrite,
  });
  requireSameModel(planned.model, knownModel(model.identity));
  pool =
    settings.workers === 0
      ? await inlinePool(
          { plan: planned, model, pool: settings, onCall, session },
          { calls: () => calls, onBegin: report },
        )
      : (await takeThreads(settings.workers)).pool(planned, model, settings);
  session = undefined;
  progressTimer = setInterval(report, progressEveryMs);
}

async function replied(question: Question): Promise<Reply> {
  try {
    return { ok: true, value: await replyTo(question) };
  } catch (error) {
    return { ok: false, failures: failuresOf(error) };
  }
}

async function handle(message: ToEngine): Promise<void> {
  switch (message.kind) {
    case 'preflight':
      return send({ kind: 'planned', plan: await planAloud(message) });
    case 'start':
      return start(message.plan, message.settings);
    case 'score': {
      if (pool === undefined) throw new Error('a split came before the pool was started');
      const answer = await pool.score(message.task);
      return send({ kind: 'answer', id: message.id, answer });
    }
    case 'ask':
      return send({ kind: 'reply', id: message.id, reply: await replied(message.question) });
    case 'drain':
      return pool?.drain();
    case 'stop':
      isStopping = true;
      clearInterval(progressTimer);
      await pool?.close();
      await (await threads)?.close();
      process.disconnect();
  }
}

// Where memory runs out, the kernel is to end this process and not the supervisor, which goes on without the row that took it.
try {
  writeFileSync('/proc/self/oom_score_adj', '500');
} catch {
  // No Linux, or not allowed: then the larger process is the likelier one all the same.
}

// The user's Ctrl-C reaches the whole process group; only the supervisor decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

// Loaded while the supervisor still prepares the run; what is wrong with it comes out where it is used.
loadRuntime().catch(() => {});

// Messages are carried out in their order, but splits side by side.
let ready: Promise<void> = Promise.resolve();
process.on('message', (message: ToEngine) => {
  const carriedOut = ready.then(() => handle(message));
  if (message.kind !== 'score') ready = carriedOut.catch(() => {});
  carriedOut.catch((error: unknown) => send({ kind: 'refused', failures: failuresOf(error) }));
});

// Without its supervisor the engine has nobody to work for. A busy worker cannot be ended safely, and what it has written
// is not in the ledger. It leaves at once and whole: process.exit would wait for the batches that are being scored, and what
// is written meanwhile could get in the way of the next run.
const leave = (): void => {
  if (isStopping) process.exit(0);
  process.kill(process.pid, 'SIGKILL');
};
process.on('disconnect', leave);
// It may have gone before this was loaded.
if (process.connected === false) leave();
