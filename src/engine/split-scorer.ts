// One session and one database for a thread's whole life, scoring one split after the other.
import { dirname, join } from 'node:path';
import { type Connection, Database, isFatal } from '../core/duckdb.ts';
import { failuresOf } from '../core/failure.ts';
import type { Model } from '../model/model-file.ts';
import { openSession, type Session } from '../model/session.ts';
import type { Plan } from '../plan/plan.ts';
import { probeSplit } from '../scoring/probe-split.ts';
import { type OnProgress, scoreSplit } from '../scoring/score-split.ts';
import type { PoolSettings, SplitAnswer, SplitTask } from './protocol.ts';

export interface ScorerSettings {
  readonly plan: Plan;
  readonly model: Model;
  readonly pool: PoolSettings;
  readonly worker: number;
}

interface OpenDatabase {
  readonly database: Database;
  readonly reading: Connection;
  readonly appending: Connection;
}

export class SplitScorer {
  readonly #settings: ScorerSettings;
  readonly #session: Session;
  #open: OpenDatabase;

  private constructor(settings: ScorerSettings, session: Session, open: OpenDatabase) {
    this.#settings = settings;
    this.#session = session;
    this.#open = open;
  }

  static async open(settings: ScorerSettings): Promise<SplitScorer> {
    const session = await openSession(settings.model, { threads: settings.plan.threads });
    return new SplitScorer(settings, session, await openDatabase(settings));
  }

  /** Scores a split; whatever goes wrong is an answer, never a throw. */
  async score({ split, attempt, crashed, probe }: SplitTask, onProgress: OnProgress): Promise<SplitAnswer> {
    const { plan, pool, worker } = this.#settings;
    try {
      const { reading, appending } = this.#open;
      if (probe !== null) {
        await probeSplit({
          job: plan,
          split,
          range: probe,
          crashed,
          session: this.#session,
          reading,
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
        reading,
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
    if (!isFatal(error)) {
      this.#open.reading.close();
      this.#open.appending.close();
      this.#open.database.close();
    }
    this.#open = await openDatabase(this.#settings);
  }
}

async function openDatabase({ plan, pool, worker }: ScorerSettings): Promise<OpenDatabase> {
  const database = await Database.open({
    threads: plan.threads,
    memoryBytes: pool.memoryBytesPerWorker,
    temporaryFolder: join(pool.stagingFolder, `spill-${worker}`),
    allowedFolders: [pool.stagingFolder, ...plan.shards.map(({ path, plainPath }) => dirname(plainPath ?? path))],
  });
  return { database, reading: await database.connect(), appending: await database.connect() };
}
