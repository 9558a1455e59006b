// A run without its processes: prepared, planned and scored in this one as the engine does it, into part files. For many small
// runs, of which each would spend most of its time on starting Node.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../src/core/duckdb-database.ts';
import { FailureError } from '../../src/core/failure.ts';
import { SplitScorer } from '../../src/engine/split-scorer.ts';
import { readModel } from '../../src/model/model-file.ts';
import { openSession } from '../../src/model/session.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { preflight } from '../../src/plan/preflight.ts';
import { type PreparedRun, prepareRun } from '../../src/run/prepare-run.ts';
import { jobRequest, type PlanOptions } from '../../src/run/run-request.ts';
import { type Row, readRows } from '../end-to-end/result.ts';

const memoryBytes = 2 ** 33;

/** The parts in the order of the input, in `folder` under the names of published ones, and the plan that they were scored by. */
export async function partsHere(
  options: PlanOptions,
  folder: string,
): Promise<{ readonly plan: Plan; readonly parts: readonly string[] }> {
  const prepared = await prepareRun(jobRequest({ ...options, output: folder }));
  const plan = await planHere(prepared, folder);
  const model = await readModel(plan.model.path, {
    fed: Object.keys(prepared.job.inputs ?? {}),
    folder: plan.model.folder,
    rewrite: plan.model.rewrite,
  });
  const pool = { workers: 0, stagingFolder: folder, memoryBytesPerWorker: memoryBytes, metadata: {} };
  const scorer = await SplitScorer.open({ plan, model, pool, worker: 0, onCall: () => {} });
  const parts: string[] = [];
  for (const split of plan.splits) {
    const answer = await scorer.score({ split, attempt: 1, crashed: [], probe: null }, () => true);
    if (!answer.ok) throw new FailureError(...answer.failures);
    const part = join(folder, `part-${String(split.index).padStart(5, '0')}.parquet`);
    renameSync(join(folder, answer.outcome!.part.name), part);
    parts.push(part);
  }
  return { plan, parts };
}

/** The rows of all parts, in the order of the input, and the plan that they were scored by. */
export async function scoreHere(
  options: PlanOptions,
  folder: string,
): Promise<{ readonly plan: Plan; readonly rows: readonly Row[] }> {
  const { plan, parts } = await partsHere(options, folder);
  const rows: Row[] = [];
  for (const part of parts) rows.push(...(await readRows(part)));
  return { plan, rows };
}

async function planHere({ job, folder: modelFolder, shards }: PreparedRun, folder: string): Promise<Plan> {
  const model = await readModel(job.model.path, { fed: Object.keys(job.inputs ?? {}), folder: modelFolder });
  await using session = await openSession(model, { threads: 1 });
  const database = await Database.open({ threads: 1, memoryBytes, temporaryFolder: join(folder, 'spill') });
  const connection = await database.connect();
  try {
    return await preflight({
      job,
      shards,
      model,
      session,
      connection,
      scratchFolder: folder,
      temporaryFolder: folder,
      dryRows: 'first',
      batchRows: null,
      remembers: false,
    });
  } finally {
    connection.close();
    database.close();
  }
}
