// Every file of the Parquet project's own test data: it is read completely, or it is refused for a reason listed here.
// parquet-rows.json holds the row counts that pyarrow gives; incorrect_map_schema, which it refuses, has the count of its footer.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import { rowsOf } from '../../src/core/duckdb-vectors.ts';
import { describeFailure, FailureError } from '../../src/core/failure.ts';
import { parquetSource } from '../../src/source/parquet.ts';
import { explainReadError } from '../../src/source/read-failure.ts';
import { corpora } from '../corpora.ts';
import { csvDefaults, shardAt } from './shards.ts';

const encrypted = 'is an encrypted Parquet file, which cannot be read';
const hadoop = 'is a Parquet file compressed with LZ4 with Hadoop framing, which cannot be read';
const refused: Readonly<Record<string, string>> = {
  'encrypt_columns_and_footer.parquet.encrypted': encrypted,
  'encrypt_columns_and_footer_aad.parquet.encrypted': encrypted,
  'encrypt_columns_and_footer_bloom_filter.parquet.encrypted': encrypted,
  'encrypt_columns_and_footer_ctr.parquet.encrypted': encrypted,
  'encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted': encrypted,
  'external_key_material_java.parquet.encrypted': encrypted,
  'uniform_encryption.parquet.encrypted': encrypted,
  'encrypt_columns_plaintext_footer.parquet.encrypted':
    'is a Parquet file whose column "float_field" is encrypted, which cannot be read',
  'hadoop_lz4_compressed.parquet': hadoop,
  'hadoop_lz4_compressed_larger.parquet': hadoop,
  'non_hadoop_lz4_compressed.parquet': hadoop,
  'byte_stream_split_extended.gzip.parquet':
    'cannot be read: BYTE_STREAM_SPLIT encoding is only supported for FLOAT or DOUBLE data',
  'large_string_map.brotli.parquet':
    'reading it takes more memory than a worker has (failed to allocate data of size 2.0 GiB',
  'map_no_value.parquet': 'cannot be read: MAP_KEY_VALUE requires two children',
  'repeated_no_annotation.parquet': 'is a damaged Parquet file: the footer says 0 rows, and its row groups have 6',
};

async function readWhole(path: string): Promise<number> {
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'parquet-'));
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 30, temporaryFolder });
  const connection = await database.connect();
  const shard = shardAt(path, 'parquet');
  try {
    const [profile] = await parquetSource.profile([shard], { connection, ...csvDefaults, scratchFolder: null });
    const piece = { shard: 0, startRow: 0, endRow: profile.rows, source: shard, path };
    const { columns } = profile;
    const { relation } = await parquetSource.read([piece], { connection, ...csvDefaults, columns, scratchFolder: '' });
    let rows = 0;
    for await (const chunk of connection.stream(`SELECT * FROM ${relation}`)) rows += rowsOf(chunk);
    expect(rows).toBe(profile.rows);
    return rows;
  } catch (error) {
    throw new FailureError(explainReadError(error, [path]));
  } finally {
    connection.close();
    database.close();
    rmSync(temporaryFolder, { recursive: true });
  }
}

/** Rows, or the message of the refusal without the path that it begins with. */
const outcomeOf = (path: string): Promise<number | string> =>
  readWhole(path).catch((error: unknown) => {
    const failure = (error as FailureError).failures[0];
    expect(failure.reason).toMatch(/^shard-/);
    expect(describeFailure(failure).startsWith(`${path}: `)).toBe(true);
    return describeFailure(failure).slice(path.length + 2);
  });

const filesIn = (...folder: readonly string[]): readonly string[] =>
  corpora.available
    ? readdirSync(corpora.path(...folder)).filter(
        (name) => !/\.(bin|md|csv|json)$/.test(name) && statSync(corpora.path(...folder, name)).isFile(),
      )
    : [];

describe.skipIf(!corpora.available)('the test data of the Parquet project', () => {
  const expected = JSON.parse(readFileSync(join(import.meta.dirname, 'parquet-rows.json'), 'utf8'));

  test.each(filesIn('parquet-testing', 'data'))('%s', async (name) => {
    const outcome = await outcomeOf(corpora.path('parquet-testing', 'data', name));
    if (refused[name] === undefined) expect(outcome).toBe(expected[name]);
    else expect(outcome).toContain(refused[name]);
  });
});

describe.skipIf(!corpora.available)('damaged files', () => {
  test.each([
    ['parquet-testing', 'bad_data'],
    ['arrow-testing', 'parquet', 'fuzzing'],
    ['arrow-testing', 'parquet', 'encoding-fuzzing'],
  ])('of %s/%s/%s never crash: they are read whole or refused', { timeout: 60_000 }, async (...folder) => {
    const outcomes: (number | string)[] = [];
    for (const name of filesIn(...folder)) outcomes.push(await outcomeOf(corpora.path(...folder, name)));
    const refusals = outcomes.filter((outcome) => typeof outcome === 'string').length;
    expect(refusals).toBe({ bad_data: 5, fuzzing: 133, 'encoding-fuzzing': 4 }[folder.at(-1)!]);
  });

  test.each([
    ['parquet-corrupt-schema', 'cannot be read'],
    ['parquet-cut', 'without its end'],
    ['parquet-data-overwritten', 'cannot be read'],
    ['parquet-empty-file', 'is empty (0 bytes)'],
    ['parquet-encrypted', 'encrypted'],
    ['parquet-footer-says-0-rows', 'the footer says 0 rows'],
    ['parquet-one-byte-short', 'without its end'],
    ['text-named-parquet', 'is not a Parquet file'],
  ])('%s: %s', async (name, message) => {
    expect(await outcomeOf(corpora.path('refuse', name, 'input.parquet'))).toContain(message);
  });
});
