// A process that scores one shard after the other with the product's own preflight and scorer, for tests that feed it damaged
// files: it may die or hang, and the test that started it goes on with another. One line of JSON in, one line out. It runs
// as a bundle, which is made before the tests.
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Database } from '../../src/core/duckdb-database.ts';
import { describeFailure, failuresOf } from '../../src/core/failure.ts';
import { quoteText } from '../../src/core/sql.ts';
import { SplitScorer } from '../../src/engine/split-scorer.ts';
import { jobSchema } from '../../src/job/schema.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import { fileKind } from '../../src/plan/file-kind.ts';
import { preflight } from '../../src/plan/preflight.ts';

const [modelPath, scratch, memory] = process.argv.slice(2);
const memoryBytes = Number(memory);
const model = await readModel(modelPath);
const session = await openSession(model, { threads: 1 });

async function score({ path, format, input, keep }) {
  const here = join(scratch, 'run');
  await rm(here, { recursive: true, force: true });
  await mkdir(join(here, 'preflight'), { recursive: true });
  const job = jobSchema.parse({
    name: 'hostile',
    model: { path: modelPath },
    dataset: { path: [path], format },
    inputs: { x: input },
    ...(keep && { keep }),
    output: { path: here },
    rejects: { budget: '100%' },
  });
  const { size, mtimeMs } = await stat(path);
  const shard = { index: 0, path, ...fileKind(path, format), fileBytes: size, modifiedMs: mtimeMs, partition: {} };
  const database = await Database.open({
    threads: 1,
    memoryBytes,
    temporaryFolder: join(here, 'preflight'),
    allowedFolders: [dirname(path), here],
  });
  const connection = await database.connect();
  try {
    const request = { job, shards: [shard], model, session, connection, scratchFolder: here };
    const plan = await preflight({ ...request, temporaryFolder: join(here, 'preflight'), dryRows: 'first' });
    const pool = { workers: 0, stagingFolder: here, memoryBytesPerWorker: memoryBytes, metadata: {} };
    const scorer = await SplitScorer.open({ plan, model, pool, worker: 0, onCall: () => {} });
    const counts = { rows: plan.rows, scored: 0, rejected: 0 };
    const results = [];
    for (const split of plan.splits) {
      const answer = await scorer.score({ split, attempt: 0, crashed: [], probe: null }, () => true);
      if (!answer.ok) return { outcome: 'refused', ...refusal(answer.failures[0]) };
      counts.scored += answer.outcome.scored;
      counts.rejected += answer.outcome.rejected;
      if (keep === undefined) continue;
      const part = quoteText(join(here, answer.outcome.part.name));
      const found = await connection.rows(`SELECT to_json(r)::VARCHAR AS "row" FROM read_parquet(${part}) AS r`);
      results.push(...found.map(({ row }) => row));
    }
    return { outcome: 'scored', ...counts, results };
  } finally {
    connection.close();
    database.close();
  }
}

const refusal = (failure) => ({ reason: failure.reason, message: describeFailure(failure) });

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await score(JSON.parse(line)).catch((error) => ({
    outcome: 'refused',
    ...refusal(failuresOf(error)[0]),
  }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
