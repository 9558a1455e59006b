// One session and one database for a thread's whole life, scoring one split after the other.
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Connection, isFatal } from '../core/duckdb.ts';
import { Database } from '../core/duckdb-database.ts';
import { failuresOf } from '../core/failure.ts';
import type { Preparer } from '../core/preparer.ts';
import type { Model } from '../model/model-file.ts';
import { openSession, type Session } from '../model/session.ts';
import type { Plan } from '../plan/plan.ts';
import { openPreparers } from '../scoring/open-preparers.ts';
import { probeSplit } from '../scoring/probe-split.ts';
import { scoreSplit } from '../scoring/score-split.ts';
import { ScoringFunctions } from '../scoring/scoring-functions.ts';
import type { OnProgress } from '../scoring/split-request.ts';
import type { PoolSettings, SplitAnswer, SplitTask } from './protocol.ts';

export interface ScorerSettings {
  readonly plan: Plan;
  readonly model: Model;
  readonly pool: PoolSettings;
  readonly worker: number;
  /** Called whenever the model has returned, whatever it gave. */
  readonly onCall: () => void;
  /** The model as this thread has loaded it before; it tells its own `onCall`. */
  readonly session?: Session | undefined;
}

interface OpenDatabase {
  readonly database: Database;
  readonly reading: Connection;
  readonly functions: ScoringFunctions;
  readonly appending: Connection;
}

export class SplitScorer {
  readonly #settings: ScorerSettings;
  readonly #session: Session;
  readonly #preparers: readonly Preparer[];
  #open: OpenDatabase;

  private constructor(settings: ScorerSettings, session: Session, preparers: readonly Preparer[], open: OpenDatabase) {
    this.#settings = settings;
    this.#session = session;
    this.#preparers = preparers;
    this.#open = open;
  }

  static async open(settings: ScorerSettings): Promise<SplitScorer> {
    const { plan, model, onCall } = settings;
    const opening = openDatabase(settings);
    try {
      const session = settings.session ?? (await openSession(model, { threads: plan.threads, onCall }));
      const preparers = await openPreparers(plan.binding.preparations);
      return new SplitScorer(settings, session, preparers, await opening);
    } catch (error) {
      opening.then(closeDatabase, () => {});
      throw error;
    }
  }

  /** Scores a split; whatever goes wrong is an answer, never a throw. */
  async score({ split, attempt, crashed, probe }: SplitTask, onProgress: OnProgress): Promise<SplitAnswer> {
    if (probe === 'start') return { ok: true, outcome: null };
    const { plan, pool, worker } = this.#settings;
    try {
      const { reading, functions, appending } = this.#open;
      if (probe !== null) {
        await probeSplit({
          job: plan,
          split,
          range: probe,
          crashed,
          session: this.#session,
          preparers: this.#preparers,
          reading,
          appending,
          scratchFolder: pool.stagingFolder,
        });
        return { ok: true, outcome: null };
      }
      const outcome = await scoreSplit({
        job: plan,
        split,
        attempt,
        worker,
        session: this.#session,
        preparers: this.#preparers,
        reading,
        functions,
        appending,
        stagingFolder: pool.stagingFolder,
        metadata: pool.metadata,
        crashed,
        onProgress,
      });
      return { ok: true, outcome };
    } catch (error) {
      await this.#reopen(error);
      return { ok: false, failures: failuresOf(error) };
    }
  }

  /** After any failure the tables of the split may be left: a new database is cheaper than to be sure. */
  async #reopen(error: unknown): Promise<void> {
    if (!isFatal(error)) closeDatabase(this.#open);
    this.#open = await openDatabase(this.#settings);
  }
}

async function openDatabase({ plan, pool, worker }: ScorerSettings): Promise<OpenDatabase> {
  const database = await Database.open({
    threads: plan.threads,
    memoryBytes: pool.memoryBytesPerWorker,
    // No two processes spill into one folder, also when one that was taken for dead goes on beside its successor.
    temporaryFolder: join(pool.stagingFolder, `spill-${worker}-${randomUUID()}`),
    allowedFolders: [pool.stagingFolder, ...plan.shards.map(({ path, plainPath }) => dirname(plainPath ?? path))],
  });
  const reading = await database.connect();
  return { database, reading, functions: new ScoringFunctions(reading, plan), appending: await database.connect() };
}

function closeDatabase({ reading, appending, database }: OpenDatabase): void {
  reading.close();
  appending.close();
  database.close();
}
