// Columns that are carried along keep their exact types and values: every type that Parquet has, nulls and extremes included,
// compared by pyarrow before and after.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { buildModel, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { python } from '../python.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { resultOf } from './result.ts';

const write = `
import datetime, decimal, sys, uuid
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
D = decimal.Decimal
day = datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)
columns = {
    'int8': pa.array([-128, None, 127], pa.int8()),
    'int16': pa.array([-2**15, None, 2**15 - 1], pa.int16()),
    'int32': pa.array([-2**31, None, 2**31 - 1], pa.int32()),
    'int64': pa.array([-2**63, None, 2**63 - 1], pa.int64()),
    'uint8': pa.array([0, None, 255], pa.uint8()),
    'uint16': pa.array([0, None, 2**16 - 1], pa.uint16()),
    'uint32': pa.array([0, None, 2**32 - 1], pa.uint32()),
    'uint64': pa.array([2**53 + 1, None, 2**64 - 1], pa.uint64()),
    'float': pa.array([-0.0, None, float('nan')], pa.float32()),
    'double': pa.array([5e-324, None, float('-inf')], pa.float64()),
    'bool': pa.array([True, None, False]),
    'text': pa.array(['', None, 'Zürich 🏔 "a"\\n'], pa.string()),
    'blob': pa.array([b'', None, bytes([0, 255, 34])], pa.binary()),
    'decimal_9_2': pa.array([D('-9999999.99'), None, D('0.01')], pa.decimal128(9, 2)),
    'decimal_18_3': pa.array([D('999999999999999.999'), None, D('-0.001')], pa.decimal128(18, 3)),
    'decimal_38_10': pa.array([D('9999999999999999999999999999.9999999999'), None, D('0E-10')], pa.decimal128(38, 10)),
    'date': pa.array([datetime.date(1, 1, 1), None, datetime.date(9999, 12, 31)], pa.date32()),
    'time': pa.array([datetime.time(0, 0), None, datetime.time(23, 59, 59, 999999)], pa.time64('us')),
    'timestamp_us': pa.array([day, None, datetime.datetime(2261, 1, 1)], pa.timestamp('us')),
    'timestamp_ns': pa.array([-1, None, 2**62 + 1], pa.timestamp('ns')),
    'timestamp_utc': pa.array([day, None, datetime.datetime(2261, 1, 1)], pa.timestamp('us', tz='UTC')),
    'list': pa.array([[1, None], None, []], pa.list_(pa.int64())),
    'lists': pa.array([[['a'], None, []], None, []], pa.list_(pa.list_(pa.string()))),
    'struct': pa.array([{'a': 1, 'b': {'c': 'x'}}, None, {'a': None, 'b': None}], pa.struct([('a', pa.uint64()), ('b', pa.struct([('c', pa.string())]))])),
    'map': pa.array([[('k', 1), ('l', None)], None, []], pa.map_(pa.string(), pa.int32())),
    'structs': pa.array([[{'d': D('1.50')}], None, [None]], pa.list_(pa.struct([('d', pa.decimal128(10, 2))]))),
    'dictionary': pa.array(['a', None, 'b']).dictionary_encode(),
    'nothing': pa.array([None, None, None], pa.string()),
    'strange "name", with all': pa.array([1, 2, 3], pa.int64()),
    'x': pa.array([1.0, 2.0, 3.0], pa.float32()),
}
pq.write_table(pa.table(columns), sys.argv[1], store_schema=False)
wider = {
    'time_ms': pa.array([datetime.time(1, 2, 3, 4000), None, datetime.time(0, 0)], pa.time32('ms')),
    'timestamp_ms': pa.array([day.replace(microsecond=999000), None, datetime.datetime(2261, 1, 1)], pa.timestamp('ms')),
    'half': pa.array(np.array([1.5, 0, 65504], np.float16)),
    'fixed_bytes': pa.array([bytes(5), None, b'abcde'], pa.binary(5)),
    'x': columns['x'],
}
pq.write_table(pa.table(wider), sys.argv[3], store_schema=False)
uuid_table = pa.table({'uuid': pa.array([uuid.UUID(int=1).bytes, None, uuid.UUID(int=2**128 - 1).bytes], pa.uuid() if hasattr(pa, 'uuid') else pa.binary(16)), 'x': columns['x']})
pq.write_table(uuid_table, sys.argv[2], store_schema=False)
`;

