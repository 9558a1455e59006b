// The rejects of a split: put in order, given their rows' content, and written as JSON Lines.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Connection } from '../core/duckdb.ts';
import type { StagedFile } from '../core/outcome.ts';
import type { Reject } from '../core/split.ts';
import { quoteName, quoteText } from '../core/sql.ts';
import type { ReadPiece } from '../source/source.ts';
import { joined, sameRow } from './join-results.ts';
import type { ScoringJob } from './scoring-job.ts';
import { stagedFile } from './staged-file.ts';

/** The rejects in row order, each with its row as JSON. */
export async function withContent(
  rejects: readonly Reject[],
  connection: Connection,
  { wanted }: ScoringJob,
  relation: string,
  table: string,
  pieces: readonly ReadPiece[],
): Promise<readonly Reject[]> {
  const contents = new Map<string, string>();
  if (rejects.some(({ content }) => content === null)) {
    const names = wanted.map(({ name }) => name);
    const fields = wanted.map(
      ({ name, type }) => `${quoteText(name)}: k.${quoteName(name)}${type.includes('BLOB') ? '::VARCHAR' : ''}`,
    );
    const rows = await connection.rows<{ shard: number; row: number; content: string }>(
      `SELECT r.shard AS shard, r.row AS row, to_json({${fields.join(', ')}})::VARCHAR AS content FROM ${joined(relation, names, table)} WHERE NOT r.scored AND ${sameRow}`,
    );
    for (const { shard, row, content } of rows) contents.set(`${shard}:${row}`, content);
  }
  const order = new Map(pieces.map(({ shard }, index) => [shard, index]));
  const place = ({ shard }: Reject): number => order.get(shard) ?? 0;
  return rejects
    .map((reject) => ({ ...reject, content: reject.content ?? contents.get(`${reject.shard}:${reject.row}`) ?? null }))
    .sort((a, b) => place(a) - place(b) || a.row - b.row);
}

/** Writes the rejects to a file of the staging folder. */
export async function writeRejects(folder: string, name: string, rejects: readonly Reject[]): Promise<StagedFile> {
  const stream = createWriteStream(join(folder, name));
  for (const reject of rejects) stream.write(`${JSON.stringify(reject)}\n`);
  stream.end();
  await finished(stream);
  return stagedFile(folder, name, rejects.length);
}
