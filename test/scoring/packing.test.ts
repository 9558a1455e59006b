// Columns that DuckDB packs into rows: the tensors are those of columns one by one, and a value that a cast would change is
// never scored.
import { expect, test } from 'vitest';
import { packingOf } from '../../src/scoring/packing.ts';
import { input, node, output, tensorOf } from '../model/build-onnx.ts';
import { inputOf } from './batches.ts';
import { scored } from './scored.ts';

/** y = x, rows of `width` values. */
const echo = (width: number, elementType = 1) => [
  node('Identity', ['x'], ['y']),
  input('x', tensorOf(elementType, null, width)),
  output('y', tensorOf(elementType, null, width)),
];

const valuesOf = ({ rows }: Awaited<ReturnType<typeof scored>>): unknown[] =>
  rows.map(({ y }) => [...(y as { items: readonly unknown[] }).items]);

const mixed = `SELECT range AS id, (CASE WHEN range = 7 THEN '-0.0' WHEN range = 8 THEN 'nan' WHEN range = 9 THEN '-inf' ELSE (range / 7)::VARCHAR END)::FLOAT AS a,
  (range * 1.1 - 1e-40)::DOUBLE AS b, (range - 2500)::INTEGER AS c, (range % 100)::SMALLINT AS d, range % 2 = 0 AS e, (-range)::BIGINT AS f FROM range(5000)`;
const columns = ['a', 'b', 'c', 'd', 'e', 'f'];

test('packed columns of six types give the values of the columns, rounded to floats', async () => {
  const packed = await scored({ shards: [mixed], graph: echo(6), job: { inputs: { x: columns }, keep: ['id'] } });
  expect(packed.outcomes).toMatchObject([{ rows: 5000, scored: 5000, rejected: 0 }]);
  expect(packed.plan.binding.inputs.map(packingOf)).toMatchObject([{ type: 'FLOAT[]', checked: [2, 5] }]);
  const special: Readonly<Record<number, number>> = { 7: -0, 8: Number.NaN, 9: Number.NEGATIVE_INFINITY };
  expect(valuesOf(packed)).toEqual(
    Array.from({ length: 5000 }, (_, row) => [
      special[row] ?? Math.fround(row / 7),
      Math.fround(row * 1.1 - 1e-40),
      row - 2500,
      row % 100,
      row % 2 === 0 ? 1 : 0,
      row === 0 ? 0 : -row,
    ]),
  );
});

test('packed columns give what columns give that pass through a table', async () => {
  const job = { inputs: { x: columns }, keep: ['id'], dataset: { where: 'id % 3 <> 1' }, rejects: { nulls: 'nan' } };
  const shards = [mixed.replace('(range - 2500)', 'nullif(range, 77)')];
  const packed = await scored({ shards, graph: echo(6), job });
  const gathered = await scored({ shards, graph: echo(6), job: { ...job, run: { batchRows: 1000 } } });
  expect(packed.plan.isOnePass).toBe(true);
  expect(gathered.plan.isOnePass).toBe(false);
  expect(packed.rows).toEqual(gathered.rows);
  expect(packed.rows).toHaveLength(3333);
});

test('a null among packed values is NaN or costs its row, in the name of its first column', async () => {
  const shards = [
    'SELECT range AS id, nullif(range, 2)::FLOAT AS a, CASE WHEN range IN (2, 4) THEN NULL ELSE range END AS b FROM range(6)',
  ];
  const filled = await scored({
    shards,
    graph: echo(2),
    job: { inputs: { x: ['a', 'b'] }, rejects: { nulls: 'nan' } },
  });
  expect(valuesOf(filled)).toEqual([0, 1, Number.NaN, 3, 4, 5].map((a) => [a, a === 4 ? Number.NaN : a]));
  const rejected = await scored({ shards, graph: echo(2), job: { inputs: { x: ['a', 'b'] } } });
  expect(rejected.outcomes).toMatchObject([{ rows: 6, scored: 4, rejected: 2 }]);
  expect(rejected.rejects.map(({ row, reason, column }) => [row, reason, column])).toEqual([
    [2, 'null', 'a'],
    [4, 'null', 'b'],
  ]);
});