import { runCli } from '../run-cli.ts';

/** One line for every column that differs in type or value; NaN equals NaN, as bits are compared. */
const compare = `
import sys
import pyarrow as pa, pyarrow.parquet as pq
before, after = pq.ParquetFile(sys.argv[1]).read(), pq.ParquetFile(sys.argv[2]).read()
def plain(kind):
    if pa.types.is_dictionary(kind): return kind.value_type
    return kind
def text(array):
    kind = plain(array.type)
    if pa.types.is_timestamp(kind): array, kind = array.cast(pa.timestamp(kind.unit)), pa.int64()
    return repr(array.to_pylist() if pa.types.is_nested(kind) else array.cast(kind).to_pylist())
for name in before.column_names:
    if name == 'x': continue
    if name not in after.column_names:
        print(name, 'is gone'); continue
    one, other = before[name].combine_chunks(), after[name].combine_chunks()
    if plain(one.type) != plain(other.type): print(name, 'is', other.type, 'and was', one.type)
    elif text(one) != text(other): print(name, 'is', text(other), 'and was', text(one))
`;

describe.skipIf(!python.available)('kept columns of a Parquet file', () => {
  const files = () => {
    const here = temporaryFolder();
    const [all, uuid, wider] = ['all', 'uuid', 'wider'].map((name) => join(here, `${name}.parquet`));
    python.run(write, all, uuid, wider);
    return { all, uuid, wider, model: writeModel(here), out: join(here, 'out') };
  };
  const differences = (before: string, out: string): readonly string[] =>
    python
      .run(compare, before, join(out, resultOf(out).partNames()[0]))
      .split('\n')
      .filter((line) => line !== '');

  test.for(['zstd', 'snappy'])('keep types and values, compressed with %s', async (compression) => {
    const { all, model, out } = files();
    const words = ['run', '--model', model, '--dataset', all, '--output', out, '--compression', compression];
    const { exitCode, stderr } = await runCli([...words, '--quiet']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(differences(all, out)).toEqual([]);
    expect((await resultOf(out).rows()).map(({ y }) => y)).toEqual([-1, -2, -3]);
  });

  test('keep UUIDs', async () => {
    const { uuid, model, out } = files();
    const { exitCode, stderr } = await runCli(['run', '--model', model, '--dataset', uuid, '--output', out, '--quiet']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(differences(uuid, out)).toEqual([]);
  });

  test('keep values in the next wider type where DuckDB has no such type', async () => {
    const { wider, model, out } = files();
    const { exitCode, stderr } = await runCli([
      'run',
      '--model',
      model,
      '--dataset',
      wider,
      '--output',
      out,
      '--quiet',
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(differences(wider, out)).toEqual([
      'time_ms is time64[us] and was time32[ms]',
      'timestamp_ms is timestamp[us] and was timestamp[ms]',
      'half is float and was halffloat',
      'fixed_bytes is binary and was fixed_size_binary[5]',
    ]);
    const { half, time_ms: time, fixed_bytes: bytes } = (await resultOf(out).rows())[2];
    expect({ half, time: String(time), bytes: Buffer.from(bytes as Uint8Array).toString() }).toEqual({
      half: 65504,
      time: '0',
      bytes: 'abcde',
    });
  });
});

test('a column that cannot be written unchanged is refused by name', async () => {
  const here = temporaryFolder();
  const dataset = join(here, 'interval.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT INTERVAL 1 DAY AS term, 1::FLOAT AS x) TO '${dataset}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const words = ['run', '--model', writeModel(here), '--dataset', dataset, '--output', join(here, 'out'), '--quiet'];
  const { exitCode, stderr } = await runCli(words);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 78,
    stderr:
      'error: keep: column "term" is INTERVAL, which cannot be written to Parquet unchanged; leave it out of keep\n',
  });
  expect(existsSync(join(here, 'out'))).toBe(false);
});

/** y = -x, one value a row. */
function writeModel(folder: string): string {
  const path = join(folder, 'model.onnx');
  const x = tensorOf(1, null, 1);
  writeFileSync(path, buildModel({ graph: [node('Neg', ['x'], ['y']), input('x', x), output('y', x)] }));
  return path;
}
