// One shard through preflight, binding, scoring and the part file in this process, and back as rows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from '../../src/core/duckdb.ts';
import { Database } from '../../src/core/duckdb-database.ts';
import type { Format, Reject } from '../../src/core/split.ts';
import { quotePath } from '../../src/core/sql.ts';
import { jobSchema } from '../../src/job/schema.ts';
import type { Model } from '../../src/model/model-file.ts';
import type { Session } from '../../src/model/session.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { preflight } from '../../src/plan/preflight.ts';
import { scoreSplit } from '../../src/scoring/score-split.ts';
import { ScoringFunctions } from '../../src/scoring/scoring-functions.ts';
import { shardAt } from '../source/shards.ts';

/** A folder and the two connections of a worker. */
export interface Workbench {
  readonly folder: string;
  readonly reading: Connection;
  readonly appending: Connection;
  close(): void;
}

export async function openWorkbench(folder: string): Promise<Workbench> {
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 30, temporaryFolder: join(folder, 'spill') });
  const [reading, appending] = [await database.connect(), await database.connect()];
  const close = (): void => {
    reading.close();
    appending.close();
    database.close();
  };
  return { folder, reading, appending, close };
}

export interface ShardRequest {
  readonly path: string;
  readonly format: Format;
  readonly model: Model;
  readonly session: Session;
  /** What the job says beside model, dataset and output. */
  readonly job?: Readonly<Record<string, unknown>>;
}

export interface ScoredShard {
  readonly plan: Plan;
  readonly partPath: string;
  /** The rows of the part, as DuckDB's client gives them. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rejects: readonly Reject[];
}

/** Scores a shard that is small enough for one split. */
export async function scoreShard(
  { folder, reading, appending }: Workbench,
  { path, format, model, session, job: parts = {} }: ShardRequest,
): Promise<ScoredShard> {
  const job = jobSchema.parse({
    model: { path: model.identity.path },
    dataset: { path },
    output: { path: folder, compression: 'none' },
    ...parts,
  });
  const plan = await preflight({
    job,
    shards: [shardAt(path, format)],
    model,
    session,
    connection: reading,
    scratchFolder: folder,
    temporaryFolder: folder,
    dryRows: 'first',
    batchRows: null,
    remembers: false,
  });
  const { part, rejects } = await scoreSplit({
    job: plan,
    split: plan.splits[0],
    attempt: 1,
    worker: 0,
    session,
    preparers: [],
    reading,
    functions: new ScoringFunctions(reading, plan),
    appending,
    stagingFolder: folder,
    metadata: {},
    crashed: [],
    onProgress: () => true,
  });
  const partPath = join(folder, part.name);
  return {
    plan,
    partPath,
    rows: await reading.rows(`SELECT * FROM read_parquet(${quotePath(partPath)})`),
    rejects: rejects === null ? [] : rejectsIn(join(folder, rejects.name)),
  };
}

const rejectsIn = (path: string): readonly Reject[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reject);
