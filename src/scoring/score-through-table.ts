// A split scored in two passes: rows are streamed and scored batch by batch, their results gathered in a table, and the rows
// read once more to stand beside them. For batches that must be whole or need time of their own to be prepared (images, text).
import { afterResults } from './after-results.ts';
import { joinedRows } from './join-results.ts';
import { heldBackQuery, partQuery } from './part-query.ts';
import { readBatches } from './read-batches.ts';
import { ResultTable } from './result-table.ts';
import type { ScoredRows, SplitPass } from './split-pass.ts';

export async function scoreThroughTable(pass: SplitPass): Promise<ScoredRows> {
  const { request, relation, hasFaults, stopwatch, score, write } = pass;
  const { job, reading, appending, worker, split } = request;
  const { binding } = job;
  const table = await ResultTable.create(appending, `results_${worker}_${split.index}`, binding.results);
  try {
    const stream = readBatches({
      connection: reading,
      relation,
      hasFaults,
      binding,
      preparers: request.preparers,
      pathOfShard: (shard) => job.shards[shard].path,
      batchRows: job.batchRows,
      stopwatch,
    });
    for await (const batch of stream) {
      stopwatch.enter('infer');
      const results = score(batch);
      stopwatch.enter('write');
      table.append(batch, results);
      stopwatch.enter('read');
    }
    stopwatch.enter('write');
    table.finish();
    await using after = await afterResults({ job, reading, relation, table: table.name });
    const rows = after?.rows ?? joinedRows(binding, relation, table.name);
    const failed = after?.failed ?? [];
    const written = (await write(partQuery(binding, rows))).rows;
    if (binding.writeWhere === null) return { written, heldBack: 0, failed };
    const [held] = await reading.rows<{ n: bigint }>(heldBackQuery(binding, binding.writeWhere.sql, rows));
    return { written, heldBack: Number(held.n), failed };
  } finally {
    await table.drop();
  }
}
