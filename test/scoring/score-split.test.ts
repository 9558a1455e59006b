// Splits from plan to part, with real files and real models: every row is scored, rejected or filtered, and none is lost.
import { expect, test } from 'vitest';
import { FailureError } from '../../src/core/failure.ts';
import { floats, input, node, output, tensorOf } from '../model/build-onnx.ts';
import { scored } from './scored.ts';

/** y = table[x], which fails beyond 4. */
const lookup = [
  node('Gather', ['table', 'x'], ['y']),
  floats('table', [4], [0, 10, 20, 30]),
  input('x', tensorOf(7, null)),
  output('y', tensorOf(1, null)),
];

test('every row is scored, rejected or filtered; kept columns stay beside their result', async () => {
  const { outcomes, rows, rejects } = await scored({
    shards: [
      `SELECT range AS id, CASE range WHEN 3 THEN NULL WHEN 5 THEN 1e300 ELSE range / 2 END AS a, 'row ' || range AS note FROM range(10)`,
    ],
    job: { inputs: { x: 'a' }, dataset: { where: 'id <> 7 AND id <> 8' } },
  });
  expect(outcomes).toMatchObject([
    { rows: 10, scored: 6, rejected: 2, filtered: 2, part: { rows: 6 }, rejects: { rows: 2 } },
  ]);
  expect(rows).toEqual([0, 1, 2, 4, 6, 9].map((id) => ({ id: BigInt(id), note: `row ${id}`, y: id })));
  expect(rejects).toEqual([
    { shard: 0, row: 3, reason: 'null', column: 'a', message: 'null', content: '{"id":3,"a":null,"note":"row 3"}' },
    {
      shard: 0,
      row: 5,
      reason: 'value-misfit',
      column: 'a',
      message: '1e+300 does not fit float32',
      content: '{"id":5,"a":1e300,"note":"row 5"}',
    },
  ]);
});

test('an expression that fails on a row costs that row', async () => {
  const { outcomes, rows, rejects } = await scored({
    shards: ['SELECT range AS id, range - 2 AS amount FROM range(6)'],
    job: { inputs: { x: 'ln(amount + 1)' } },
  });
  expect(outcomes).toMatchObject([{ rows: 6, scored: 4, rejected: 2 }]);
  expect(rows.map(({ id }) => id)).toEqual([2n, 3n, 4n, 5n]);
  expect(rejects.map(({ row, reason, column }) => [row, reason, column])).toEqual([
    [0, 'null', 'ln(amount + 1)'],
    [1, 'null', 'ln(amount + 1)'],
  ]);
});

test('rows that fail in the model, and rows that ended an engine, are rejects with their content', async () => {
  const { rows, rejects } = await scored({
    shards: ['SELECT range AS x FROM range(4)', 'SELECT range + 2 AS x FROM range(4)'],
    graph: lookup,
    job: { keep: ['x'], inputs: { x: 'x' } },
    crashed: [{ shard: 1, row: 0, reason: 'crashed', cause: 'signal SIGSEGV' }],
  });
  expect(rows).toEqual(
    [
      [0n, 0],
      [1n, 10],
      [2n, 20],
      [3n, 30],
      [3n, 30],
    ].map(([x, y]) => ({ x, y })),
  );
  expect(rejects.map(({ shard, row, reason, content }) => [shard, row, reason, content])).toEqual([
    [1, 0, 'crashed', '{"x":2}'],
    [1, 2, 'inference-failed', '{"x":4}'],
    [1, 3, 'inference-failed', '{"x":5}'],
  ]);
});

