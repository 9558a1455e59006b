// Files of apache-arrow's JavaScript writer, which puts the schema into the footer and nowhere else; pyarrow reads them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Bool,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  List,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Database } from '../../src/core/duckdb-database.ts';
import { describeFailure, type FailureError } from '../../src/core/failure.ts';
import { arrowSource } from '../../src/source/arrow.ts';
import { profileShards } from '../../src/source/open.ts';
import { python } from '../python.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { csvDefaults, shardAt } from './shards.ts';

const city = new Dictionary(new Utf8(), new Int16());
const columns = {
  id: vectorFromArray([1n, 2n, 2n ** 60n, null], new Int64()),
  x: vectorFromArray([0.5, null, -1, 2], new Float64()),
  city: vectorFromArray(['Oslo', 'Rome', 'Oslo', null], city),
  ok: vectorFromArray([true, false, null, true], new Bool()),
  pair: vectorFromArray([[1, 2], [3, 4], [5, 6], null], new FixedSizeList(2, new Field('item', new Float32()))),
  tags: vectorFromArray([['a', 'b'], [], null, ['c']], new List(new Field('item', new Utf8()))),
  at: vectorFromArray(
    [0, 1000, null, 86_400_000].map((ms) => (ms === null ? null : new Date(ms))),
    new TimestampMillisecond(),
  ),
  point: vectorFromArray([{ a: 1 }, { a: 2 }, null, { a: 4 }], new Struct([new Field('a', new Int32())])),
};
const types = {
  id: 'BIGINT',
  x: 'DOUBLE',
  city: 'VARCHAR',
  ok: 'BOOLEAN',
  pair: 'FLOAT[2]',
  tags: 'VARCHAR[]',
  at: 'TIMESTAMP_MS',
  point: 'STRUCT(a INTEGER)',
};
const rows = [
  '{"id":1,"x":0.5,"city":"Oslo","ok":true,"pair":[1.0,2.0],"tags":["a","b"],"at":"1970-01-01 00:00:00","point":{"a":1}}',
  '{"id":2,"x":null,"city":"Rome","ok":false,"pair":[3.0,4.0],"tags":[],"at":"1970-01-01 00:00:01","point":{"a":2}}',
  '{"id":1152921504606846976,"x":-1.0,"city":"Oslo","ok":null,"pair":[5.0,6.0],"tags":null,"at":null,"point":null}',
  '{"id":null,"x":2.0,"city":null,"ok":true,"pair":null,"tags":["c"],"at":"1970-01-02 00:00:00","point":{"a":4}}',
];

async function readBack(path: string) {
  const folder = join(path, '../duckdb');
  mkdirSync(folder, { recursive: true });
  const database = await Database.open({ threads: 1, memoryBytes: 2 ** 28, temporaryFolder: folder });
  const connection = await database.connect();
  onTestFinished(() => {
    connection.close();
    database.close();
  });
  const shard = shardAt(path, 'arrow');
  const [profile] = await profileShards([shard], { connection, ...csvDefaults, scratchFolder: null });
  const piece = { shard: 0, startRow: 0, endRow: profile.rows, path, source: shard };
  await using read = await arrowSource.read([piece], {
    connection,
    ...csvDefaults,
    columns: profile.columns,
    scratchFolder: folder,
  });
  const names = profile.columns.map(({ name }) => `"${name}"`).join(', ');
  const found =
    names === ''
      ? []
      : await connection.rows<{ row: string }>(
          `SELECT to_json(r)::VARCHAR AS "row" FROM (SELECT ${names} FROM ${read.relation}) AS r`,
        );
  return {
    types: Object.fromEntries(profile.columns.map(({ name, type }) => [name, type])),
    rows: found.map(({ row }) => row),
    starts: profile.starts.map(({ row }) => row),
  };
}

function written(name: string, table: Table): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, tableToIPC(table, 'file'));
  return path;
}

describe('an Arrow file with its schema in the footer alone', () => {
  test('is read with every type, nulls and dictionaries', async () => {
    const path = written('all.arrow', new Table(columns));
    expect(await readBack(path)).toEqual({ types, rows, starts: [0] });
  });

  test('is read in several record batches', async () => {
    const table = new Table(columns);
    const path = written('batches.arrow', table.slice(0, 3).concat(table.slice(3)));
    expect(await readBack(path)).toEqual({ types, rows, starts: [0, 3] });
  });

  test('is read when it has no rows', async () => {
    const schema = new Schema([new Field('x', new Float32())]);
    expect(await readBack(written('none.arrow', new Table(schema)))).toEqual({
      types: { x: 'FLOAT' },
      rows: [],
      starts: [0],
    });
  });

  test.skipIf(!python.available || !python.has('pyarrow'))('has the rows that pyarrow reads from it', () => {
    const path = written('all.arrow', new Table({ x: columns.x, city: columns.city, pair: columns.pair }));
    const script = `
import json, sys, pyarrow as pa
print(json.dumps(pa.ipc.open_file(sys.argv[1]).read_all().to_pylist()))`;
    const found = python.run(script, path);
    expect(JSON.parse(found)).toEqual(
      rows.map((row) => {
        const { x, city, pair } = JSON.parse(row);
        return { x, city, pair };
      }),
    );
  });

  test('is refused when it is cut or its footer is damaged anywhere, or read as it was written', async () => {
    const path = written('damaged.arrow', new Table({ x: columns.x, city: columns.city }));
    const whole = tableToIPC(new Table({ x: columns.x, city: columns.city }), 'file');
    const footerBytes = Buffer.from(whole).readInt32LE(whole.length - 10);
    const wanted = await readBack(path);
    let refused = 0;
    for (let at = whole.length - 10 - footerBytes; at < whole.length; at += 7) {
      const bytes = Uint8Array.from(whole);
      bytes[at] ^= 0x55;
      writeFileSync(path, bytes);
      const outcome = await readBack(path).catch((error: FailureError) => describeFailure(error.failures[0]));
      if (typeof outcome === 'string') refused++;
      // A letter of a column's name, or a bit that nobody looks at.
      else if (Object.keys(outcome.types).join() === 'x,city') expect(outcome.rows.length).toBe(wanted.rows.length);
    }
    expect(refused).toBeGreaterThan(footerBytes / 7 / 4);
  });
});