test('a whole number that a float cannot hold costs its row, one that it can hold does not, and no row is counted twice', async () => {
  const shards = [
    'SELECT range AS id, 0.5::FLOAT AS a, (CASE range WHEN 4000 THEN 16777217 WHEN 4001 THEN 16777218 ELSE range END)::BIGINT AS b FROM range(4096)',
    'SELECT range AS id, 0.5::FLOAT AS a, range AS b FROM range(10)',
  ];
  const { outcomes, rows, rejects } = await scored({
    shards,
    graph: echo(2),
    job: { inputs: { x: ['a', 'b'] }, keep: ['id'], output: { path: '/o', rowsPerFile: 4096 } },
  });
  expect(outcomes).toMatchObject([
    { rows: 4096, scored: 4095, rejected: 1, batches: 2 },
    { rows: 10, scored: 10, rejected: 0, batches: 1 },
  ]);
  expect(rejects).toMatchObject([
    { row: 4000, reason: 'value-misfit', column: 'b', message: '16777217 does not fit float32 without loss' },
  ]);
  expect((rows[4000].y as { items: unknown }).items).toEqual([0.5, 16777218]);
});

test('a double beyond the floats costs its row', async () => {
  const { outcomes, rejects } = await scored({
    shards: ['SELECT range AS id, 1::FLOAT AS a, (CASE range WHEN 3 THEN 1e300 ELSE 1 END)::DOUBLE AS b FROM range(5)'],
    graph: echo(2),
    job: { inputs: { x: ['a', 'b'] } },
  });
  expect(outcomes).toMatchObject([{ scored: 4, rejected: 1 }]);
  expect(rejects).toMatchObject([{ row: 3, column: 'b', message: '1e+300 does not fit float32' }]);
});

test('constants, which DuckDB stores once for all rows, are the values of every row', async () => {
  const { rows } = await scored({
    shards: ['SELECT range AS id FROM range(3000)'],
    graph: echo(3),
    job: { inputs: { x: ['1.5::FLOAT', '2::FLOAT', '-1::FLOAT'] }, keep: ['id'] },
  });
  expect(rows).toHaveLength(3000);
  expect(new Set(valuesOf({ rows } as never).map(String))).toEqual(new Set(['1.5,2,-1']));
});

test('64-bit integers and doubles are packed without loss', async () => {
  const whole = await scored({
    shards: ['SELECT 9007199254740993 + range AS a, (-range)::TINYINT AS b FROM range(3)'],
    graph: echo(2, 7),
    job: { inputs: { x: ['a', 'b'] } },
  });
  expect(valuesOf(whole)).toEqual([0n, 1n, 2n].map((row) => [9007199254740993n + row, -row]));
  const doubles = await scored({
    shards: ['SELECT 0.1::DOUBLE AS a, 9007199254740993 - range AS b FROM range(2)'],
    graph: echo(2, 11),
    job: { inputs: { x: ['a', 'b'] } },
  });
  expect(valuesOf(doubles)).toEqual([[0.1, 9007199254740992]]);
  expect(doubles.rejects).toMatchObject([{ row: 0, message: '9007199254740993 does not fit float64 without loss' }]);
});

test('a row filter that fails is told of, not taken for a cast of packing', async () => {
  await expect(
    scored({
      shards: ["SELECT range AS id, 1::FLOAT AS a, 2::FLOAT AS b, 'x' || range AS note FROM range(5)"],
      graph: echo(2),
      job: { inputs: { x: ['a', 'b'] }, dataset: { where: 'note::INTEGER > 1' } },
    }),
  ).rejects.toMatchObject({ failures: [{ reason: 'expression-invalid' }] });
});

test('lists, single columns, texts and types that may lose a value unseen are not packed', () => {
  expect(packingOf(inputOf('float32', { a: 'FLOAT[]' }))).toBeNull();
  expect(packingOf(inputOf('float32', { a: 'FLOAT' }))).toBeNull();
  expect(packingOf(inputOf('string', { a: 'VARCHAR', b: 'VARCHAR' }))).toBeNull();
  expect(packingOf(inputOf('int32', { a: 'INTEGER', b: 'BIGINT' }))).toBeNull();
  expect(packingOf(inputOf('int64', { a: 'BIGINT', b: 'DOUBLE' }))).toBeNull();
  expect(packingOf(inputOf('float16', { a: 'FLOAT', b: 'FLOAT' }))).toBeNull();
});
