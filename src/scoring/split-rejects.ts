// The rejects of a split: put in order, given their rows' content, and written as JSON Lines.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { failureOfIo } from '../core/atomic-file.ts';
import type { StagedFile } from '../core/outcome.ts';
import type { Reject } from '../core/split.ts';
import { quoteName, quoteText } from '../core/sql.ts';
import { type ReadPiece, rowColumn, shardColumn } from '../source/source.ts';
import type { SplitRequest } from './split-request.ts';
import { stagedFile } from './staged-file.ts';

const mostBlobBytes = 64;
const rowsPerStatement = 2048;

/** Bytes as DuckDB writes them; of an image or another large value only the beginning. */
function shownInJson(sql: string, type: string): string {
  if (type !== 'BLOB') return type.includes('BLOB') ? `${sql}::VARCHAR` : sql;
  const beginning = `concat(${sql}[1:${mostBlobBytes}]::VARCHAR, '... (', octet_length(${sql}), ' bytes)')`;
  return `CASE WHEN octet_length(${sql}) > ${mostBlobBytes} THEN ${beginning} ELSE ${sql}::VARCHAR END`;
}

/** The rejects in row order, each with its row as JSON. */
export async function withContent(
  rejects: readonly Reject[],
  request: SplitRequest,
  relation: string,
  pieces: readonly ReadPiece[],
): Promise<readonly Reject[]> {
  const contents = await contentsOf(
    rejects.filter(({ content }) => content === null),
    request,
    relation,
  );
  const order = new Map(pieces.map(({ shard }, index) => [shard, index]));
  const place = ({ shard }: Reject): number => order.get(shard) ?? 0;
  return rejects
    .map((reject) => ({ ...reject, content: reject.content ?? contents.get(`${reject.shard}:${reject.row}`) ?? null }))
    .sort((a, b) => place(a) - place(b) || a.row - b.row);
}

/** The rows of rejects as JSON, by shard and row, out of one more pass over the rows. */
async function contentsOf(
  rejects: readonly Reject[],
  { job, reading, appending, worker, split }: SplitRequest,
  relation: string,
): Promise<ReadonlyMap<string, string>> {
  if (rejects.length === 0) return new Map();
  const places = quoteName(`rejects_${worker}_${split.index}`);
  const fields = job.wanted.map(({ name, type }) => `${quoteText(name)}: ${shownInJson(`k.${quoteName(name)}`, type)}`);
  await appending.run(`CREATE TABLE ${places} (shard INTEGER, row BIGINT)`);
  try {
    for (let from = 0; from < rejects.length; from += rowsPerStatement) {
      const some = rejects.slice(from, from + rowsPerStatement).map(({ shard, row }) => `(${shard}, ${row})`);
      await appending.run(`INSERT INTO ${places} VALUES ${some.join(', ')}`);
    }
    const rows = await reading.rows<{ shard: number; row: bigint; content: string }>(
      `SELECT k.${shardColumn} AS shard, k.${rowColumn} AS row, to_json({${fields.join(', ')}})::VARCHAR AS content
       FROM ${relation} k SEMI JOIN ${places} p ON k.${shardColumn} = p.shard AND k.${rowColumn} = p.row`,
    );
    return new Map(rows.map(({ shard, row, content }) => [`${shard}:${row}`, content]));
  } finally {
    await appending.run(`DROP TABLE ${places}`);
  }
}

/** Writes the rejects to a file of the staging folder. */
export async function writeRejects(folder: string, name: string, rejects: readonly Reject[]): Promise<StagedFile> {
  const path = join(folder, name);
  const stream = createWriteStream(path);
  for (const reject of rejects) stream.write(`${JSON.stringify(reject)}\n`);
  stream.end();
  await finished(stream).catch((error: unknown) => {
    throw failureOfIo('write', path, error);
  });
  return stagedFile(folder, name, rejects.length);
}
