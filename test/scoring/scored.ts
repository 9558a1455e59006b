// Whole shards through preflight and scoreSplit, with real files and real models, and what came of them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import type { Reject } from '../../src/core/split.ts';
import { quotePath, quoteText } from '../../src/core/sql.ts';
import { jobSchema } from '../../src/job/schema.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import { preflight } from '../../src/plan/preflight.ts';
import { scoreSplit } from '../../src/scoring/score-split.ts';
import { ScoringFunctions } from '../../src/scoring/scoring-functions.ts';
import type { CrashedAt } from '../../src/scoring/split-request.ts';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { shardAt } from '../source/shards.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** y = 2x */
export const doubling = [
  node('Mul', ['x', 'two'], ['y']),
  floats('two', [], [2]),
  input('x', tensorOf(1, null, 1)),
  output('y', tensorOf(1, null, 1)),
];

export interface Scoring {
  /** Columns of each shard, as the SELECT that makes it. */
  readonly shards: readonly string[];
  readonly graph?: Parameters<typeof buildModel>[0]['graph'];
  readonly job: Readonly<Record<string, unknown>> & { readonly dataset?: Readonly<Record<string, unknown>> };
  /** Whether DuckDB may leave the folders of the test. */
  readonly confined?: boolean;
  readonly crashed?: readonly CrashedAt[];
}

/** Plans and scores all splits of a job over Parquet shards, on this thread. */
export async function scored({ shards, graph = doubling, job: parts, confined = false, crashed = [] }: Scoring) {
  const folder = temporaryFolder();
  const database = await Database.open({
    threads: 1,
    memoryBytes: 2 ** 29,
    temporaryFolder: join(folder, 'spill'),
    ...(confined ? { allowedFolders: [folder] } : {}),
  });
  const [reading, appending] = [await database.connect(), await database.connect()];
  onTestFinished(() => {
    reading.close();
    appending.close();
    database.close();
  });
  const paths = shards.map((_, index) => join(folder, `shard [${index}].parquet`));
  for (const [index, sql] of shards.entries())
    await reading.run(`COPY (${sql}) TO ${quoteText(paths[index])} (FORMAT parquet)`);
  const modelPath = join(folder, 'model.onnx');
  writeFileSync(modelPath, buildModel({ graph }));
  const { dataset, ...rest } = parts;
  const job = jobSchema.parse({
    model: { path: modelPath },
    dataset: { path: folder, ...dataset },
    output: { path: folder },
    ...rest,
  });
  const model = await readModel(modelPath);
  const session = await openSession(model, { threads: 1 });
  const plan = await preflight({
    job,
    shards: paths.map((path, index) => shardAt(path, 'parquet', { index })),
    model,
    session,
    connection: reading,
    scratchFolder: folder,
    temporaryFolder: folder,
    dryRows: 'first',
    batchRows: null,
    remembers: false,
  });
  const outcomes = [];
  const functions = new ScoringFunctions(reading, plan);
  for (const split of plan.splits) {
    outcomes.push(
      await scoreSplit({
        job: plan,
        split,
        attempt: 1,
        worker: 0,
        session,
        preparers: [],
        reading,
        functions,
        appending,
        stagingFolder: folder,
        metadata: { run: 'r1' },
        crashed,
        onProgress: () => true,
      }),
    );
  }
  const partPaths = outcomes.map(({ part }) => quotePath(join(folder, part.name)));
  const rows = await reading.rows(`SELECT * FROM read_parquet([${partPaths.join(', ')}])`);
  const rejects = outcomes.flatMap(({ rejects: file }) =>
    file === null
      ? []
      : readFileSync(join(folder, file.name), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Reject),
  );
  return { plan, outcomes, rows, rejects };
}
