// A small job whose shards are of a chosen format, with rows that tell where they came from.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { Database } from '../../src/core/duckdb-database.ts';
import { quoteText } from '../../src/core/sql.ts';
import { buildModel, floats, input, node, output, tensorOf } from '../model/build-onnx.ts';

export const shardFormats = ['parquet', 'csv', 'csv.gz', 'jsonl', 'arrow'] as const;
export type ShardFormat = (typeof shardFormats)[number];

const float32 = 1;
const rowGroupRows = 2048;

/** Writes a model, y = 2 x, with a row axis of any length. */
export function writeDoubling(path: string): void {
  const graph = [
    node('Mul', ['x', 'two'], ['y']),
    floats('two', [1], [2]),
    input('x', tensorOf(float32, 'N')),
    output('y', tensorOf(float32, 'N')),
  ];
  writeFileSync(path, buildModel({ graph }));
}

/** Rows `id, x = offset + id` of a shard as the bytes of a file. */
export async function shardBytes(format: ShardFormat, ids: readonly number[], offset = 0.5): Promise<Uint8Array> {
  if (format === 'csv') return Buffer.from(`id,x\n${ids.map((id) => `${id},${id + offset}\n`).join('')}`);
  if (format === 'csv.gz') return gzipSync(await shardBytes('csv', ids, offset));
  if (format === 'jsonl') return Buffer.from(ids.map((id) => `{"id":${id},"x":${id + offset}}\n`).join(''));
  if (format === 'arrow') {
    const x = Float32Array.from(ids, (id) => id + offset);
    return tableToIPC(tableFromArrays({ id: Int32Array.from(ids), x }), 'file');
  }
  throw new Error('Parquet is written by writeShard');
}

/** Writes one shard; Parquet in row groups of 2,048 rows. */
export async function writeShard(
  path: string,
  format: ShardFormat,
  ids: readonly number[],
  offset = 0.5,
): Promise<void> {
  if (format !== 'parquet') return writeFileSync(path, await shardBytes(format, ids, offset));
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: '/nowhere' });
  const connection = await database.connect();
  try {
    await connection.run(
      `COPY (SELECT id, (id + ${offset})::FLOAT AS x FROM (SELECT unnest([${ids.join(', ')}]::INTEGER[]) AS id))
       TO ${quoteText(path)} (FORMAT parquet, ROW_GROUP_SIZE ${rowGroupRows})`,
    );
  } finally {
    connection.close();
    database.close();
  }
}

export interface FormatJob {
  readonly shardPaths: readonly string[];
  readonly modelPath: string;
  /** The command line of a run that writes to `out` with the run id `same`. */
  readonly words: (out: string, ...more: readonly string[]) => readonly string[];
}

/** A job with shards of one split each. */
export async function writeFormatJob(
  folder: string,
  format: ShardFormat,
  { shards = 3, rowsPerShard = 50 }: { readonly shards?: number; readonly rowsPerShard?: number } = {},
): Promise<FormatJob> {
  mkdirSync(folder, { recursive: true });
  const modelPath = join(folder, 'double.onnx');
  writeDoubling(modelPath);
  const shardPaths: string[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const path = join(folder, `rows-${shard}.${format}`);
    const ids = Array.from({ length: rowsPerShard }, (_, row) => shard * rowsPerShard + row);
    await writeShard(path, format, ids);
    // A time that utimes can put back exactly.
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    shardPaths.push(path);
  }
  return {
    shardPaths,
    modelPath,
    words: (out, ...more) => [
      ...['run', '--model', modelPath, '--dataset', join(folder, `*.${format}`), '--output', out, '--run-id', 'same'],
      ...['--keep', 'id', '--rows-per-file', String(rowsPerShard), '--workers', '1', ...more],
    ],
  };
}