test('many rows in many splits give each row its own result, and the same bytes again', async () => {
  const job = { inputs: { x: 'a' }, keep: ['id'], output: { path: '/o', rowsPerFile: 5000 }, run: { batchRows: 1000 } };
  const shards = [
    'SELECT range AS id, (range % 1000)::FLOAT AS a FROM range(12345)',
    'SELECT range AS id, 1::FLOAT AS a FROM range(3)',
    'SELECT range AS id, 2::FLOAT AS a FROM range(0)',
  ];
  const first = await scored({ shards, job });
  expect(first.outcomes.map(({ rows }) => rows)).toEqual([5000, 5000, 2345, 3]);
  expect(first.rows).toHaveLength(12_348);
  expect(
    first.rows.every(({ id, y }, index) =>
      index < 12_345 ? Number(id) === index && y === (index % 1000) * 2 : y === 2,
    ),
  ).toBe(true);
  const again = await scored({ shards, job });
  const bytesOf = ({ outcomes }: typeof first) => outcomes.map(({ part }) => [part.rows, part.bytes]);
  expect(bytesOf(again)).toEqual(bytesOf(first));
});

test('a dataset without rows gives a part with the columns', async () => {
  const { outcomes, plan } = await scored({
    shards: ['SELECT range AS id, 1::FLOAT AS a FROM range(0)'],
    job: { inputs: { x: 'a' } },
  });
  expect(outcomes).toMatchObject([{ rows: 0, scored: 0, part: { rows: 0 }, rejects: null }]);
  expect(plan.columns).toEqual([
    { name: 'id', type: 'BIGINT' },
    { name: 'y', type: 'FLOAT' },
  ]);
});

test('a database that is confined to its folders scores all the same', async () => {
  const { rows } = await scored({
    shards: ['SELECT range AS id, range::FLOAT AS a FROM range(3)'],
    job: { inputs: { x: 'a' }, dataset: { where: 'id > 0' } },
    confined: true,
  });
  expect(rows).toEqual([
    { id: 1n, y: 2 },
    { id: 2n, y: 4 },
  ]);
});

const shards = ["SELECT range AS id, range::FLOAT AS a, CASE range WHEN 9 THEN 'x' ELSE '1' END AS t FROM range(10)"];

test.each([
  ["(select count(*) from read_csv('/etc/passwd')) > 0", 'a subquery could read beyond the row'],
  ["id IN (FROM read_text('/etc/passwd') SELECT 1)", 'a subquery could read beyond the row'],
  ['true) LIMIT (1', 'it is not one SQL expression'],
  ['a > (SELECT avg(a) FROM t)', 'a subquery could read beyond the row'],
  ['random() < 0.5', 'does not depend on the row alone'],
])('the row filter %s is refused before anything is read', async (where, message) => {
  await expect(scored({ shards, job: { inputs: { x: 'a' }, dataset: { where } } })).rejects.toThrow(message);
});

test('a row filter that cannot be told of a row is a failure of the filter, not of the file', async () => {
  const error = await scored({ shards, job: { inputs: { x: 'a' }, dataset: { where: 't::INTEGER = 1' } } }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FailureError);
  expect((error as FailureError).failures).toMatchObject([
    {
      reason: 'expression-invalid',
      where: 'dataset.where',
      sql: 't::INTEGER = 1',
      message: expect.stringContaining("Could not convert string 'x'"),
    },
  ]);
});

/** logits [x, 1 - x, 0.5], for labels and computed columns. */
const logits = [
  node('Gemm', ['x', 'slopes', 'offsets'], ['logits']),
  floats('slopes', [1, 3], [1, -1, 0]),
  floats('offsets', [3], [0, 1, 0.5]),
  input('x', tensorOf(1, null, 1)),
  output('logits', tensorOf(1, null, 3)),
];

test('several columns come from one output, and SQL sees them beside the columns of the row', async () => {
  const labels = ['up', 'down', 'flat'];
  const { rows, plan } = await scored({
    shards: ["SELECT range AS id, range - 1 AS a, 'row ' || range AS note FROM range(3)"],
    graph: logits,
    job: {
      inputs: { x: 'a' },
      keep: ['note'],
      outputs: {
        best: { from: 'logits', apply: 'argmax', labels },
        p: { from: 'logits', apply: 'softmax', labels, pick: { p_flat: 'flat' } },
        top: { from: 'logits', apply: { topk: 2 }, labels },
        logits: { apply: { threshold: 0.5 }, columns: ['a0', 'a1', 'a2'] },
        band: { sql: "best || ' at ' || a::INTEGER" },
        loud: { sql: "upper(band) || case when a0 then '!' else '' end" },
      },
    },
  });
  expect(plan.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'note VARCHAR',
    'best VARCHAR',
    'p_flat FLOAT',
    'top_labels VARCHAR[2]',
    'top_scores FLOAT[2]',
    'a0 BOOLEAN',
    'a1 BOOLEAN',
    'a2 BOOLEAN',
    'band VARCHAR',
    'loud VARCHAR',
  ]);
  const share = (one: number, ...others: readonly number[]) =>
    Math.fround(Math.exp(one) / [one, ...others].reduce((sum, value) => sum + Math.exp(value), 0));
  expect(
    rows.map((row) => ({ ...row, top_labels: String(row.top_labels), top_scores: String(row.top_scores) })),
  ).toEqual([
    {
      note: 'row 0',
      best: 'down',
      p_flat: share(0.5, -1, 2),
      top_labels: "['down', 'flat']",
      top_scores: '[2, 0.5]',
      a0: false,
      a1: true,
      a2: true,
      band: 'down at -1',
      loud: 'DOWN AT -1',
    },
    {
      note: 'row 1',
      best: 'down',
      p_flat: share(0.5, 0, 1),
      top_labels: "['down', 'flat']",
      top_scores: '[1, 0.5]',
      a0: false,
      a1: true,
      a2: true,
      band: 'down at 0',
      loud: 'DOWN AT 0',
    },
    {
      note: 'row 2',
      best: 'up',
      p_flat: share(0.5, 1, 0),
      top_labels: "['up', 'flat']",
      top_scores: '[1, 0.5]',
      a0: true,
      a1: false,
      a2: true,
      band: 'up at 1',
      loud: 'UP AT 1!',
    },
  ]);
});

test('output.where holds rows back that were scored; rejected and filtered rows stay what they are', async () => {
  const { outcomes, rows } = await scored({
    shards: ['SELECT range AS id, CASE range WHEN 4 THEN NULL ELSE range END AS a FROM range(10)'],
    job: {
      inputs: { x: 'a' },
      dataset: { where: 'id <> 7' },
      outputs: { y: {}, big: { sql: 'y > 8' } },
      output: { path: '/o', where: 'big or id = 0' },
    },
  });
  expect(outcomes).toMatchObject([{ rows: 10, scored: 8, rejected: 1, filtered: 1, written: 5, part: { rows: 5 } }]);
  expect(rows).toEqual([0, 5, 6, 8, 9].map((id) => ({ id: BigInt(id), y: id * 2, big: id > 4 })));
});

test('an expression that fails on a row is null there, and a condition that fails does not hold', async () => {
  const { outcomes, rows } = await scored({
    shards: ["SELECT range AS a, CASE range WHEN 1 THEN 'x' ELSE '7' END AS t FROM range(4)"],
    job: {
      inputs: { x: 'a' },
      keep: ['t'],
      outputs: { y: {}, number: { sql: 't::INTEGER' } },
      output: { path: '/o', where: 'y < 3 and t::INTEGER > 0 or y > 5' },
    },
  });
  expect(outcomes).toMatchObject([{ scored: 4, written: 2 }]);
  expect(rows).toEqual([
    { t: '7', y: 0, number: 7 },
    { t: '7', y: 6, number: 7 },
  ]);
  const all = await scored({
    shards: ["SELECT range AS a, CASE range WHEN 1 THEN 'x' ELSE '7' END AS t FROM range(2)"],
    job: { inputs: { x: 'a' }, keep: [], outputs: { y: {}, number: { sql: 'y::INTEGER + a' } } },
  });
  expect(all.rows).toEqual([
    { y: 0, number: 0n },
    { y: 2, number: 3n },
  ]);
});

test('a condition that no row meets leaves a part with the columns and no rows', async () => {
  const { outcomes, rows } = await scored({
    shards: ['SELECT range AS a FROM range(3)'],
    job: { inputs: { x: 'a' }, output: { path: '/o', where: 'y < 0' } },
  });
  expect([outcomes[0].written, outcomes[0].scored, outcomes[0].part.rows, rows]).toEqual([0, 3, 0, []]);
});
